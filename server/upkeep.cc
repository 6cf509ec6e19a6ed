#include "server/upkeep.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/missing_data.h"
#include "db/partitions.h"
#include "db/retention.h"
#include "db/storage.h"
#include "server/log.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::minutes kSilencePeriod{1};
constexpr std::chrono::hours kUpkeepPeriod{1};
constexpr int kMonthsAhead = 2;

void Complain(const char* what, const absl::Status& status) {
  LogError(what, {{"reason", std::string(status.message())}});
}

}  // namespace

Upkeep::Upkeep(std::string conninfo, int64_t raw_recent_s)
    : conninfo_(std::move(conninfo)), raw_recent_s_(raw_recent_s), thread_([this] { Loop(); }) {}

Upkeep::~Upkeep() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

bool Upkeep::GoesOn() {
  const std::lock_guard lock(mutex_);
  return !stopping_;
}

// The first round a minute after the start: it walks over much and should not fall into the rush.
void Upkeep::Loop() {
  auto next_upkeep = Clock::now();
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kSilencePeriod, [this] { return stopping_; })) {
    lock.unlock();
    if (Connect()) {
      FindSilence();
      if (Clock::now() >= next_upkeep) {
        KeepUp();
        next_upkeep = Clock::now() + kUpkeepPeriod;
      }
    }
    lock.lock();
  }
}

// A database that does not answer is told of by Maintenance.
bool Upkeep::Connect() { return db::Reconnect(conninfo_, connection_).ok(); }

void Upkeep::FindSilence() {
  const absl::StatusOr<int64_t> silent = db::OpenMissingDataCases(*connection_);
  if (!silent.ok()) {
    Complain("silent points could not be looked for", silent.status());
  } else if (*silent > 0) {
    LogInfo("points fell silent", {{"points", absl::StrCat(*silent)}});
  }
}

void Upkeep::KeepUp() {
  if (absl::Status status = db::MakePartitionsAhead(*connection_, kMonthsAhead); !status.ok()) {
    Complain("partitions could not be made ahead", status);
  }
  const absl::StatusOr<int64_t> thinned = db::ThinWaveforms(*connection_, raw_recent_s_);
  if (!thinned.ok()) {
    Complain("raw samples could not be thinned", thinned.status());
  } else if (*thinned > 0) {
    LogInfo("raw samples thinned", {{"records", absl::StrCat(*thinned)}});
  }
  Retain();
  if (absl::Status status = db::SampleStorage(*connection_); !status.ok()) {
    Complain("it could not be noted what is stored", status);
  }
}

void Upkeep::Retain() {
  const absl::StatusOr<db::Removed> removed =
      db::ApplyRetention(*connection_, raw_recent_s_, [this] { return GoesOn(); });
  if (!removed.ok()) {
    Complain("what is no longer kept could not be removed", removed.status());
  } else if (removed->rows > 0 || removed->partitions > 0) {
    LogInfo("removed what is no longer kept", {{"rows", absl::StrCat(removed->rows)},
                                               {"partitions", absl::StrCat(removed->partitions)}});
  }
}

}  // namespace auscult::server
