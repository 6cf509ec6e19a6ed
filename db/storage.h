#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// What one kind of thing takes on disk.
struct StoredKind {
  std::string kind;       // "waveform", "trend", "score", "reading", "event", "rollup" or "other"
  int64_t bytes = 0;      // with indexes
  int64_t row_count = 0;  // as PostgreSQL estimates
  int partition_count = 0;
  std::optional<int64_t> oldest_us;     // measured_at
  std::optional<double> bytes_per_day;  // by linear fit; none before two days have been seen
};

struct Stored {
  std::vector<StoredKind> kinds;  // the largest first
  int64_t database_bytes = 0;
  int64_t now_us = 0;  // by the database's clock
};

// As it is now; growth by the samples of the last 30 days.
absl::StatusOr<Stored> MeasureStorage(Connection& connection);

// Notes what each kind takes today (UTC), unless that is noted already.
absl::Status SampleStorage(Connection& connection);

}  // namespace auscult::db
