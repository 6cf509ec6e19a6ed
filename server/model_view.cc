#include "server/model_view.h"

#include <utility>

#include "features/feature_set.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/health_view.h"
#include "server/model_calls.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

std::string FeatureSetName(int set_id) {
  const features::FeatureSet* const set = features::FindFeatureSet(static_cast<int16_t>(set_id));
  return set == nullptr ? Concat("set ", set_id) : std::string(set->name);
}

}  // namespace

v1::ModelVersion MessageOf(const db::ModelVersion& version, const db::ActiveClassifier& active) {
  v1::ModelVersion message;
  message.set_name(ModelVersionResource(version.model, version.version));
  message.set_active(version.active);
  if (version.create_time_us > 0) {
    *message.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(version.create_time_us);
  }
  if (version.activate_time_us > 0) {
    *message.mutable_activate_time() = TimeUtil::MicrosecondsToTimestamp(version.activate_time_us);
  }
  message.set_description(version.description);
  message.set_feature_set(FeatureSetName(version.feature_set));
  for (const models::Fault fault : version.faults) {
    message.add_faults(FaultOf(static_cast<int>(fault)));
  }
  message.set_recipe_json(version.recipe);
  message.set_metrics_json(version.metrics);
  message.set_size_bytes(version.size_bytes);
  message.set_content_hash(version.content_hash);
  if (version.active && version.version == active.wanted_version()) {
    message.set_problem(active.problem());
  }
  return message;
}

absl::Status CheckModel(std::string_view model, std::string_view field) {
  if (model == kDiagnosisModel) return absl::OkStatus();
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_MODEL",
                    .message = Concat("there is no model ", Quoted(model)),
                    .remedy = Concat("send models/", kDiagnosisModel),
                    .field = std::string(field)});
}

absl::Status UnknownModelVersion(std::string_view name, std::string_view field) {
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_MODEL_VERSION",
                    .message = Concat("there is no model version ", Quoted(name)),
                    .remedy = "list them with ListModelVersions or `auscult models list`",
                    .field = std::string(field)});
}

absl::StatusOr<db::ModelVersion> FindModelVersion(db::Connection& connection, std::string_view name,
                                                  std::string_view field) {
  const absl::StatusOr<ModelVersionName> parsed = ParseModelVersionName(name, field);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status status = CheckModel(parsed->model, field); !status.ok()) return status;
  auto version = db::GetModelVersion(connection, parsed->model, parsed->version);
  if (absl::IsNotFound(version.status())) return UnknownModelVersion(name, field);
  return version;
}

absl::StatusOr<std::shared_ptr<const models::Classifier>> LoadClassifier(
    db::Connection& connection, const db::ModelVersion& version, std::string_view field) {
  if (version.version == 0) return nullptr;
  const auto file = db::ReadModelFile(connection, version.model, version.version);
  const std::string name = ModelVersionResource(version.model, version.version);
  if (absl::IsNotFound(file.status())) return UnknownModelVersion(name, field);
  if (!file.ok()) return file.status();
  absl::StatusOr<models::Classifier> classifier = models::Classifier::Parse(*file);
  if (classifier.ok()) return std::make_shared<const models::Classifier>(*std::move(classifier));
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   {.reason = "MODEL_DAMAGED",
                    .message = Concat("the stored file of ", name, " cannot be used: ",
                                      std::string(classifier.status().message())),
                    .remedy = "import its file again, or use another version",
                    .field = std::string(field)});
}

}  // namespace auscult::server
