#include "models/alarm_case.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace auscult::models {
namespace {

Fault FaultAskedFor(const CaseReport& report) {
  if (report.kind == CaseKind::kMachine) {
    return NamesFault(report.fault) ? report.fault : Fault::kOther;
  }
  return report.kind == CaseKind::kProcess ? Fault::kOther : Fault::kUnscorable;
}

// The cases of one asset while a report is applied.
class Docket {
 public:
  Docket(const CaseReport& report, std::vector<AlarmCase>& cases)
      : report_(report), fault_(FaultAskedFor(report)), cases_(cases) {}

  std::vector<CaseEvent> Release() {
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (cases_[i].kind == report_.kind && IsHeld(cases_[i])) Leave(i);
    }
    return std::move(events_);
  }

  std::vector<CaseEvent> Ask() {
    // Whatever the source holds already follows its condition.
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (IsOpen(cases_[i]) && IsHeld(cases_[i])) Hold(i);
    }
    if (!IsQuiet()) {
      const size_t place = CaseToJoin();
      if (place < cases_.size()) {
        Join(place);
      } else {
        Open();
      }
    }
    if (fault_ != Fault::kOther) LeaveUnnamed();
    return std::move(events_);
  }

 private:
  bool IsOpen(const AlarmCase& which) const {
    return which.kind == report_.kind && !which.closed_at_us;
  }

  std::vector<CaseHold>::iterator HoldIn(AlarmCase& held) const {
    return std::find_if(held.holds.begin(), held.holds.end(),
                        [&](const CaseHold& hold) { return hold.point_id == report_.point_id; });
  }

  bool IsHeld(AlarmCase& which) const { return HoldIn(which) != which.holds.end(); }

  static Condition WorstOf(const AlarmCase& held) {
    return std::max_element(
               held.holds.begin(), held.holds.end(),
               [](const CaseHold& a, const CaseHold& b) { return a.condition < b.condition; })
        ->condition;
  }

  // The open case that the report belongs to; cases_.size() without.
  size_t CaseToJoin() {
    size_t best = cases_.size();
    const auto rank = [&](size_t place) {
      AlarmCase& open = cases_[place];
      const bool held = IsHeld(open);
      // A name beats none; who names none stays where it is, or goes to the worst.
      return std::array<int, 3>{open.fault == fault_, held, static_cast<int>(open.condition)};
    };
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (!IsOpen(cases_[i])) continue;
      const bool fits =
          cases_[i].fault == fault_ || fault_ == Fault::kOther || cases_[i].fault == Fault::kOther;
      if (fits && (best == cases_.size() || rank(i) > rank(best))) best = i;
    }
    return best;
  }

  void Join(size_t place) {
    Hold(place);
    AlarmCase& joined = cases_[place];
    if (joined.fault == Fault::kOther && fault_ != Fault::kOther) {
      joined.fault = fault_;
      Describe(joined);
      Note(place, CaseAction::kRenamed);
    }
    if (fault_ != Fault::kOther) HoldIn(joined)->fault = fault_;
    LeaveClosed();
  }

  void Hold(size_t place) {
    AlarmCase& held = cases_[place];
    if (!IsHeld(held)) held.holds.push_back({.point_id = report_.point_id});
    if (std::find(held.sources.begin(), held.sources.end(), report_.point_id) ==
        held.sources.end()) {
      held.sources.push_back(report_.point_id);
    }
    HoldIn(held)->condition = report_.condition;
    const Condition before = held.condition;
    held.condition = WorstOf(held);
    held.worst_condition = std::max(held.worst_condition, held.condition);
    if (held.shelved_condition && held.condition > *held.shelved_condition) {
      held.shelved_condition.reset();
    }
    if (held.condition > before) {
      Describe(held);
      Note(place, CaseAction::kWorse);
    }
  }

  // Somebody closed the case of what the source still asks for, and it is no worse since.
  bool IsQuiet() {
    return std::any_of(cases_.begin(), cases_.end(), [&](AlarmCase& closed) {
      if (closed.kind != report_.kind || !closed.closed_at_us) return false;
      const auto hold = HoldIn(closed);
      return hold != closed.holds.end() && hold->condition >= report_.condition &&
             (closed.fault == fault_ || fault_ == Fault::kOther);
    });
  }

  void Open() {
    LeaveClosed();
    AlarmCase opened;
    opened.kind = report_.kind;
    opened.fault = fault_;
    opened.condition = opened.worst_condition = report_.condition;
    opened.sources = {report_.point_id};
    opened.holds = {{report_.point_id, report_.condition, fault_}};
    opened.opened_at_us = opened.updated_at_us = report_.measured_at_us;
    Describe(opened);
    cases_.push_back(std::move(opened));
    Note(cases_.size() - 1, CaseAction::kOpened);
  }

  // A closed case no longer speaks for a source that holds an open one of its fault.
  void LeaveClosed() {
    for (AlarmCase& closed : cases_) {
      const bool fits =
          closed.kind == report_.kind && closed.closed_at_us && closed.fault == fault_;
      if (fits && IsHeld(closed)) closed.holds.erase(HoldIn(closed));
    }
  }

  // A source that names its fault leaves what it joined because it had no name for it.
  void LeaveUnnamed() {
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (IsOpen(cases_[i]) && IsHeld(cases_[i]) && HoldIn(cases_[i])->fault == Fault::kOther) {
        Leave(i);
      }
    }
  }

  void Leave(size_t place) {
    AlarmCase& left = cases_[place];
    left.holds.erase(HoldIn(left));
    if (left.closed_at_us) return;
    if (!left.holds.empty()) {
      left.condition = WorstOf(left);
      return;
    }
    left.condition = Condition::kNormal;
    left.closed_at_us = std::max(left.opened_at_us, report_.measured_at_us);
    Note(place, CaseAction::kRecovered);
  }

  void Describe(AlarmCase& described) const {
    described.summary = report_.summary;
    described.detail = report_.detail;
  }

  void Note(size_t place, CaseAction action) {
    events_.push_back({place, action, report_.summary});
  }

  const CaseReport& report_;
  const Fault fault_;
  std::vector<AlarmCase>& cases_;
  std::vector<CaseEvent> events_;
};

}  // namespace

std::string_view CaseActionName(CaseAction action) {
  constexpr std::array<std::string_view, 4> kNames = {"opened", "worse", "renamed", "recovered"};
  return kNames[static_cast<size_t>(action)];
}

std::vector<CaseEvent> ApplyReport(const CaseReport& report, std::vector<AlarmCase>& cases) {
  const bool releases = ReleasesCase(report.condition);
  if (!releases && !AsksForCase(report.condition)) return {};
  const std::vector<AlarmCase> before = cases;
  Docket docket(report, cases);
  std::vector<CaseEvent> events = releases ? docket.Release() : docket.Ask();
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].closed_at_us || cases[i] == before[i]) continue;
    cases[i].updated_at_us = std::max(cases[i].updated_at_us, report.measured_at_us);
  }
  return events;
}

int NextSensorRun(int run, bool unscorable) {
  return unscorable ? std::clamp(run, 0, kSensorRecords - 1) + 1
                    : std::clamp(run, 1 - kSensorRecords, 0) - 1;
}

}  // namespace auscult::models
