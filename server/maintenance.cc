#include "server/maintenance.h"

#include <malloc.h>

#include <utility>

#include "server/log.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::minutes kTrimPeriod{1};

}  // namespace

Maintenance::Maintenance(Duties duties) : duties_(std::move(duties)) {
  thread_ = std::thread([this] { Loop(); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Maintenance::Loop() {
  auto next_trim = Clock::now() + kTrimPeriod;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kTick, [this] { return stopping_; })) {
    lock.unlock();
    absl::Status status =
        duties_.embedded == nullptr ? absl::OkStatus() : duties_.embedded->EnsureRunning();
    if (status.ok()) status = Ping();
    if (status.ok() != answers_) {
      answers_ = status.ok();
      if (answers_) {
        LogInfo("the database answers again");
      } else {
        LogError("the database does not answer", {{"reason", std::string(status.message())}});
      }
      duties_.on_database(answers_);
    }
    if (answers_ && duties_.every_second) duties_.every_second(*connection_);
    if (Clock::now() >= next_trim) {
      // Measured after a burst of 16 MB records: 680 MB resident, of which 600 MB were free.
      malloc_trim(0);
      next_trim = Clock::now() + kTrimPeriod;
    }
    lock.lock();
  }
}

absl::Status Maintenance::Ping() {
  if (absl::Status status = db::Reconnect(duties_.conninfo, connection_); !status.ok())
    return status;
  return connection_->Execute("SELECT 1");
}

}  // namespace auscult::server
