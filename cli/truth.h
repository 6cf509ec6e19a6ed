#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/fault.h"

namespace auscult::cli {

// What a labelled recording is known to be.
struct Truth {
  bool run_to_failure = false;  // one of the records of a life that ended in a failure
  // kHealthy alone, or the faults that are there; a verdict that names one of them is right. Empty
  // for a run to failure.
  std::vector<models::Fault> faults;
  std::string name;  // "inner_race", "inner_race+ball", "healthy", "run_to_failure"

  bool healthy() const { return !faults.empty() && faults[0] == models::Fault::kHealthy; }
  bool Includes(models::Fault fault) const;
};

// Reads a label as it stands in lists of recordings: "inner", "IR007", "Outer race", "OR", "ball",
// "normal (start of test)", "stator-interturn", "inner race, cage", ... What stands in brackets or
// behind a colon is a remark. INVALID_ARGUMENT says which labels are known.
absl::StatusOr<Truth> ParseTruth(const std::string& label);

}  // namespace auscult::cli
