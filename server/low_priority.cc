#include "server/low_priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include "server/log.h"

namespace auscult::server {

constexpr int kNiceness = 10;

namespace {

void Lower(int64_t id) {
  if (setpriority(PRIO_PROCESS, static_cast<id_t>(id), kNiceness) != 0) {
    LogWarning("the priority of long work could not be lowered");
  }
}

}  // namespace

// On Linux a thread has a priority of its own, which the threads that it starts inherit.
void LowerPriority() { Lower(gettid()); }

void LowerPriorityOf(db::Connection& connection) {
  const auto process = connection.Query("SELECT pg_backend_pid()");
  if (process.ok()) Lower(process->Int(0, 0));
}

}  // namespace auscult::server
