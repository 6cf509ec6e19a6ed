#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "db/postgres.h"
#include "server/embedded_postgres.h"

namespace auscult::server {

// What has to happen beside the calls, on a thread and a connection of its own: every second the
// embedded PostgreSQL is started again if it died, and the database is asked whether it answers,
// and for whatever `every_second` asks; every minute free memory goes back to the system. A
// database that keeps a question for longer than five seconds, frozen for one, does not answer
// either.
class Maintenance {
 public:
  struct Duties {
    EmbeddedPostgres* embedded = nullptr;  // null with an external database
    std::string conninfo;
    // Told, from one thread at a time, when the database begins or ceases to answer. At first it
    // answers.
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
  void Watch();
  bool Step();
  absl::Status Ping();
  void Tell(const absl::Status& status);
  const Duties duties_;
  std::unique_ptr<db::Connection> connection_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  bool answers_ = true;
  std::optional<std::chrono::steady_clock::time_point> asking_since_;
  std::thread thread_, watcher_;
};

}  // namespace auscult::server
