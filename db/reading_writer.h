#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "db/process_store.h"

namespace auscult::db {

struct Reading {
  std::string quantity;
  int64_t measured_at_us = 0;
  double value = 0;
};

// Larger ones are refused: no process value is, and their mean must fit into a number.
inline constexpr double kLargestReading = 1e30;

struct ReadingsWritten {
  int accepted = 0;
  int duplicates = 0;
  ProcessSummary health;  // of the asset's process readings after these
};

// Stores the readings of one asset and judges them (db/process_scoring.h) in one transaction, all
// or none. ALREADY_EXISTS names the first
// one that has another value under the same key, INVALID_ARGUMENT one that is not a number of at
// most kLargestReading or lies outside kEarliestUs .. kLatestUs; NOT_FOUND if the asset is gone.
absl::StatusOr<ReadingsWritten> WriteReadings(Connection& connection, PartitionCache& partitions,
                                              int64_t site_id, int64_t asset_id,
                                              std::span<const Reading> readings);

}  // namespace auscult::db
