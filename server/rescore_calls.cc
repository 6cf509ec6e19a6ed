#include "server/rescore_calls.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/model_store.h"
#include "db/partitions.h"
#include "db/rescore_adoption.h"
#include "db/rescore_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/owner.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/model_calls.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/operation_view.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/rescore_view.h"
#include "server/scope_points.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

absl::Status FromRescores(const absl::Status& status, const std::string& name) {
  if (!absl::IsNotFound(status) || HasProblem(status)) return status;
  return MakeError(absl::StatusCode::kNotFound, {.reason = "UNKNOWN_RESCORE",
                                                 .message = Concat("there is no ", name),
                                                 .remedy = "ListRescores shows those that exist",
                                                 .field = "name"});
}

absl::Status Precondition(std::string_view reason, std::string message, std::string remedy) {
  return MakeError(absl::StatusCode::kFailedPrecondition, {.reason = reason,
                                                           .message = std::move(message),
                                                           .remedy = std::move(remedy),
                                                           .field = "name"});
}

absl::StatusOr<db::Rescore> Find(CallScope& scope, const std::string& name) {
  const absl::StatusOr<int64_t> id = ParseRescoreName(name);
  if (!id.ok()) return id.status();
  auto rescore = db::GetRescore(scope.connection, *id);
  if (!rescore.ok()) return FromRescores(rescore.status(), name);
  const absl::Status status = JudgeOwner(scope, rescore->scope);
  if (!status.ok()) return FromRescores(status, name);
  return rescore;
}

absl::Status Show(CallScope& scope, const std::string& name, v1::Rescore& response) {
  const auto rescore = Find(scope, name);
  if (!rescore.ok()) return rescore.status();
  auto message = MessageOf(*rescore);
  if (!message.ok()) return message.status();
  response = *std::move(message);
  return absl::OkStatus();
}

absl::StatusOr<db::Period> PeriodOf(const v1::StartRescoreRequest& request) {
  db::Period period{.start_us = db::kEarliestUs, .end_us = absl::ToUnixMicros(absl::Now())};
  for (const auto& [given, time, bound, field] :
       {std::tuple(request.has_start_time(), &request.start_time(), &period.start_us, "start_time"),
        std::tuple(request.has_end_time(), &request.end_time(), &period.end_us, "end_time")}) {
    if (!given) continue;
    const absl::StatusOr<int64_t> us = CheckTime(*time, field);
    if (!us.ok()) return us.status();
    *bound = std::min(std::max(*us, db::kEarliestUs), db::kLatestUs);
  }
  if (period.start_us < period.end_us) return period;
  return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                  "send a start_time before the end_time");
}

// Fills in what the request leaves to the server.
absl::StatusOr<db::Rescore> Resolve(db::Connection& connection, v1::StartRescoreRequest& request) {
  db::Rescore rescore;
  rescore.scope = request.scope();
  rescore.description = request.description();
  absl::Status status = PointsOf(connection, request.scope(), "scope").status();
  if (status.ok()) status = CheckText(request.description(), "description");
  if (status.ok()) status = CheckPlan(request.plan(), "plan");
  if (!status.ok()) return status;
  const absl::StatusOr<db::Period> period = PeriodOf(request);
  if (!period.ok()) return period.status();
  rescore.period = *period;
  if (request.plan().model().empty()) {
    const absl::StatusOr<int> active = db::ActiveModelVersion(connection, kDiagnosisModel);
    if (!active.ok()) return active.status();
    request.mutable_plan()->set_model(ModelVersionResource(kDiagnosisModel, *active));
  }
  const auto version = FindModelVersion(connection, request.plan().model(), "plan.model");
  if (!version.ok()) return version.status();
  rescore.classifier_version = version->version;
  rescore.plan = StoredJson(request.plan());
  return rescore;
}

absl::Status SetPaused(CallScope& scope, const std::string& name, bool paused,
                       v1::Rescore& response) {
  const auto rescore = Find(scope, name);
  if (!rescore.ok()) return rescore.status();
  const absl::Status status = db::PauseRescore(scope.connection, rescore->id, paused);
  if (absl::IsFailedPrecondition(status)) {
    return Precondition("RESCORE_DONE", Concat(name, " is done"), "there is nothing left to do");
  }
  if (!status.ok()) return FromRescores(status, name);
  return Show(scope, name, response);
}

// Only what came to its end can count.
absl::Status CheckDone(const db::Rescore& rescore) {
  if (rescore.done_time_us && rescore.error.empty()) return absl::OkStatus();
  return Precondition("RESCORE_NOT_DONE",
                      Concat(RescoreResource(rescore.id),
                             rescore.done_time_us ? " was cancelled or failed" : " is not done"),
                      rescore.done_time_us ? "start another one" : "wait until it is done");
}

}  // namespace

absl::Status CheckPlan(const v1::RescorePlan& plan, const std::string& field) {
  const bool known = v1::RescorePlan::Source_IsValid(plan.source()) &&
                     v1::RescorePlan::Baseline_IsValid(plan.baseline());
  if (known) return absl::OkStatus();
  return BadField("BAD_PLAN", field,
                  Concat(field, " names a source or a baseline that is not known"),
                  "send one of those in the protocol file");
}

absl::StatusOr<db::Operation> BeginRescore(db::Connection& connection,
                                           const v1::StartRescoreRequest& request,
                                           std::string_view actor,
                                           std::optional<int64_t> schedule_id) {
  v1::StartRescoreRequest complete = request;
  absl::StatusOr<db::Rescore> rescore = Resolve(connection, complete);
  if (!rescore.ok()) return rescore.status();
  rescore->schedule_id = schedule_id;
  v1::RescoreMetadata metadata;
  *metadata.mutable_create_time() = TimeUtil::GetCurrentTime();
  google::protobuf::Any any;
  any.PackFrom(metadata);
  db::Operation operation;
  const absl::Status status = Change(connection, false, [&]() -> absl::Status {
    auto added = db::AddOperation(connection, db::kRescoreKind, complete.SerializeAsString(),
                                  any.SerializeAsString(), actor);
    if (!added.ok()) return added.status();
    operation = *std::move(added);
    rescore->id = operation.id;
    return db::AddRescore(connection, *rescore);
  });
  if (!status.ok()) return status;
  return operation;
}

absl::Status StartRescore(CallScope& scope, const v1::StartRescoreRequest& request,
                          google::longrunning::Operation& response) {
  const auto operation =
      BeginRescore(scope.connection, request, scope.caller->principal, std::nullopt);
  if (!operation.ok()) return operation.status();
  response = MessageOf(*operation);
  return absl::OkStatus();
}

absl::Status GetRescore(CallScope& scope, const v1::GetRescoreRequest& request,
                        v1::Rescore& response) {
  return Show(scope, request.name(), response);
}

absl::Status ListRescores(CallScope& scope, const v1::ListRescoresRequest& request,
                          v1::ListRescoresResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), "ListRescores", 1);
  if (!cursor.ok()) return cursor.status();
  int64_t before = std::numeric_limits<int64_t>::max();
  // The token is sealed, so this is a number as it was written.
  if (!cursor->front().empty()) (void)absl::SimpleAtoi(cursor->front(), &before);
  const auto rescores = db::ListRescores(scope.connection, before, *page_size + 1);
  if (!rescores.ok()) return rescores.status();
  for (const db::Rescore& rescore : *rescores) {
    if (response.rescores_size() == *page_size) {
      response.set_next_page_token(MakePageToken("ListRescores", {Concat(before)}));
      break;
    }
    auto message = MessageOf(rescore);
    if (!message.ok()) return message.status();
    *response.add_rescores() = *std::move(message);
    before = rescore.id;
  }
  return absl::OkStatus();
}

absl::Status PauseRescore(CallScope& scope, const v1::PauseRescoreRequest& request,
                          v1::Rescore& response) {
  return SetPaused(scope, request.name(), true, response);
}

absl::Status ResumeRescore(CallScope& scope, const v1::ResumeRescoreRequest& request,
                           v1::Rescore& response) {
  return SetPaused(scope, request.name(), false, response);
}

absl::Status AdoptRescore(CallScope& scope, const v1::AdoptRescoreRequest& request,
                          v1::Rescore& response) {
  const auto rescore = Find(scope, request.name());
  if (!rescore.ok()) return rescore.status();
  if (absl::Status status = CheckDone(*rescore); !status.ok()) return status;
  const absl::Status status = db::AdoptRun(scope.connection, rescore->id, scope.still_wanted);
  if (!status.ok()) return FromRescores(status, request.name());
  return Show(scope, request.name(), response);
}

absl::Status RevertRescore(CallScope& scope, const v1::RevertRescoreRequest& request,
                           v1::Rescore& response) {
  const auto rescore = Find(scope, request.name());
  if (!rescore.ok()) return rescore.status();
  if (absl::Status status = CheckDone(*rescore); !status.ok()) return status;
  const absl::Status status = db::RevertRun(scope.connection, rescore->id, scope.still_wanted);
  if (!status.ok()) return FromRescores(status, request.name());
  return Show(scope, request.name(), response);
}

absl::Status DeleteRescore(CallScope& scope, const v1::DeleteRescoreRequest& request) {
  const auto rescore = Find(scope, request.name());
  if (!rescore.ok()) return rescore.status();
  if (!rescore->done_time_us) {
    return Precondition("RESCORE_RUNNING", Concat(request.name(), " is not done"),
                        "cancel its operation first, or wait until it is done");
  }
  if (rescore->adopt_time_us) {
    return Precondition("RESCORE_ADOPTED", Concat("the scores of ", request.name(), " count"),
                        "revert it first");
  }
  return FromRescores(db::DeleteRescore(scope.connection, rescore->id, scope.still_wanted),
                      request.name());
}

}  // namespace auscult::server
