#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_history.h"
#include "db/postgres.h"

namespace auscult::db {

// Reads the stored records of a point in time order, page by page, for work on millions of them:
// in binary, and PostgreSQL reads the next page while the caller is at the present one. The
// connection is for nothing else meanwhile. One thread at a time.
class RecordPages {
 public:
  // From the period, `page_records` at once.
  RecordPages(int64_t asset_id, int64_t point_id, Period period, int page_records)
      : asset_id_(asset_id), point_id_(point_id), rest_(period), page_records_(page_records) {}

  // The next page, until the one after it is asked for; empty where there is no more. A record of a
  // feature set that this release does not know has no values. The next page is on its way when
  // this returns.
  absl::StatusOr<std::span<const MeasuredRecord>> Next(Connection& connection);

 private:
  absl::Status Ask(Connection& connection);

  const int64_t asset_id_, point_id_;
  Period rest_;  // what was not read yet
  const int page_records_;
  bool asked_ = false;
  std::vector<MeasuredRecord> page_;
};

// When the last `count` records before `end_us` begin; nothing where there are none.
absl::StatusOr<std::optional<int64_t>> StartOfLast(Connection& connection, int64_t asset_id,
                                                   int64_t point_id, int64_t end_us, int count);

}  // namespace auscult::db
