#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "db/postgres.h"
#include "db/rollup.h"

namespace auscult::server {

// Keeps the rollups of all points up to date, in portions on a thread and a connection of its own.
// Rests as long as it works, so that it never takes more than half a core. Any number of replicas
// may do so at once.
class Roller {
 public:
  struct Pace {
    std::chrono::milliseconds pause{10000};  // when there was nothing to do
  };

  explicit Roller(std::string conninfo) : Roller(std::move(conninfo), Pace()) {}
  Roller(std::string conninfo, Pace pace);
  // Waits for the portion that is under way.
  ~Roller();
  Roller(const Roller&) = delete;
  Roller& operator=(const Roller&) = delete;

 private:
  void Loop();
  // True if there may be more to do.
  absl::StatusOr<bool> Round();
  absl::StatusOr<bool> RollPoint(db::PointKey key);
  bool Wait(std::chrono::milliseconds duration);
  const std::string conninfo_;
  const Pace pace_;
  db::RollupPartitions partitions_;
  std::unique_ptr<db::Connection> connection_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
