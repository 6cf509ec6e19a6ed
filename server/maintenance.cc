#include "server/maintenance.h"

#include <malloc.h>

#include <utility>

#include "server/log.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kTick{1}, kPatience{5};
constexpr std::chrono::minutes kTrimPeriod{1};

}  // namespace

Maintenance::Maintenance(Duties duties) : duties_(std::move(duties)) {
  thread_ = std::thread([this] { Loop(); });
  watcher_ = std::thread([this] { Watch(); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
  watcher_.join();
}

void Maintenance::Loop() {
  auto next_trim = Clock::now() + kTrimPeriod;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kTick, [this] { return stopping_; })) {
    asking_since_ = Clock::now();
    lock.unlock();
    if (Step() && duties_.every_second) duties_.every_second(*connection_);
    if (Clock::now() >= next_trim) {
      // Measured after a burst of 16 MB records: 680 MB resident, of which 600 MB were free.
      malloc_trim(0);
      next_trim = Clock::now() + kTrimPeriod;
    }
    lock.lock();
    asking_since_.reset();
  }
}

// True where the database answers.
bool Maintenance::Step() {
  absl::Status status =
      duties_.embedded == nullptr ? absl::OkStatus() : duties_.embedded->EnsureRunning();
  if (status.ok()) status = Ping();
  const std::lock_guard lock(mutex_);
  Tell(status);
  asking_since_ = Clock::now();  // a recovery that took long is over
  return status.ok();
}

// libpq waits for an answer as long as the other side is connected.
void Maintenance::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kTick, [this] { return stopping_; })) {
    if (asking_since_ && Clock::now() - *asking_since_ > kPatience) {
      Tell(absl::DeadlineExceededError("it has not answered for 5 s"));
    }
  }
}

void Maintenance::Tell(const absl::Status& status) {
  if (status.ok() == answers_) return;
  answers_ = status.ok();
  if (answers_) {
    LogInfo("the database answers again");
  } else {
    LogError("the database does not answer", {{"reason", std::string(status.message())}});
  }
  duties_.on_database(answers_);
}

absl::Status Maintenance::Ping() {
  if (absl::Status status = db::Reconnect(duties_.conninfo, connection_); !status.ok())
    return status;
  return connection_->Execute("SELECT 1");
}

}  // namespace auscult::server
