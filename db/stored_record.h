#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// Where a record came from. Stored: never reuse a number.
enum class Source : int16_t { kSamples = 1, kEdgeFeatures = 2 };

using RecordKey = std::tuple<int64_t, int64_t, int64_t>;  // asset_id, point_id, measured_at_us

// What is stored under a key, as far as it decides whether another record of that key is the same.
struct StoredRecord {
  std::string content_hash;
  Source source = Source::kSamples;
  std::optional<std::string> raw_hash;  // of the message that brought the raw samples, if kept
};

// Those of `keys` that exist. One query.
absl::StatusOr<std::map<RecordKey, StoredRecord>> FindStored(Connection& connection,
                                                             std::span<const RecordKey> keys);

}  // namespace auscult::db
