#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/postgres.h"
#include "db/rescore_store.h"
#include "server/rescore_timing.h"

namespace auscult::server {

// Tells how far the re-scorings under way are, and ends those whose points are all done, with what
// adopting them takes. Every server that does jobs follows all of them; nothing is lost where two
// do the same. One thread.
class RescoreFollower {
 public:
  RescoreFollower(std::string conninfo, RescoreTiming timing, const std::atomic<bool>* stopping);

  // Looks once. What fails is tried again the next time.
  void Follow();

 private:
  using Clock = std::chrono::steady_clock;
  struct Seen {
    Clock::time_point time;
    int64_t records = 0;
  };

  absl::Status FollowOne(const db::Rescore& rescore);
  absl::Status Adopt(int64_t id);
  absl::Status Finish(const db::Rescore& rescore);
  absl::Status Tell(const db::Rescore& rescore);
  // Records a second over the last minute; nothing while that cannot be told.
  std::optional<double> RateOf(const db::Rescore& rescore);

  const std::string conninfo_;
  const RescoreTiming timing_;
  const std::atomic<bool>* const stopping_;
  std::unique_ptr<db::Connection> connection_;
  std::map<int64_t, std::deque<Seen>> seen_;  // by re-scoring, oldest first
};

}  // namespace auscult::server
