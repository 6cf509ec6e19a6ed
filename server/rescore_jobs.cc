#include "server/rescore_jobs.h"

#include <algorithm>
#include <utility>

#include "server/low_priority.h"
#include "server/rescore_follower.h"
#include "server/rescore_planner.h"
#include "server/schedule_clock.h"
#include "server/shard_scorer.h"

namespace auscult::server {

RescoreJobs::RescoreJobs(std::string conninfo, PlantDirectory* directory,
                         db::BaselineCache* baselines, RescoreTiming timing, const ByteBudget* live)
    : conninfo_(std::move(conninfo)),
      directory_(directory),
      baselines_(baselines),
      timing_(timing),
      live_(live) {}

RescoreJobs::~RescoreJobs() { Stop(); }

void RescoreJobs::Start(int threads) {
  if (threads <= 0)
    threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  threads_.emplace_back([this] {
    RescorePlanner planner(conninfo_, timing_, &stopping_, [this] { Wake(); });
    Loop([&] { return planner.PlanOne(); });
  });
  threads_.emplace_back([this] {
    RescoreFollower follower(conninfo_, timing_, &stopping_);
    Loop([&] {
      follower.Follow();
      return false;
    });
  });
  threads_.emplace_back([this] {
    ScheduleClock clock(conninfo_);
    Loop([&] {
      if (clock.Tick()) Wake();
      return false;
    });
  });
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      ShardScorer scorer(conninfo_, directory_, baselines_, timing_,
                         JobPace(live_, timing_.share_beside_live, timing_.lease / 4, &stopping_),
                         &stopping_);
      Loop([&] {
        const bool scored = scorer.ScoreOne();
        if (scored) ++steps_;
        return scored;
      });
    });
  }
}

void RescoreJobs::Wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  wake_.notify_all();
}

void RescoreJobs::AskToStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void RescoreJobs::Stop() {
  AskToStop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void RescoreJobs::Loop(const std::function<bool()>& step) {
  LowerPriority();
  uint64_t seen = 0;
  while (!stopping_) {
    if (step()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, timing_.beat, [&] { return stopping_ || wakes_ != seen; });
    seen = wakes_;
  }
}

}  // namespace auscult::server
