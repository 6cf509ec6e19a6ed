#include "server/rescore_planner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/stale_store.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/low_priority.h"
#include "server/operation_runner.h"
#include "server/operation_view.h"
#include "server/plant_rows.h"
#include "server/scope_points.h"
#include "server/store_errors.h"

namespace auscult::server {

RescorePlanner::RescorePlanner(std::string conninfo, RescoreTiming timing,
                               const std::atomic<bool>* stopping, std::function<void()> on_planned)
    : conninfo_(std::move(conninfo)),
      timing_(timing),
      stopping_(stopping),
      on_planned_(std::move(on_planned)) {}

bool RescorePlanner::PlanOne() {
  if (!db::Reconnect(conninfo_, connection_).ok()) return false;
  const auto unplanned = db::FindUnplannedRescore(*connection_);
  if (!unplanned.ok() || !*unplanned) return false;
  auto claim = db::ClaimOperation(*connection_, **unplanned, timing_.lease);
  if (!claim.ok() || !*claim) return false;
  if (timing_.lowers_backends) LowerPriorityOf(*connection_);
  OperationRun run(conninfo_, **std::move(claim), {.lease = timing_.lease, .beat = timing_.beat},
                   stopping_);
  const absl::Status status = Plan(run);
  End(run, status);
  if (status.ok()) on_planned_();
  return status.ok();
}

absl::Status RescorePlanner::Plan(OperationRun& run) {
  if (run.attempts() > OperationRunner::kMaxAttempts) {
    return MakeError(absl::StatusCode::kInternal,
                     {.reason = "GIVEN_UP",
                      .message = "planning was begun again and again and never came to an end",
                      .remedy = "see in the servers' logs why they ended, then ask again",
                      .field = ""});
  }
  const int64_t id = run.operation().id;
  const auto rescore = db::GetRescore(*connection_, id);
  if (!rescore.ok()) return rescore.status();
  const auto shards = ShardsOf(run, *rescore);
  if (!shards.ok()) return shards.status();
  LogInfo("a re-scoring is planned",
          {{"rescore", absl::StrCat(id)}, {"points", absl::StrCat(shards->size())}});
  return db::InTransaction(*connection_, [&]() -> absl::Status {
    if (absl::Status status = run.Lock(*connection_); !status.ok()) return status;
    return db::StorePlan(*connection_, id, *shards);
  });
}

absl::StatusOr<std::vector<db::PlannedShard>> RescorePlanner::ShardsOf(const OperationRun& run,
                                                                       const db::Rescore& rescore) {
  const auto points = PointsOf(*connection_, rescore.scope, "scope");
  if (!points.ok()) return points.status();
  v1::RescorePlan plan;
  if (absl::Status status = ReadStoredJson(rescore.plan, "a plan", plan); !status.ok()) {
    return status;
  }
  absl::StatusOr<std::map<db::PointKey, db::Period>> stale;
  if (plan.only_stale()) {
    stale = db::StalePeriods(*connection_, plan.source() != v1::RescorePlan::SOURCE_FEATURES);
    if (!stale.ok()) return stale.status();
  }
  std::vector<db::PlannedShard> shards;
  for (const ScopedPoint& point : *points) {
    if (absl::Status status = run.Continue(); !status.ok()) return status;
    db::PlannedShard shard{
        .asset_id = point.asset_id, .point_id = point.point_id, .period = rescore.period};
    if (plan.only_stale()) {
      const auto found = stale->find({point.asset_id, point.point_id});
      if (found == stale->end()) continue;
      shard.period.start_us = std::max(shard.period.start_us, found->second.start_us);
      shard.period.end_us = std::min(shard.period.end_us, found->second.end_us);
    }
    const auto count = db::CountRecords(*connection_, point.asset_id, point.point_id, shard.period);
    if (!count.ok()) return count.status();
    shard.record_count = *count;
    if (*count > 0) shards.push_back(shard);
  }
  return shards;
}

void RescorePlanner::End(OperationRun& run, const absl::Status& status) {
  absl::Status ended = db::Reconnect(conninfo_, connection_);
  if (!ended.ok() || run.lost()) return;  // the lease ends by itself
  if (!status.ok() && run.cancel_requested()) {
    ended = run.Fail(*connection_, CancelledOperation());
  } else if (status.ok() || absl::IsCancelled(status)) {
    ended = run.Release(*connection_, std::chrono::milliseconds(0), true);
  } else if (MayPass(status) && !HasProblem(status)) {
    ended = run.Release(*connection_, timing_.retry_after, false);
  } else {
    ended = run.Fail(*connection_, status);
  }
  if (!ended.ok() || !(status.ok() || absl::IsCancelled(status))) {
    LogWarning("planning a re-scoring ended early",
               {{"rescore", absl::StrCat(run.operation().id)},
                {"because", (status.ok() ? ended : status).ToString()}});
  }
}

}  // namespace auscult::server
