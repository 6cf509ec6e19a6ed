#include "server/rescore_follower.h"

#include <google/protobuf/any.pb.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/operation_store.h"
#include "db/rescore_adoption.h"
#include "server/acting.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/low_priority.h"
#include "server/operation_view.h"
#include "server/plant_rows.h"
#include "server/rescore_view.h"

namespace auscult::server {
namespace {

constexpr std::chrono::seconds kRateSpan{60};

std::string Packed(const google::protobuf::Message& message) {
  google::protobuf::Any any;
  any.PackFrom(message);
  return any.SerializeAsString();
}

absl::Status NothingScored(const db::RescoreCounts& counts) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      {.reason = "NOTHING_SCORED",
       .message = Concat("none of ", counts.points,
                         " points could be scored to the end; one of them: ", counts.problem),
       .remedy = "put that right, then start it again",
       .field = ""});
}

}  // namespace

RescoreFollower::RescoreFollower(std::string conninfo, RescoreTiming timing,
                                 const std::atomic<bool>* stopping)
    : conninfo_(std::move(conninfo)), timing_(timing), stopping_(stopping) {}

void RescoreFollower::Follow() {
  if (!db::Reconnect(conninfo_, connection_).ok()) return;
  const auto open = db::ListOpenRescores(*connection_);
  if (!open.ok()) return;
  if (timing_.lowers_backends && !open->empty()) LowerPriorityOf(*connection_);
  std::map<int64_t, std::deque<Seen>> still_open;
  for (const db::Rescore& rescore : *open) still_open[rescore.id].swap(seen_[rescore.id]);
  seen_.swap(still_open);
  for (const db::Rescore& rescore : *open) {
    if (*stopping_) return;
    const absl::Status status = FollowOne(rescore);
    if (status.ok() || MayPass(status)) continue;
    LogWarning("a re-scoring could not be followed",
               {{"rescore", absl::StrCat(rescore.id)}, {"status", status.ToString()}});
  }
}

absl::Status RescoreFollower::FollowOne(const db::Rescore& rescore) {
  // Asked for while a planner held it, which ended before it heard of it.
  if (rescore.cancel_requested) {
    return db::CancelOperation(*connection_, rescore.id, ErrorBytes(CancelledOperation()));
  }
  if (rescore.paused) {
    seen_[rescore.id].clear();
    return Tell(rescore);
  }
  if (rescore.counts.points_done < rescore.counts.points) return Tell(rescore);
  return Finish(rescore);
}

std::optional<double> RescoreFollower::RateOf(const db::Rescore& rescore) {
  std::deque<Seen>& seen = seen_[rescore.id];
  const Clock::time_point now = Clock::now();
  seen.push_back({now, rescore.counts.records_done + rescore.counts.records_left_out});
  while (now - seen.front().time > kRateSpan) seen.pop_front();
  const double span_s = std::chrono::duration<double>(now - seen.front().time).count();
  if (span_s <= 0) return std::nullopt;
  return static_cast<double>(seen.back().records - seen.front().records) / span_s;
}

absl::Status RescoreFollower::Tell(const db::Rescore& rescore) {
  v1::RescoreMetadata metadata = ProgressOf(rescore);
  const std::optional<double> rate = rescore.paused ? std::nullopt : RateOf(rescore);
  if (rate) metadata.set_records_per_second(*rate);
  if (rate && *rate > 0) {
    const int64_t left =
        rescore.counts.records - rescore.counts.records_done - rescore.counts.records_left_out;
    metadata.set_seconds_left(static_cast<int64_t>(std::ceil(static_cast<double>(left) / *rate)));
  }
  return db::TellOperation(*connection_, rescore.id, Packed(metadata));
}

// In the name of whoever asked for it with the plan.
absl::Status RescoreFollower::Adopt(int64_t id) {
  const auto operation = db::GetOperation(*connection_, id);
  if (!operation.ok()) return operation.status();
  const Acting acting(*connection_, *operation);
  return db::AdoptRun(*connection_, id, [this] {
    return *stopping_ ? absl::CancelledError("the server stops") : absl::OkStatus();
  });
}

absl::Status RescoreFollower::Finish(const db::Rescore& rescore) {
  v1::RescorePlan plan;
  absl::Status status = ReadStoredJson(rescore.plan, RescoreResource(rescore.id), plan);
  const bool failed =
      rescore.counts.points > 0 && rescore.counts.failed_points == rescore.counts.points;
  if (status.ok() && plan.adopt() && !failed) {
    status = Adopt(rescore.id);
  }
  if (!status.ok()) return status;
  status = db::InTransaction(*connection_, [&]() -> absl::Status {
    const auto fence = db::LockIdleOperation(*connection_, rescore.id);
    if (!fence.ok()) return fence.status();
    auto done = db::GetRescore(*connection_, rescore.id);
    if (!done.ok()) return done.status();
    done->done_time_us = absl::ToUnixMicros(absl::Now());
    const std::string metadata = Packed(ProgressOf(*done));
    if (failed) {
      return db::FinishOperation(*connection_, rescore.id, *fence, "",
                                 ErrorBytes(NothingScored(done->counts)), metadata);
    }
    const auto message = MessageOf(*done);
    if (!message.ok()) return message.status();
    return db::FinishOperation(*connection_, rescore.id, *fence, Packed(*message), "", metadata);
  });
  if (status.ok()) LogInfo("a re-scoring is done", {{"rescore", absl::StrCat(rescore.id)}});
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace auscult::server
