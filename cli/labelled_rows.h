#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/labelled_record.h"
#include "cli/machine_options.h"
#include "cli/recording.h"

namespace CLI {
class App;
}

namespace auscult::cli {

// How each recording is cut before it is judged or learnt from; at most one of the two is not 0.
// What is left over at the end is not used.
struct Cut {
  int64_t pieces = 0;
  int64_t piece_samples = 0;
};

// Which rows of which manifests are meant, and what holds where they do not say it.
struct LabelledRowOptions {
  std::vector<std::string> manifests;
  std::vector<std::string> where;
  std::string channel;
  std::string bearings;
  LabelledDefaults defaults;
  MachineOptions machine;
  Cut cut;
};

// Adds the options, all but the manifests themselves.
void AddLabelledRowOptions(CLI::App& command, LabelledRowOptions& options);

struct LabelledRows {
  std::vector<LabelledRecord> records;
  std::vector<BadRow> bad;
};

// Fails where a manifest cannot be read, and for conditions that no manifest can meet.
absl::StatusOr<LabelledRows> ReadLabelledRows(LabelledRowOptions options);

// Calls `use` with every piece of every record in the file of `record`, and its number from 1; 0
// for a file that is not cut and holds one record. Ends with the first error.
absl::Status ForEachPiece(const LabelledRecord& record, const Cut& cut,
                          const std::function<absl::Status(const Recording&, int)>& use);

}  // namespace auscult::cli
