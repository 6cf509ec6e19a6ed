#include "server/baseline_calls.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "db/baseline_store.h"
#include "db/relearning.h"
#include "features/feature_set.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/caller.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/fleet_health.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// Of a period that is learnt from: what holds a machine's usual states, and is fitted in a moment.
constexpr int kMostRecords = 2000;

int16_t SetOf(const DirectoryEntry& point) {
  return features::FeatureSetFor(point.channels.front().quantity);
}

// FAILED_PRECONDITION where the baseline is lost: the caller can do without it, the server cannot.
absl::Status Damaged(const std::string& name) {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   {.reason = "DAMAGED_BASELINE",
                    .message = Concat(name, " cannot be read from the database"),
                    .remedy = "activate another version, or learn a new one with Relearn",
                    .field = "name"});
}

v1::Baseline MessageOf(PointScope& scope, const db::BaselineVersion& stored, int active) {
  v1::Baseline message;
  message.set_name(Concat(scope.point.name, "/baselines/", stored.version));
  message.set_version(stored.version);
  message.set_active(stored.version == active);
  if (const auto* set = features::FindFeatureSet(stored.set_id)) {
    message.set_feature_set(std::string(set->name));
  }
  *message.mutable_learnt_from() = TimeUtil::MicrosecondsToTimestamp(stored.learnt_from_us);
  *message.mutable_learnt_to() = TimeUtil::MicrosecondsToTimestamp(stored.learnt_to_us);
  *message.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(stored.create_time_us);
  message.set_origin(stored.origin);
  const auto model = scope.baselines.Get(scope.connection(), scope.point.asset_id,
                                         scope.point.point_id, stored.version);
  if (model.ok()) {
    message.set_learnt_feature_count(static_cast<int>((*model)->learnt().size()));
  }
  return message;
}

absl::Status Show(PointScope& scope, int version, v1::Baseline& response) {
  const auto stored = db::GetBaseline(scope.connection(), scope.key(), version);
  if (!stored.ok()) return stored.status();
  const absl::StatusOr<int> active = db::ActiveVersion(scope.connection(), scope.key());
  if (!active.ok()) return active.status();
  response = MessageOf(scope, *stored, *active);
  return absl::OkStatus();
}

// "Learning anew, asked for by Ada".
std::string Asked(std::string what, const PointScope& scope, const std::string& word) {
  const std::string actor = ActorOf(*scope.call.caller, word);
  return actor.empty() ? what : Concat(what, ", asked for by ", actor);
}

absl::Status PointGone(const DirectoryEntry& point, const absl::Status& status) {
  return FromStore(status, Resource::kPoint, point.name, "point");
}

absl::StatusOr<db::LearningPeriod> PeriodOf(const v1::RelearnRequest& request) {
  for (const auto& [has, other, field] :
       {std::tuple(request.has_start_time(), request.has_end_time(), "start_time"),
        std::tuple(request.has_end_time(), request.has_start_time(), "end_time")}) {
    if (has || !other) continue;
    return BadField("MISSING_FIELD", field, Concat(field, " is missing"),
                    "send both ends of the period, or neither to learn from the records to come");
  }
  const auto start_us = CheckTime(request.start_time(), "start_time");
  if (!start_us.ok()) return start_us.status();
  const auto end_us = CheckTime(request.end_time(), "end_time");
  if (!end_us.ok()) return end_us.status();
  if (*start_us >= *end_us) {
    return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                    "send a start_time before the end_time");
  }
  return db::LearningPeriod{
      .after_us = *start_us - 1, .until_us = *end_us - 1, .limit = kMostRecords, .with_late = true};
}

// Fitted before anything is locked: stored records never change.
absl::StatusOr<int> LearnFromPeriod(PointScope& scope, const v1::RelearnRequest& request) {
  const absl::StatusOr<db::LearningPeriod> period = PeriodOf(request);
  if (!period.ok()) return period.status();
  const auto window =
      db::ReadLearningWindow(scope.connection(), scope.key(), *period, SetOf(scope.point),
                             static_cast<int>(scope.point.channels.size()));
  if (!window.ok()) return window.status();
  models::BaselineOptions options;
  options.skip_records = 0;  // whoever names a period leaves out the run-in
  options.window_records =
      std::max(options.window_records, static_cast<int>(window->records.size()));
  const absl::StatusOr<models::Baseline> fitted = models::Baseline::Fit(window->records, options);
  if (!fitted.ok()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     {.reason = "PERIOD_NOT_LEARNT",
                      .message = Concat("nothing can be learnt from that period, which has ",
                                        window->records.size(), " records to learn from: ",
                                        std::string(fitted.status().message())),
                      .remedy = "choose a longer period, or one in which the machine ran steadily",
                      .field = "start_time"});
  }
  int version = 0;
  const absl::Status status = Change(scope.connection(), false, [&]() -> absl::Status {
    const auto adopted =
        db::AdoptBaseline(scope.connection(), scope.key(), *fitted, *window,
                          Asked("Learnt anew from a chosen period", scope, request.actor()));
    if (adopted.ok()) version = *adopted;
    return adopted.status();
  });
  if (!status.ok()) return PointGone(scope.point, status);
  return version;
}

absl::Status LearnFromNowOn(PointScope& scope, const v1::RelearnRequest& request) {
  const db::PointKey key = scope.key();
  return Change(scope.connection(), false, [&] {
    return db::RestartLearning(scope.connection(), std::span(&key, 1), std::nullopt,
                               Asked("Learning anew", scope, request.actor()));
  });
}

absl::Status ShowHealth(PointScope& scope, v1::PointHealth& response) {
  const absl::StatusOr<PointName> name = ParsePointName(scope.point.name);
  if (!name.ok()) return name.status();
  const auto fleet = FleetHealth::Load(scope.connection(), name->site, name->asset);
  if (!fleet.ok()) return fleet.status();
  for (NamedPointHealth& point : fleet->PointsOf(scope.point.asset_id)) {
    if (point.name == scope.point.name) response = std::move(point.health);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ListBaselines(PointScope& scope, const v1::ListBaselinesRequest& request,
                           v1::ListBaselinesResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListBaselines ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 1);
  if (!cursor.ok()) return cursor.status();
  int before = 0;  // the token is sealed, so this is as it was written
  (void)absl::SimpleAtoi((*cursor)[0], &before);
  const auto stored = db::ListBaselines(scope.connection(), scope.key(), before, *page_size + 1);
  if (!stored.ok()) return stored.status();
  const absl::StatusOr<int> active = db::ActiveVersion(scope.connection(), scope.key());
  if (!active.ok()) return active.status();
  const size_t shown = std::min(stored->size(), static_cast<size_t>(*page_size));
  for (size_t i = 0; i < shown; ++i) {
    *response.add_baselines() = MessageOf(scope, (*stored)[i], *active);
  }
  if (shown < stored->size()) {
    response.set_next_page_token(
        MakePageToken(token_scope, {Concat((*stored)[shown - 1].version)}));
  }
  return absl::OkStatus();
}

absl::Status Relearn(PointScope& scope, const v1::RelearnRequest& request,
                     v1::RelearnResponse& response) {
  if (absl::Status status = CheckText(request.actor(), "actor"); !status.ok()) return status;
  if (!request.has_start_time() && !request.has_end_time()) {
    if (absl::Status status = LearnFromNowOn(scope, request); !status.ok()) return status;
  } else {
    const absl::StatusOr<int> version = LearnFromPeriod(scope, request);
    if (!version.ok()) return version.status();
    absl::Status status = Show(scope, *version, *response.mutable_baseline());
    if (!status.ok()) return status;
  }
  return ShowHealth(scope, *response.mutable_health());
}

absl::Status ActivateBaseline(PointScope& scope, const v1::ActivateBaselineRequest& request,
                              v1::Baseline& response) {
  const absl::StatusOr<BaselineName> name = ParseBaselineName(request.name());
  if (!name.ok()) return name.status();
  if (absl::Status status = CheckText(request.actor(), "actor"); !status.ok()) return status;
  const auto model = scope.baselines.Get(scope.connection(), scope.point.asset_id,
                                         scope.point.point_id, name->version);
  if (absl::IsNotFound(model.status())) {
    return MakeError(absl::StatusCode::kNotFound,
                     {.reason = "UNKNOWN_BASELINE",
                      .message = Concat("there is no ", request.name()),
                      .remedy = "ListBaselines shows the versions of the point",
                      .field = "name"});
  }
  if (absl::IsDataLoss(model.status())) return Damaged(request.name());
  if (!model.ok()) return model.status();
  if ((*model)->set_id() != SetOf(scope.point) ||
      (*model)->channel_count() != static_cast<int>(scope.point.channels.size())) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     {.reason = "OTHER_FEATURES",
                      .message = Concat(request.name(), " was learnt from other channels or ",
                                        "features than the point has now"),
                      .remedy = "activate a version of the same feature set, or learn a new one",
                      .field = "name"});
  }
  const absl::Status status = Change(scope.connection(), false, [&] {
    return db::ActivateBaseline(scope.connection(), scope.key(), name->version,
                                Asked(Concat("Judged by baseline ", name->version, " from here on"),
                                      scope, request.actor()));
  });
  if (!status.ok()) return PointGone(scope.point, status);
  return Show(scope, name->version, response);
}

}  // namespace auscult::server
