#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/analysis.h"
#include "cli/bearing_table.h"
#include "cli/named_table.h"
#include "cli/record_file.h"
#include "cli/sidecar.h"
#include "cli/truth.h"
#include "features/machine.h"

namespace auscult::cli {

// What holds for rows of a manifest that do not say it themselves.
struct LabelledDefaults {
  AnalysisOptions analysis;   // rate, speed, unit; exact_speed holds for all rows
  features::Machine machine;  // its bearings, where it has any, outweigh those of the rows
  std::string sidecar;
};

// A recording with known truth, as a row of a manifest describes it.
struct LabelledRecord {
  std::string manifest;
  int line = 0;
  std::string file;
  std::string sidecar;            // of raw files
  std::optional<Sidecar> layout;  // of raw samples, where the row describes them itself
  std::string dataset;
  std::string record_id;
  std::string channel;  // as the row writes it
  std::string fault_size;
  std::map<std::string, std::string> columns;  // all cells of the row, for groups
  Truth truth;
  AnalysisOptions analysis;    // `unit` is that of the row only; channels are chosen when read
  std::string unit_elsewhere;  // for channels of which neither row nor file says the unit
  features::Machine machine;
  double interval_s = 0;  // between the records of a run to failure, 0 = not said
  std::string rate_text;  // what the row says in place of a rate, "" where it says one

  // "CWRU 105 DE", for tables.
  std::string Name() const;
};

// A row of a manifest that could not be judged: what is wrong, and what to do.
struct BadRow {
  std::string manifest;
  int line = 0;
  std::string message;
};

// INVALID_ARGUMENT says what in the row is wrong and what to do; line and path are the caller's.
absl::StatusOr<LabelledRecord> LabelledRecordOf(const NamedTable& manifest, const NamedRow& row,
                                                const BearingTable& bearings,
                                                const LabelledDefaults& defaults);

// Opens the file of a row: raw samples as the row, the sidecar or a file beside them describes
// them, any other by its content.
absl::StatusOr<std::unique_ptr<RecordFile>> OpenLabelled(const LabelledRecord& record);

// The channels of `recording` that the row means, as options for Analyse: "DE", "Ia;Ib;Ic (A)".
// Text that names no channels ("accel, 1 axis") means all; one plain name that is not there is
// INVALID_ARGUMENT with those that are.
absl::StatusOr<AnalysisOptions> OptionsFor(const LabelledRecord& record,
                                           const Recording& recording);

}  // namespace auscult::cli
