#include "server/model_training.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "db/model_store.h"
#include "db/plant_store.h"
#include "google/protobuf/util/time_util.h"
#include "models/train.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/model_calls.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/training_records.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;
using Json = nlohmann::ordered_json;

// Of all labels the recipe tells how many there were, of the first so many everything.
constexpr size_t kLabelsInRecipe = 100;
// Of the whole, by the clock: reading is quick beside training.
constexpr double kReadingShare = 0.1;

std::string DataRecipe(const std::vector<Labelled>& labels, size_t from_findings,
                       size_t record_count) {
  Json recipe = {{"source", "stored records"},
                 {"records", record_count},
                 {"labels", labels.size()},
                 {"of_these_from_findings", from_findings}};
  Json first = Json::array();
  for (size_t i = 0; i < std::min(kLabelsInRecipe, labels.size()); ++i) {
    const Labelled& label = labels[i];
    first.push_back({{"point", label.point},
                     {"start_us", label.period.start_us},
                     {"end_us", label.period.end_us},
                     {"fault", std::string(models::FaultName(label.fault))},
                     {"rig", label.rig}});
  }
  recipe["first_labels"] = std::move(first);
  return recipe.dump();
}

// What training refuses, in words for the caller.
absl::Status FromTraining(const absl::Status& status) {
  if (absl::IsFailedPrecondition(status)) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     {.reason = "NOT_ENOUGH_TO_LEARN",
                      .message = std::string(status.message()),
                      .remedy = "label more records: healthy ones and faults, of several machines",
                      .field = ""});
  }
  return status;
}

// One training under way.
class TrainingRun {
 public:
  TrainingRun(OperationRun& run, db::Connection& connection, PlantDirectory& directory,
              const db::ActiveClassifier& active)
      : run_(run), connection_(connection), active_(active), records_(connection, directory) {
    *metadata_.mutable_create_time() =
        TimeUtil::MicrosecondsToTimestamp(run.operation().create_time_us);
  }

  absl::StatusOr<OperationResult> Run() {
    if (!request_.ParseFromString(run_.operation().request)) {
      return absl::InternalError("the stored request cannot be read");
    }
    if (absl::Status status = Read(); !status.ok()) return status;
    absl::StatusOr<models::Classifier> classifier = Train();
    if (!classifier.ok()) return FromTraining(classifier.status());
    Report("storing", 1);
    return [file = classifier->Serialize(), classifier = *std::move(classifier),
            description = request_.description(), &active = active_](
               db::Connection& connection) -> absl::StatusOr<google::protobuf::Any> {
      const absl::StatusOr<int> number =
          db::AddModelVersion(connection, kDiagnosisModel, classifier, file, description);
      if (!number.ok()) return number.status();
      const auto version = db::GetModelVersion(connection, kDiagnosisModel, *number);
      if (!version.ok()) return version.status();
      google::protobuf::Any any;
      any.PackFrom(MessageOf(*version, active));
      return any;
    };
  }

 private:
  absl::Status Read() {
    for (int i = 0; i < request_.labels_size(); ++i) {
      absl::StatusOr<Labelled> label = LabelOf(request_.labels(i), i);
      if (!label.ok()) return label.status();
      labels_.push_back(*std::move(label));
    }
    if (request_.use_findings()) {
      absl::StatusOr<std::vector<Labelled>> found = LabelsFromFindings(connection_);
      if (!found.ok()) return found.status();
      labels_.insert(labels_.end(), found->begin(), found->end());
    }
    for (size_t i = 0; i < labels_.size(); ++i) {
      Report("reading",
             kReadingShare * static_cast<double>(i) / static_cast<double>(labels_.size()));
      absl::Status status = records_.Add(labels_[i], [this] { return run_.Continue(); });
      if (!status.ok()) return status;
    }
    Report("training", kReadingShare);
    return absl::OkStatus();
  }

  absl::StatusOr<models::Classifier> Train() {
    models::TrainOptions options;
    if (request_.seed() != 0) options.trees.seed = static_cast<uint32_t>(request_.seed());
    options.data_recipe =
        DataRecipe(labels_, labels_.size() - static_cast<size_t>(request_.labels_size()),
                   records_.records().size());
    options.progress = [this](double done) {
      Report("training", kReadingShare + (1 - kReadingShare) * done);
      return run_.Continue().ok();
    };
    return models::Train(records_.records(), options);
  }

  void Report(const char* step, double progress) {
    metadata_.set_step(step);
    metadata_.set_progress(static_cast<float>(progress));
    metadata_.set_record_count(static_cast<int32_t>(records_.records().size()));
    run_.Report(metadata_);
  }

  OperationRun& run_;
  db::Connection& connection_;
  const db::ActiveClassifier& active_;
  v1::TrainModelRequest request_;
  std::vector<Labelled> labels_;
  TrainingRecords records_;
  v1::TrainMetadata metadata_;
};

}  // namespace

absl::Status CheckTraining(db::Connection& connection, const v1::TrainModelRequest& request) {
  const absl::StatusOr<std::string> model = ParseModelName(request.parent(), false, "parent");
  if (!model.ok()) return model.status();
  absl::Status status = CheckModel(*model, "parent");
  if (status.ok()) status = CheckText(request.description(), "description");
  if (status.ok()) {
    status = CheckNumber(static_cast<double>(request.seed()),
                         {0, std::numeric_limits<uint32_t>::max()}, "", "seed");
  }
  if (!status.ok()) return status;
  if (request.labels().empty() && !request.use_findings()) {
    return BadField("MISSING_FIELD", "labels", "there is nothing to learn from",
                    "send labelled periods, or set use_findings");
  }
  for (int i = 0; i < request.labels_size(); ++i) {
    const absl::StatusOr<Labelled> label = LabelOf(request.labels(i), i);
    if (!label.ok()) return label.status();
    const absl::StatusOr<PointName> name = ParsePointName(label->point);
    if (!name.ok()) return name.status();
    const auto point = db::GetPoint(connection, name->site, name->asset, name->point);
    if (!point.ok()) {
      return FromStore(point.status(), Resource::kPoint, label->point,
                       Concat("labels[", i, "].point"));
    }
  }
  return absl::OkStatus();
}

OperationRunner::Handler TrainingHandler(PlantDirectory* directory,
                                         const db::ActiveClassifier* active) {
  return [directory, active](OperationRun& run, db::Connection& connection) {
    return TrainingRun(run, connection, *directory, *active).Run();
  };
}

}  // namespace auscult::server
