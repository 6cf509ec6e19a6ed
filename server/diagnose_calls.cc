#include "server/diagnose_calls.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "db/baseline_store.h"
#include "db/record_query.h"
#include "google/protobuf/util/time_util.h"
#include "models/score.h"
#include "server/advice_view.h"
#include "server/concat.h"
#include "server/diagnosis_view.h"
#include "server/errors.h"
#include "server/fleet_health.h"
#include "server/health_view.h"
#include "server/machine_check.h"
#include "server/machine_view.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/record_extraction.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// Machine and channels of the request take the place of what is known of the point. `site` "" has
// no bearings of its own.
absl::Status Override(const v1::DiagnoseRequest& request, std::string_view site,
                      const SiteBearings& bearings, DirectoryEntry& point) {
  if (request.has_machine()) {
    absl::Status status = CheckMachine(request.machine(), site, bearings, "machine");
    if (!status.ok()) return status;
    point.machine =
        std::make_shared<const features::Machine>(MachineOf(request.machine(), bearings));
  }
  if (request.channels().empty()) return absl::OkStatus();
  v1::Point described;
  *described.mutable_channels() = request.channels();
  absl::Status status = CheckChannels(described, "channels");
  if (!status.ok()) return status;
  auto channels = ChannelsOf(described);
  if (!channels.ok()) return channels.status();
  point.channels = *std::move(channels);
  point.sample_rate_hz = 0;
  point.limits = nullptr;
  return absl::OkStatus();
}

absl::StatusOr<features::FeatureVector> ExtractSent(const v1::DiagnoseRequest& request,
                                                    const DirectoryEntry& point) {
  v1::Waveform waveform = request.waveform();
  const int64_t now_us = NowUs();
  // A record that is not stored needs no key.
  if (!waveform.has_measured_at()) {
    *waveform.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(now_us);
  }
  RecordExtraction extraction;
  absl::StatusOr<db::Record> record = extraction.Extract(waveform, point, now_us);
  if (!record.ok()) return record.status();
  return std::move(record->features);
}

absl::StatusOr<features::FeatureVector> ReadStored(PointScope& scope,
                                                   const v1::DiagnoseRequest& request) {
  if (request.has_machine() || !request.channels().empty()) {
    return BadField("MISSING_WAVEFORM", "waveform",
                    "machine and channels are given, but no waveform",
                    "send the waveform that they belong to, or leave them out to judge a stored "
                    "record");
  }
  std::optional<int64_t> at_us;
  if (request.has_measured_at()) {
    const auto us = CheckTime(request.measured_at(), "measured_at");
    if (!us.ok()) return us.status();
    at_us = *us;
  }
  auto record = db::ReadRecord(scope.connection(), scope.key(), at_us);
  if (record.ok()) return std::move(record->features);
  return UnknownRecord(record.status(), scope.point.name);
}

void Judge(const features::FeatureVector& record, const DirectoryEntry& point,
           const models::Baseline* baseline, const db::ActiveClassifier::Version& classifier,
           models::Language language, v1::DiagnoseResponse& response) {
  models::PointModel model{.machine = point.machine.get(),
                           .baseline = baseline,
                           .classifier = classifier.classifier.get()};
  if (point.limits != nullptr) model.limits = *point.limits;
  const models::Score score = models::ScoreRecord(record, model);
  v1::Diagnosis& diagnosis = *response.mutable_diagnosis();
  diagnosis = MessageOf(score.diagnosis, point);
  if (auto advice = AdviceOnRecord(diagnosis.verdict(), language)) {
    *diagnosis.mutable_advice() = *std::move(advice);
  }
  if (const auto* set = features::FindFeatureSet(record.set_id)) {
    response.set_feature_set(std::string(set->name));
  }
  AddFeatures(record, point, *response.mutable_features());
  for (std::string& name : QualityNames(record.quality)) response.add_quality(std::move(name));
  response.set_model(
      classifier.version == 0 ? "physics" : ModelVersionResource("diagnosis", classifier.version));
}

}  // namespace

absl::Status Diagnose(PointScope& scope, const v1::DiagnoseRequest& request,
                      v1::DiagnoseResponse& response) {
  const auto language = LanguageOf(request.language_code());
  if (!language.ok()) return language.status();
  DirectoryEntry point = scope.point;
  absl::StatusOr<features::FeatureVector> record;
  if (request.has_waveform()) {
    const absl::StatusOr<PointName> name = ParsePointName(point.name, "point");
    if (!name.ok()) return name.status();
    SiteBearings bearings;
    if (UsesSiteBearings(request.machine())) {
      absl::StatusOr<SiteBearings> loaded = LoadSiteBearings(scope.connection(), name->site);
      if (!loaded.ok()) return loaded.status();
      bearings = *std::move(loaded);
    }
    absl::Status status = Override(request, name->site, bearings, point);
    if (!status.ok()) return status;
    record = ExtractSent(request, point);
  } else {
    record = ReadStored(scope, request);
  }
  if (!record.ok()) return record.status();
  const absl::StatusOr<int> version = db::ActiveVersion(scope.connection(), scope.key());
  if (!version.ok()) return version.status();
  std::shared_ptr<const models::Baseline> baseline;
  if (*version > 0) {
    auto loaded = scope.baselines.Get(scope.connection(), point.asset_id, point.point_id, *version);
    if (!loaded.ok() && !absl::IsDataLoss(loaded.status())) return loaded.status();
    if (loaded.ok()) baseline = *std::move(loaded);
  }
  Judge(*record, point, baseline.get(), scope.classifier.Get(), *language, response);
  return absl::OkStatus();
}

absl::Status DiagnoseUnknownPoint(const db::ActiveClassifier& classifier,
                                  const v1::DiagnoseRequest& request,
                                  v1::DiagnoseResponse& response) {
  if (request.channels().empty()) {
    return BadField("MISSING_FIELD", "channels", "neither point nor channels are given",
                    "name the point, or say what each channel of the waveform measures");
  }
  const auto language = LanguageOf(request.language_code());
  if (!language.ok()) return language.status();
  DirectoryEntry point;
  point.name = "the waveform";
  point.machine = std::make_shared<const features::Machine>();
  absl::Status status = Override(request, "", {}, point);
  if (!status.ok()) return status;
  const auto record = ExtractSent(request, point);
  if (!record.ok()) return record.status();
  Judge(*record, point, nullptr, classifier.Get(), *language, response);
  return absl::OkStatus();
}

}  // namespace auscult::server
