#include "server/roller.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/log.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPointsAtOnce = 500;
// Of one point, before another gets its turn.
constexpr int kPortionsInARow = 50;

}  // namespace

Roller::Roller(std::string conninfo, Pace pace) : conninfo_(std::move(conninfo)), pace_(pace) {
  thread_ = std::thread([this] { Loop(); });
}

Roller::~Roller() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

// True if it is time to stop.
bool Roller::Wait(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return stop_.wait_for(lock, duration, [this] { return stopping_; });
}

void Roller::Loop() {
  bool failed = false;
  bool busy = false;
  while (!Wait(busy ? std::chrono::milliseconds(0) : pace_.pause)) {
    const absl::StatusOr<bool> more = Round();
    busy = more.ok() && *more;
    // Maintenance says that the database is away.
    const bool fails = !more.ok() && !absl::IsUnavailable(more.status());
    if (fails && !failed) {
      LogError("rollups could not be made", {{"reason", std::string(more.status().message())}});
    }
    failed = fails;
  }
}

absl::StatusOr<bool> Roller::Round() {
  if (absl::Status status = db::Reconnect(conninfo_, connection_); !status.ok()) return status;
  const auto keys = db::ListPointsToRoll(*connection_, kPointsAtOnce);
  if (!keys.ok()) return keys.status();
  bool any_more = std::ssize(*keys) >= kPointsAtOnce;
  absl::Status first_problem;
  for (const db::PointKey& key : *keys) {
    const absl::StatusOr<bool> more = RollPoint(key);
    if (absl::IsUnavailable(more.status())) return more.status();
    // One point must not stop the others.
    first_problem.Update(more.status());
    any_more = any_more || (more.ok() && *more);
    if (Wait(std::chrono::milliseconds(0))) return false;
  }
  if (!first_problem.ok()) return first_problem;
  return any_more;
}

absl::StatusOr<bool> Roller::RollPoint(db::PointKey key) {
  for (int portion = 0; portion < kPortionsInARow; ++portion) {
    const Clock::time_point begin = Clock::now();
    const absl::StatusOr<bool> more = db::RollPortion(*connection_, partitions_, key);
    if (!more.ok() || !*more) return more;
    if (Wait(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin))) {
      return false;
    }
  }
  return true;
}

}  // namespace auscult::server
