#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "db/baseline_cache.h"
#include "server/admission.h"
#include "server/plant_directory.h"
#include "server/rescore_timing.h"

namespace auscult::server {

// Does the re-scorings that are stored in the database, together with all other servers that do
// so: one thread plans, one begins what is scheduled, one follows how far they are and ends them,
// and some score, each one point at a time; all at low priority, and scoring stands back for
// records that come in (JobPace). Training and comparing (OperationRunner) do not wait for them.
class RescoreJobs {
 public:
  // Nothing runs yet. What it points to outlives it. `live` holds bytes while records come in.
  RescoreJobs(std::string conninfo, PlantDirectory* directory, db::BaselineCache* baselines,
              RescoreTiming timing = {}, const ByteBudget* live = nullptr);
  // Stops, if nobody did.
  ~RescoreJobs();
  RescoreJobs(const RescoreJobs&) = delete;
  RescoreJobs& operator=(const RescoreJobs&) = delete;

  // `threads` score; 0: one for every two cores. Call once, or not at all on a server that does no
  // jobs.
  void Start(int threads);
  // There is something to do. Thread-safe.
  void Wake();
  // What is under way ends with its next step and is given back. AskToStop does not wait for that.
  void AskToStop();
  void Stop();

  // Of scoring, since the start.
  int64_t steps() const { return steps_; }

 private:
  // At low priority: calls `step` until it has nothing to do, then waits for a beat or until it is
  // woken.
  void Loop(const std::function<bool()>& step);

  const std::string conninfo_;
  PlantDirectory* const directory_;
  db::BaselineCache* const baselines_;
  const RescoreTiming timing_;
  const ByteBudget* const live_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> steps_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t wakes_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace auscult::server
