#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/trend_service.pb.h"
#include "db/postgres.h"
#include "db/trend_news.h"
#include "server/trend_stream.h"

namespace auscult::server {

// What is new, asked of the database once for all streams that want the same: thousands of people
// look at the same machine. For one look, on one thread.
class TrendRound {
 public:
  // Of one point since a time.
  struct News {
    std::vector<v1::Series> series;  // those with values
    int64_t until_us = 0;            // up to here, for there may be more than one message holds
    int records = 0;
  };

  explicit TrendRound(db::Connection& connection) : connection_(connection) {}

  // At most 1,000. What TrendSelector::After refuses.
  absl::StatusOr<std::span<const TrendSource>> PointsOf(const TrendStream& stream);

  // One query for all of them.
  absl::Status LookAt(const std::set<db::PointKey>& points);
  // Of a point that was looked at; unset: nothing is measured yet.
  std::optional<int64_t> LastOf(const db::PointKey& point) const;

  // What was measured at `place` in (told_us, last_us], as the stream wants to have it.
  absl::StatusOr<const News*> NewsOf(const TrendStream& stream, const TrendStream::Place& place,
                                     int64_t last_us);

 private:
  // Point, since when, which series, and whether it has to know them all.
  using NewsKey = std::tuple<int64_t, std::optional<int64_t>, std::string, bool>;

  db::Connection& connection_;
  std::map<std::string, std::vector<TrendSource>> points_;  // by what the requests name
  std::map<db::PointKey, int64_t> last_us_;
  std::map<NewsKey, News> news_;
};

}  // namespace auscult::server
