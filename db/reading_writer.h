#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "db/partitions.h"
#include "db/postgres.h"

namespace auscult::db {

struct Reading {
  std::string quantity;
  int64_t measured_at_us = 0;
  double value = 0;
};

struct ReadingsWritten {
  int accepted = 0;
  int duplicates = 0;
};

// Stores the readings of one asset in one transaction, all or none. ALREADY_EXISTS names the first
// one that has another value under the same key.
absl::StatusOr<ReadingsWritten> WriteReadings(Connection& connection, PartitionCache& partitions,
                                              int64_t site_id, int64_t asset_id,
                                              std::span<const Reading> readings);

}  // namespace auscult::db
