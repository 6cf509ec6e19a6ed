#include "server/explain_calls.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "db/baseline_store.h"
#include "db/point_row.h"
#include "db/record_query.h"
#include "google/protobuf/util/time_util.h"
#include "models/explain.h"
#include "models/health.h"
#include "models/novelty.h"
#include "server/concat.h"
#include "server/diagnosis_view.h"
#include "server/errors.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// Of the records that were learnt from: enough for a covariance, and quick to compare with.
constexpr int kMostRecords = 200;

absl::Status NotExplained(const std::string& message, const std::string& remedy) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      {.reason = "NOT_EXPLAINED", .message = message, .remedy = remedy, .field = "point"});
}

// The baseline that judges the point, and where it came from.
struct Learnt {
  std::shared_ptr<const models::Baseline> baseline;
  db::BaselineVersion version;
  models::LearningWindow window;
};

absl::StatusOr<Learnt> LoadLearnt(PointScope& scope) {
  const absl::StatusOr<int> active = db::ActiveVersion(scope.connection(), scope.key());
  if (!active.ok()) return active.status();
  if (*active == 0) {
    return NotExplained(Concat(scope.point.name, " has no baseline yet"),
                        "ask again when it has learnt; Diagnose judges a record without one");
  }
  Learnt learnt;
  auto baseline =
      scope.baselines.Get(scope.connection(), scope.point.asset_id, scope.point.point_id, *active);
  if (absl::IsDataLoss(baseline.status())) {
    return NotExplained(Concat(scope.point.name, "/baselines/", *active, " cannot be read"),
                        "activate another version, or learn a new one with Relearn");
  }
  if (!baseline.ok()) return baseline.status();
  learnt.baseline = *std::move(baseline);
  auto version = db::GetBaseline(scope.connection(), scope.key(), *active);
  if (!version.ok()) return version.status();
  learnt.version = *std::move(version);
  // A period that was chosen may hold records that came late.
  auto window = db::ReadLearningWindow(scope.connection(), scope.key(),
                                       {.after_us = learnt.version.learnt_from_us - 1,
                                        .until_us = learnt.version.learnt_to_us,
                                        .limit = kMostRecords,
                                        .with_late = learnt.version.origin == "asked for"},
                                       learnt.baseline->set_id(), learnt.baseline->channel_count());
  if (!window.ok()) return window.status();
  learnt.window = *std::move(window);
  return learnt;
}

void Add(const char* name, const models::Statistic& statistic, v1::ExplainResponse& response) {
  if (!std::isfinite(statistic.value) || !std::isfinite(statistic.limit)) return;
  v1::Statistic& shown = *response.add_statistics();
  shown.set_name(name);
  shown.set_value(static_cast<float>(statistic.value));
  shown.set_limit(static_cast<float>(statistic.limit));
}

void AddAttribution(const models::Reconstruction& reconstruction, const models::Baseline& baseline,
                    const features::FeatureVector& record, const DirectoryEntry& point,
                    v1::ExplainResponse& response) {
  const auto learnt = baseline.learnt();
  const auto found = std::find(learnt.begin(), learnt.end(), reconstruction.value_index);
  v1::Attribution& shown = *response.add_attributions();
  shown.set_feature(
      FeatureName(point, *features::FindFeatureSet(record.set_id), reconstruction.value_index));
  if (std::isfinite(reconstruction.value)) shown.set_value(reconstruction.value);
  shown.set_contribution(reconstruction.share);
  if (found == learnt.end()) {
    shown.set_expected(reconstruction.usual);
    return;
  }
  const auto index = static_cast<int>(found - learnt.begin());
  shown.set_expected(baseline.Expected(index, record));
  shown.set_scatter(baseline.Scatter(index));
  const std::vector<float> deviations = baseline.Deviations(record);
  if (!deviations.empty() && std::isfinite(deviations[index])) {
    shown.set_deviation(deviations[index]);
  }
}

void ShowLearnt(const Learnt& learnt, const DirectoryEntry& point, v1::ExplainResponse& response) {
  response.set_baseline(Concat(point.name, "/baselines/", learnt.version.version));
  response.set_learnt_record_count(static_cast<int>(learnt.window.records.size()));
  *response.mutable_learnt_from() =
      TimeUtil::MicrosecondsToTimestamp(learnt.version.learnt_from_us);
  *response.mutable_learnt_to() = TimeUtil::MicrosecondsToTimestamp(learnt.version.learnt_to_us);
}

// The bets that the point's state holds are those after its latest record.
absl::Status AddEvidence(PointScope& scope, const Learnt& learnt, int64_t measured_at_us,
                         v1::ExplainResponse& response) {
  return db::InTransaction(scope.connection(), [&]() -> absl::Status {
    const db::PointKey key = scope.key();
    const auto rows = db::LockPointRows(scope.connection(), std::span(&key, 1));
    if (!rows.ok()) return rows.status();
    if (rows->empty() || rows->front().last_measured_at_us != measured_at_us) {
      return absl::OkStatus();
    }
    models::AlarmPolicy policy;
    policy.false_alarms_per_point_year = scope.point.false_alarms_per_point_year;
    const models::NoveltyEvidence evidence =
        models::EvidenceOf(rows->front().state, *learnt.baseline, policy);
    response.set_evidence(std::max(0.0f, evidence.log_evidence / evidence.log_needed));
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status Explain(PointScope& scope, const v1::ExplainRequest& request,
                     v1::ExplainResponse& response) {
  std::optional<int64_t> at_us;
  if (request.has_measured_at()) {
    const auto us = CheckTime(request.measured_at(), "measured_at");
    if (!us.ok()) return us.status();
    at_us = *us;
  }
  const auto record = db::ReadRecord(scope.connection(), scope.key(), at_us, true);
  if (!record.ok()) return UnknownRecord(record.status(), scope.point.name);
  const absl::StatusOr<Learnt> learnt = LoadLearnt(scope);
  if (!learnt.ok()) return learnt.status();
  const auto explanation = models::Explain(learnt->window.records, record->features);
  if (absl::IsFailedPrecondition(explanation.status())) {
    return NotExplained(std::string(explanation.status().message()),
                        "learn from a longer period with Relearn");
  }
  if (!explanation.ok()) return explanation.status();
  *response.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(record->measured_at_us);
  ShowLearnt(*learnt, scope.point, response);
  Add("hotelling_t2", explanation->t2, response);
  Add("pca_residual_q", explanation->q, response);
  Add("nearest_neighbour", explanation->nearest, response);
  for (const models::Reconstruction& reconstruction : explanation->contributions) {
    AddAttribution(reconstruction, *learnt->baseline, record->features, scope.point, response);
  }
  response.set_outside_learnt(Describe(learnt->baseline->Outside(record->features)));
  const absl::StatusOr<db::StoredScore> score =
      db::ReadScore(scope.connection(), scope.key(), record->measured_at_us);
  if (!score.ok()) return score.status();
  if (std::isfinite(score->severity)) response.set_severity(score->severity);
  return AddEvidence(scope, *learnt, record->measured_at_us, response);
}

}  // namespace auscult::server
