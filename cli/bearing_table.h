#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/named_table.h"
#include "features/machine.h"

namespace auscult::cli {

// Bearings by the names that manifests call them: those of a table (CSV with the columns bearing
// and BPFO, BPFI, BSF, FTF in orders of the shaft, or n_elements, d_mm, D_pitch_mm, contact_deg;
// used_in names the set) before those of the built-in catalogue.
class BearingTable {
 public:
  // The catalogue alone.
  BearingTable();

  // Fails with path, line and what is missing.
  static absl::StatusOr<BearingTable> Read(const std::string& path);

  // The bearing whose name, word by word, stands in `model`; the longest such name where there are
  // several. Else the only one in whose name `model` stands; else the only one that is used in
  // `dataset`. Remarks in brackets are no part of names.
  std::optional<features::MountedBearing> Find(std::string_view model,
                                               std::string_view dataset) const;

 private:
  struct Entry {
    std::string name;
    std::string used_in;
    features::BearingOrders orders;
  };
  static features::MountedBearing Mounted(const Entry& entry) {
    return {"bearing", entry.name, entry.orders};
  }
  std::vector<Entry> entries_;
};

// BEARINGS.csv in the folder of a manifest or the one above it; "" where there is none.
std::string FindBearingTable(const std::string& manifest_path);

// The orders that a row gives in columns bpfo, bpfi, bsf, ftf. Nothing where it gives none. BPFO
// and BPFI are enough: their sum is the number of rolling elements, and FTF and, for a contact
// angle of 0, BSF follow. INVALID_ARGUMENT where they are no orders.
absl::StatusOr<std::optional<features::BearingOrders>> OrdersOfRow(const NamedRow& row);

}  // namespace auscult::cli
