#include "server/low_priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include "server/log.h"

namespace auscult::server {

constexpr int kNiceness = 10;

// On Linux a thread has a priority of its own, which the threads that it starts inherit.
void LowerPriority() {
  if (setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness) != 0) {
    LogWarning("the priority of long work could not be lowered");
  }
}

}  // namespace auscult::server
