#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "db/postgres.h"
#include "server/embedded_postgres.h"

namespace auscult::server {

// What has to happen beside the calls, on a thread and a connection of its own: every second the
// embedded PostgreSQL is started again if it died, and the database is asked whether it answers,
// and for whatever `every_second` asks; every minute free memory goes back to the system.
class Maintenance {
 public:
  struct Duties {
    EmbeddedPostgres* embedded = nullptr;  // null with an external database
    std::string conninfo;
    // Told, from the thread, when the database begins or ceases to answer. At first it answers.
    std::function<void(bool answers)> on_database;
    // Called from the thread every second while the database answers.
    std::function<void(db::Connection&)> every_second;
  };

  explicit Maintenance(Duties duties);
  // Waits for the step that is under way.
  ~Maintenance();
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

 private:
  void Loop();
  absl::Status Ping();
  const Duties duties_;
  std::unique_ptr<db::Connection> connection_;
  bool answers_ = true;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
