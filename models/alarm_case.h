#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/advance.h"
#include "models/fault.h"

namespace auscult::models {

// What a case is about. Stored: never reuse a number.
enum class CaseKind : unsigned char {
  kMachine = 1,      // the machine is ill
  kSensor = 2,       // its records must not be judged
  kMissingData = 3,  // no record for longer than the point allows
  kProcess = 4,      // its process readings left their baseline
};

// What one source says of its asset: a point, or (point_id 0) the process readings. `condition` is
// that of the source: kAlert and kAlarm ask for a case; kLearning, kNormal and kWatch ask for none
// any more; every other condition (stopped, starting, unscorable, stale) says nothing and moves
// nothing. Sensor and missing-data reports ask with kAlert and release with kNormal.
struct CaseReport {
  CaseKind kind = CaseKind::kMachine;
  int64_t point_id = 0;
  Condition condition = Condition::kNormal;
  Fault fault = Fault::kOther;  // of a machine report that asks; one that names none is kOther
  int64_t measured_at_us = 0;
  std::string summary;  // what is wrong and why, one sentence
  std::string detail;   // JSON with the evidence, "" without
};

constexpr bool AsksForCase(Condition condition) {
  return condition == Condition::kAlert || condition == Condition::kAlarm;
}
constexpr bool ReleasesCase(Condition condition) {
  return condition == Condition::kLearning || condition == Condition::kNormal ||
         condition == Condition::kWatch;
}

// A source that asks for a case, how urgently, and whether it named the fault itself: kOther if
// not.
struct CaseHold {
  int64_t point_id = 0;
  Condition condition = Condition::kAlert;
  Fault fault = Fault::kOther;
  bool operator==(const CaseHold&) const = default;
};

// A case of an asset as far as reports move it. Open while `closed_at_us` is unset. One that
// somebody closed while sources still asked for it keeps their holds: until they recover, get worse
// or name another fault, they open no further case.
struct AlarmCase {
  int64_t alarm_id = 0;  // 0: not stored yet
  CaseKind kind = CaseKind::kMachine;
  Fault fault = Fault::kOther;
  Condition condition = Condition::kAlert;  // the worst of the holds; kNormal once recovered
  Condition worst_condition = Condition::kAlert;
  std::vector<CaseHold> holds;   // of each source that asks for it now
  std::vector<int64_t> sources;  // that ever did
  std::string summary, detail;   // of the report that last opened, worsened or named it
  int64_t opened_at_us = 0, updated_at_us = 0;
  std::optional<int64_t> closed_at_us;
  // What it was when somebody shelved it; unset while it is not shelved. One that gets worse than
  // that is no longer shelved.
  std::optional<Condition> shelved_condition;
  bool operator==(const AlarmCase&) const = default;
};

enum class CaseAction : unsigned char { kOpened, kWorse, kRenamed, kRecovered };
std::string_view CaseActionName(CaseAction action);  // "opened", "worse", "renamed", "recovered"

// Something of a case that is worth a note.
struct CaseEvent {
  size_t place = 0;  // of the case in `cases`
  CaseAction action = CaseAction::kOpened;
  std::string text;
};

// What a report does to the cases of its asset, which are all that have holds, in the order of
// their numbers; new ones are appended, none is removed. Pure. Answers what deserves a note; a
// source may join or leave a case without one. A report that says nothing new leaves all as it is.
//
// One case for an asset, kind and fault: sources that ask for the same one share it. A machine that
// departs in a way nobody names joins the case its point holds, or else the worst that is open; and
// the first diagnosis that names the fault sharpens an open case of kOther in place of opening a
// second one, so that kOther and a named fault are never open beside each other. A source holds
// every case of a fault that it named until it recovers, since a bearing may have two faults; one
// that it joined without naming it, until it names another. A case recovers when its last source
// leaves.
std::vector<CaseEvent> ApplyReport(const CaseReport& report, std::vector<AlarmCase>& cases);

// Judging a sensor by its records in a row: positive are records that must not be judged, negative
// ones that can be. Neither leaves +-kSensorRecords, where a case opens and where it closes.
inline constexpr int kSensorRecords = 3;
int NextSensorRun(int run, bool unscorable);

}  // namespace auscult::models
