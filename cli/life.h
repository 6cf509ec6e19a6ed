#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/labelled_record.h"
#include "models/advance.h"
#include "models/point_model.h"

namespace auscult::cli {

// Files of one point in their order of time, each with one record or many.
struct LifeFiles {
  std::string name;  // "FEMTO/PRONOSTIA Bearing1_1"
  std::string manifest;
  int line = 0;  // of the first row
  std::vector<LabelledRecord> records;
};

// How a point went through its records: learnt, scored and advanced one after the other, as the
// server does. Shares are of the number of records, the last one being 1; nothing where it never
// happened.
struct Life {
  std::string name;
  Truth truth;
  std::string manifest;
  int line = 0;
  int64_t records = 0;
  int64_t not_scored = 0;  // unscorable, stopped or starting
  double days = 0;         // from the first record to the last
  std::optional<double> learnt;
  std::optional<double> first_watch, first_alert, first_alarm;
  std::optional<double> below_20;  // health index, first time
  int alerts = 0;                  // entries into alert or alarm from a milder condition
  int alarms = 0;                  // entries into alarm
  int early_alarms = 0;            // of those, within the first tenth of the records
  int64_t accused = 0;             // records whose own verdict names a fault
  float health_at_end = features::kNotKnown;
  models::Condition condition_at_end = models::Condition::kLearning;
};

// The records that belong together: each run-to-failure file of many records by itself, each folder
// that a row names, single records by the folder that their files lie in; healthy rows only where
// their file holds many records or is a folder. Takes these rows out of `records`.
std::vector<LifeFiles> TakeLives(std::vector<LabelledRecord>& records);

// What became of a life; a file that cannot be read is told in `bad` and passed over.
struct LivedLife {
  Life life;
  std::vector<BadRow> bad;
};

// `interval_s` between records that carry no time of their own: that of the options where it is
// above 0, else of the row, of the file, an hour.
LivedLife Live(const LifeFiles& files, double interval_s, const models::AlarmPolicy& policy);

}  // namespace auscult::cli
