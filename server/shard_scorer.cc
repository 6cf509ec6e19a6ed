#include "server/shard_scorer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/low_priority.h"
#include "server/model_calls.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/shard_replay.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

// Of one shard, since records of it were last done: what may pass is tried longer.
constexpr int kMostAttempts = 3, kMostAttemptsIfMayPass = 10;

}  // namespace

ShardScorer::ShardScorer(std::string conninfo, PlantDirectory* directory,
                         db::BaselineCache* baselines, RescoreTiming timing, JobPace pace,
                         const std::atomic<bool>* stopping)
    : conninfo_(std::move(conninfo)),
      directory_(directory),
      baselines_(baselines),
      timing_(timing),
      pace_(pace),
      stopping_(stopping) {}

bool ShardScorer::ScoreOne() {
  for (std::unique_ptr<db::Connection>* connection : {&reader_, &writer_, &samples_}) {
    if (!db::Reconnect(conninfo_, *connection).ok()) return false;
  }
  const auto claim = db::ClaimShard(*writer_, timing_.lease);
  if (!claim.ok() || !*claim) return false;
  if (timing_.lowers_backends) {
    for (const auto* connection : {&reader_, &writer_, &samples_}) LowerPriorityOf(**connection);
  }
  const absl::StatusOr<db::ShardFate> fate = Score(**claim);
  End(**claim, fate);
  return fate.ok();
}

absl::StatusOr<std::shared_ptr<const models::Classifier>> ShardScorer::ClassifierOf(int version) {
  if (version == 0) return std::shared_ptr<const models::Classifier>();
  if (classifier_ == nullptr || classifier_version_ != version) {
    const std::string name = ModelVersionResource(kDiagnosisModel, version);
    const auto stored = FindModelVersion(*reader_, name, "plan.model");
    if (!stored.ok()) return stored.status();
    auto loaded = LoadClassifier(*reader_, *stored, "plan.model");
    if (!loaded.ok()) return loaded.status();
    classifier_ = *std::move(loaded);
    classifier_version_ = version;
  }
  return classifier_;
}

absl::StatusOr<db::ShardFate> ShardScorer::Score(const db::ShardClaim& claim) {
  if (claim.attempts > kMostAttemptsIfMayPass) {
    return absl::InternalError(absl::StrCat("scoring was begun ", claim.attempts - 1,
                                            " times and came no further: see the servers' logs"));
  }
  const auto classifier = ClassifierOf(claim.classifier_version);
  if (!classifier.ok()) return classifier.status();
  const auto point = directory_->Find(PointResource(claim.site, claim.asset, claim.point));
  if (!point.ok()) return point.status();
  ShardReplay replay(claim, *point, *classifier, timing_);
  return replay.Run({.reader = *reader_,
                     .writer = *writer_,
                     .samples = *samples_,
                     .baselines = *baselines_,
                     .partitions = partitions_,
                     .pace = pace_,
                     .stopping = *stopping_});
}

void ShardScorer::End(const db::ShardClaim& claim, const absl::StatusOr<db::ShardFate>& fate) {
  if (fate.ok() && *fate == db::ShardFate::kLost) return;
  absl::Status ended = db::Reconnect(conninfo_, writer_);
  if (!ended.ok()) return;  // the lease ends by itself
  if (fate.ok() && *fate == db::ShardFate::kGoOn) {
    ended = db::FinishShard(*writer_, claim, "");
  } else if (fate.ok()) {
    ended = db::ReleaseShard(*writer_, claim, std::chrono::milliseconds(0), true);
  } else {
    const bool may_pass = MayPass(fate.status());
    const bool given_up = claim.attempts >= (may_pass ? kMostAttemptsIfMayPass : kMostAttempts);
    if (absl::IsFailedPrecondition(fate.status())) partitions_.Forget();
    LogWarning("scoring a point again ended early",
               {{"rescore", absl::StrCat(claim.run)},
                {"point", PointResource(claim.site, claim.asset, claim.point)},
                {"attempts", absl::StrCat(claim.attempts)},
                {"because", fate.status().ToString()}});
    ended = given_up ? db::FinishShard(*writer_, claim, std::string(fate.status().message()))
                     : db::ReleaseShard(*writer_, claim, timing_.retry_after, false);
  }
  if (!ended.ok()) LogWarning("a point could not be given back", {{"status", ended.ToString()}});
}

}  // namespace auscult::server
