#pragma once

#include <atomic>
#include <chrono>

#include "server/admission.h"

namespace auscult::server {

// Lets work that can wait stand back for the records that come in: it goes in short steps then, and
// after each it rests for two, and on until no record is in memory, but no longer than it takes to
// keep a share of the time for itself. Low priority alone does not do: what both wait for (the log
// of the database, a core that is taken) has no priorities. Of one thread.
class JobPace {
 public:
  using Clock = std::chrono::steady_clock;

  // `live` holds a byte or more while there are such records; null: there never are. `share` of
  // the time, above 0 to 1, is for the work, more where a rest would take longer than `longest`. It
  // ends early once `stopping`. What it points to outlives it.
  JobPace(const ByteBudget* live, double share, Clock::duration longest,
          const std::atomic<bool>* stopping)
      : live_(live), share_(share), longest_(longest), stopping_(stopping) {}

  // Whether it is time to rest, `worked` after the last time.
  bool IsDue(Clock::duration worked);
  void Rest(Clock::duration worked);

 private:
  bool LiveIsThere() const { return live_ != nullptr && live_->used_bytes() > 0; }

  const ByteBudget* const live_;
  const double share_;
  const Clock::duration longest_;
  const std::atomic<bool>* const stopping_;
  Clock::time_point live_seen_{};
};

}  // namespace auscult::server
