#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "db/postgres.h"

namespace auscult::server {

// What the store needs of servers with the role `jobs`, on a thread and a connection of its own:
// every minute points that fell silent get a case; every hour partitions are made ahead, raw
// samples that are no longer recent are thinned, what the policies no longer keep is removed, and
// once a day it is noted what each kind takes on disk. While the database is away it waits.
class Upkeep {
 public:
  Upkeep(std::string conninfo, int64_t raw_recent_s);
  // Waits for the portion that is under way.
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void Loop();
  bool Connect();
  void FindSilence();
  void KeepUp();
  void Retain();
  bool GoesOn();
  const std::string conninfo_;
  const int64_t raw_recent_s_;
  std::unique_ptr<db::Connection> connection_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
