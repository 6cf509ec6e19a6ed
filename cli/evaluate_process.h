#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::cli {

// How process readings with known truth are laid out: a table with a header, a row for each
// instant, a column for each quantity. Columns of times, text and those ignored are no quantities.
struct ProcessTable {
  std::string label = "anomaly";  // above 0 where the machine is ill; a table without it is healthy
  std::vector<std::string> ignored = {"changepoint"};
};

// What the process monitor said of one file, row by row, having learnt from its first rows.
struct ProcessVerdicts {
  std::string file;
  int learnt = 0;  // rows until learning was complete; none of them is counted below
  int healthy = 0;
  int false_alarms = 0;  // of the healthy
  int faulty = 0;
  int missed = 0;  // of the faulty

  void Add(const ProcessVerdicts& other);
  double FalseAlarmPercent() const;  // NaN without healthy rows
  double MissedPercent() const;      // NaN without faulty rows
  double F1() const;                 // of the faulty rows; NaN without them
};

// Judges one file as a server judges readings that come row by row. Rows without times come once a
// second. FAILED_PRECONDITION for a file that is too short to learn from.
absl::StatusOr<ProcessVerdicts> JudgeProcessFile(const std::string& path,
                                                 const ProcessTable& layout);

// A table for people with the files and all together; the same as a JSON object.
std::string ProcessText(const std::vector<ProcessVerdicts>& files);
std::string ProcessJson(const std::vector<ProcessVerdicts>& files);

}  // namespace auscult::cli
