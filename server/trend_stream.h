#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auscult/v1/trend_service.pb.h"
#include "server/trend_sources.h"
#include "server/watch_stream.h"

namespace auscult::server {

// One call of WatchTrend. Asks for no more while anything waits to be sent, so that a slow reader
// costs one message.
class TrendStream final : public WatchStream<v1::WatchTrendResponse> {
 public:
  TrendStream(v1::WatchTrendRequest asked, TrendSelector points,
              std::optional<int64_t> from_after_us)
      : request(std::move(asked)), selector(std::move(points)), after_us(from_after_us) {}

  // A point, and what was told of it.
  struct Place {
    TrendSource source;
    std::optional<int64_t> told_us;  // unset: nothing is measured yet
  };

  const v1::WatchTrendRequest request;
  const TrendSelector selector;
  const std::optional<int64_t> after_us;

  // Of the thread that watches.
  std::vector<Place> places;
  Clock::time_point points_known_until;

  // Whether all was sent.
  bool idle() const;
  void Tell(v1::WatchTrendResponse news);

 private:
  bool Take(v1::WatchTrendResponse& response) override;
  std::optional<v1::WatchTrendResponse> waiting_;
};

}  // namespace auscult::server
