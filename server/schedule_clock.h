#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::server {

// Looks after the schedules on a connection of its own. One thread.
class ScheduleClock {
 public:
  explicit ScheduleClock(std::string conninfo) : conninfo_(std::move(conninfo)) {}

  // Begins what is due; true where something began. A database that does not answer is asked again
  // the next time.
  bool Tick();

 private:
  const std::string conninfo_;
  std::unique_ptr<db::Connection> connection_;
};

// Begins the re-scorings whose time has come by the database's clock, and those that waited for the
// one before. Any number of servers may ask at once: each time is taken by one of them. What keeps
// a run from beginning is noted in its history. Returns how many began.
absl::StatusOr<int> BeginDueRescores(db::Connection& connection);

}  // namespace auscult::server
