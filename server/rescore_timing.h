#pragma once

#include <chrono>

namespace auscult::server {

// How re-scoring shares its work among servers, and the processors with what else they do.
struct RescoreTiming {
  std::chrono::milliseconds lease{30'000};       // of a plan and of a shard
  std::chrono::milliseconds beat{1'000};         // between two looks for work, and of progress
  std::chrono::milliseconds retry_after{5'000};  // when an attempt failed
  std::chrono::milliseconds portion{2'000};      // after which what was scored is stored
  int portion_records = 4096;                    // or after so many records
  double share_beside_live = 0.1;                // of the time, at least, while records come in
  bool lowers_backends = false;                  // the database's processes run here, too
};

}  // namespace auscult::server
