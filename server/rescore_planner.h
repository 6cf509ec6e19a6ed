#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/rescore_store.h"
#include "server/operation_run.h"
#include "server/rescore_timing.h"

namespace auscult::server {

// Splits re-scorings by point: one shard for each point that has records in the period. One server
// does it, under the operation's claim; one that dies is followed by another. One thread.
class RescorePlanner {
 public:
  // `on_planned` is told that there are shards.
  RescorePlanner(std::string conninfo, RescoreTiming timing, const std::atomic<bool>* stopping,
                 std::function<void()> on_planned);

  // Plans one; false where there was none to plan, or the database did not answer.
  bool PlanOne();

 private:
  absl::Status Plan(OperationRun& run);
  absl::StatusOr<std::vector<db::PlannedShard>> ShardsOf(const OperationRun& run,
                                                         const db::Rescore& rescore);
  void End(OperationRun& run, const absl::Status& status);

  const std::string conninfo_;
  const RescoreTiming timing_;
  const std::atomic<bool>* const stopping_;
  const std::function<void()> on_planned_;
  std::unique_ptr<db::Connection> connection_;
};

}  // namespace auscult::server
