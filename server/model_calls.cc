#include "server/model_calls.h"

#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "db/model_store.h"
#include "db/operation_store.h"
#include "db/stale_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/caller.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/model_comparison.h"
#include "server/model_training.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/operation_view.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::StatusOr<std::string> ParentModel(const std::string& parent, std::string_view field) {
  absl::StatusOr<std::string> model = ParseModelName(parent, false, field);
  if (!model.ok()) return model.status();
  if (absl::Status status = CheckModel(*model, field); !status.ok()) return status;
  return model;
}

absl::Status BadModelFile(std::string_view why) {
  return BadField("BAD_MODEL_FILE", "file", Concat("the model file cannot be used: ", why),
                  "send a file that `auscult train` of this release wrote, whole and unchanged");
}

// What it was trained on and judged by names points of all sites, which only those may know who may
// see them all.
v1::ModelVersion ViewOf(const CallScope& scope, const db::ModelVersion& version,
                        const db::ActiveClassifier& active) {
  v1::ModelVersion view = MessageOf(version, active);
  if (!Holds(*scope.caller, v1::ROLE_VIEWER, "")) {
    view.clear_recipe_json();
    view.clear_metrics_json();
  }
  return view;
}

absl::Status Show(CallScope& scope, std::string_view name, const db::ActiveClassifier& active,
                  v1::ModelVersion& response) {
  const auto version = FindModelVersion(scope.connection, name, "name");
  if (!version.ok()) return version.status();
  response = ViewOf(scope, *version, active);
  return absl::OkStatus();
}

// The operation that was stored, as the caller gets it.
template <typename Metadata>
absl::Status Begin(CallScope& scope, const char* kind, const google::protobuf::Message& request,
                   google::longrunning::Operation& response) {
  Metadata metadata;
  *metadata.mutable_create_time() = google::protobuf::util::TimeUtil::GetCurrentTime();
  google::protobuf::Any any;
  any.PackFrom(metadata);
  const auto operation = db::AddOperation(scope.connection, kind, request.SerializeAsString(),
                                          any.SerializeAsString(), scope.caller->principal);
  if (!operation.ok()) return operation.status();
  response = MessageOf(*operation);
  return absl::OkStatus();
}

// The results of all points, which another version would judge otherwise.
absl::Status MarkModelChange(db::Connection& connection, int before, int now) {
  const std::string was = ModelVersionResource(kDiagnosisModel, before);
  const std::string is = ModelVersionResource(kDiagnosisModel, now);
  return db::MarkAllStale(connection, db::StaleReason::kModel, was, is, Concat(was, " -> ", is));
}

}  // namespace

void RefreshClassifier(db::ActiveClassifier& active, db::Connection& connection) {
  const absl::StatusOr<bool> changed = active.Refresh(connection);
  if (!changed.ok() || !*changed) return;
  const std::string name = ModelVersionResource(kDiagnosisModel, active.wanted_version());
  if (const std::string problem = active.problem(); !problem.empty()) {
    LogError("the active model version cannot be used: records are judged by the physics alone",
             {{"version", name}, {"reason", problem}});
  } else {
    LogInfo("records are judged by another model version", {{"version", name}});
  }
}

absl::Status ImportModelVersion(CallScope& scope, const v1::ImportModelVersionRequest& request,
                                const db::ActiveClassifier& active, v1::ModelVersion& response) {
  const absl::StatusOr<std::string> model = ParentModel(request.parent(), "parent");
  if (!model.ok()) return model.status();
  if (absl::Status status = CheckText(request.description(), "description"); !status.ok()) {
    return status;
  }
  const absl::StatusOr<models::Classifier> classifier = models::Classifier::Parse(request.file());
  if (!classifier.ok()) return BadModelFile(std::string(classifier.status().message()));
  const absl::StatusOr<int> version = db::AddModelVersion(scope.connection, *model, *classifier,
                                                          request.file(), request.description());
  if (!version.ok()) return version.status();
  return Show(scope, ModelVersionResource(*model, *version), active, response);
}

absl::Status ListModelVersions(CallScope& scope, const v1::ListModelVersionsRequest& request,
                               const db::ActiveClassifier& active,
                               v1::ListModelVersionsResponse& response) {
  const absl::StatusOr<std::string> model = ParseModelName(request.parent(), true, "parent");
  if (!model.ok()) return model.status();
  if (*model != "-") {
    if (absl::Status status = CheckModel(*model, "parent"); !status.ok()) return status;
  }
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListModelVersions ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 1);
  if (!cursor.ok()) return cursor.status();
  int64_t before = std::numeric_limits<int64_t>::max();
  // The token is sealed, so this is a number as it was written.
  if (!cursor->front().empty()) (void)absl::SimpleAtoi(cursor->front(), &before);
  const auto versions =
      db::ListModelVersions(scope.connection, kDiagnosisModel, before, *page_size + 1);
  if (!versions.ok()) return versions.status();
  for (const db::ModelVersion& version : *versions) {
    if (response.versions_size() == *page_size) {
      response.set_next_page_token(MakePageToken(token_scope, {Concat(before)}));
      break;
    }
    *response.add_versions() = ViewOf(scope, version, active);
    before = version.version;
  }
  return absl::OkStatus();
}

absl::Status GetModelVersion(CallScope& scope, const v1::GetModelVersionRequest& request,
                             const db::ActiveClassifier& active, v1::ModelVersion& response) {
  return Show(scope, request.name(), active, response);
}

absl::Status ActivateModelVersion(CallScope& scope, const v1::ActivateModelVersionRequest& request,
                                  db::ActiveClassifier& active, v1::ModelVersion& response) {
  if (absl::Status status = CheckText(request.actor(), "actor"); !status.ok()) return status;
  const auto version = FindModelVersion(scope.connection, request.name(), "name");
  if (!version.ok()) return version.status();
  const auto classifier = LoadClassifier(scope.connection, *version, "name");
  if (!classifier.ok()) return classifier.status();
  const absl::Status status = Change(scope.connection, false, [&]() -> absl::Status {
    const auto before = db::ActiveModelVersion(scope.connection, version->model);
    if (!before.ok()) return before.status();
    absl::Status made = db::ActivateModelVersion(scope.connection, version->model, version->version,
                                                 ActorOf(*scope.caller, request.actor()));
    if (made.ok()) made = MarkModelChange(scope.connection, *before, version->version);
    return absl::IsNotFound(made) ? UnknownModelVersion(request.name(), "name") : made;
  });
  // Also after a failure: a commit may have succeeded without our hearing of it.
  RefreshClassifier(active, scope.connection);
  return status.ok() ? Show(scope, request.name(), active, response) : status;
}

absl::Status RollbackModel(CallScope& scope, const v1::RollbackModelRequest& request,
                           db::ActiveClassifier& active, v1::ModelVersion& response) {
  if (absl::Status status = CheckText(request.actor(), "actor"); !status.ok()) return status;
  const absl::StatusOr<std::string> model = ParentModel(request.name(), "name");
  if (!model.ok()) return model.status();
  int version = 0;
  const absl::Status status = Change(scope.connection, false, [&]() -> absl::Status {
    const absl::StatusOr<int> judging = db::ActiveModelVersion(scope.connection, *model);
    if (!judging.ok()) return judging.status();
    const absl::StatusOr<int> before =
        db::RollBackModel(scope.connection, *model, ActorOf(*scope.caller, request.actor()));
    if (absl::IsFailedPrecondition(before.status())) {
      return MakeError(absl::StatusCode::kFailedPrecondition,
                       {.reason = "NOTHING_TO_ROLL_BACK",
                        .message = "no activation is left that could be taken back",
                        .remedy = "name the version you want with ActivateModelVersion",
                        .field = "name"});
    }
    if (!before.ok()) return before.status();
    version = *before;
    return MarkModelChange(scope.connection, *judging, version);
  });
  RefreshClassifier(active, scope.connection);
  if (!status.ok()) return status;
  return Show(scope, ModelVersionResource(*model, version), active, response);
}

absl::Status DeleteModelVersion(CallScope& scope, const v1::DeleteModelVersionRequest& request) {
  const auto version = FindModelVersion(scope.connection, request.name(), "name");
  if (!version.ok()) return version.status();
  return Change(scope.connection, false, [&]() -> absl::Status {
    absl::Status made = db::DeleteModelVersion(scope.connection, version->model, version->version);
    if (absl::IsNotFound(made)) return UnknownModelVersion(request.name(), "name");
    if (!absl::IsFailedPrecondition(made)) return made;
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     {.reason = "MODEL_ACTIVE",
                      .message = std::string(made.message()),
                      .remedy = version->version == 0 ? "the physics always stays"
                                                      : "activate another version first",
                      .field = "name"});
  });
}

absl::Status TrainModel(CallScope& scope, const v1::TrainModelRequest& request,
                        google::longrunning::Operation& response) {
  if (absl::Status status = CheckTraining(scope.connection, request); !status.ok()) return status;
  return Begin<v1::TrainMetadata>(scope, kTrainKind, request, response);
}

absl::Status CompareModelVersions(CallScope& scope, const v1::CompareModelVersionsRequest& request,
                                  google::longrunning::Operation& response) {
  v1::CompareModelVersionsRequest complete = request;
  if (absl::Status status = CompleteComparison(scope.connection, complete); !status.ok()) {
    return status;
  }
  return Begin<v1::CompareMetadata>(scope, kCompareKind, complete, response);
}

}  // namespace auscult::server
