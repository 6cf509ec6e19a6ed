#include "models/score.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/classified_diagnosis.h"

namespace auscult::models {
namespace {

// The worst limit reached; of equally bad ones the first.
std::optional<LimitReached> WorstLimit(const features::FeatureVector& features,
                                       std::span<const UserLimit> limits) {
  std::optional<LimitReached> worst;
  for (const UserLimit& limit : limits) {
    if (limit.value_index < 0 || limit.value_index >= static_cast<int>(features.values.size())) {
      continue;
    }
    LimitReached reached{.value_index = limit.value_index,
                         .value = features.values[limit.value_index]};
    reached.alarm = reached.value >= limit.alarm;
    if (!reached.alarm && !(reached.value >= limit.alert)) continue;
    reached.limit = reached.alarm ? limit.alarm : limit.alert;
    if (!worst || (reached.alarm && !worst->alarm)) worst = reached;
  }
  return worst;
}

}  // namespace

float PeakRiseDb(std::span<const float> deviations, const Baseline& baseline) {
  float rise_db = features::kNotKnown;
  for (const int peak : baseline.peaks()) {
    rise_db = std::fmax(rise_db, deviations[peak] * baseline.Scatter(peak));
  }
  return rise_db;
}

features::Zone WorstZone(const features::FeatureVector& features,
                         const features::Machine& machine) {
  const auto limits = features::LimitsFor(machine);
  features::Zone worst = features::Zone::kUnknown;
  if (!limits) return worst;
  for (int channel = 0; channel < features.channel_count; ++channel) {
    worst = std::max(worst, features::ZoneOf(features.Value(channel, "velocity_rms_mm_s"), limits));
  }
  return worst;
}

Score ScoreRecord(const features::FeatureVector& features, const PointModel& model) {
  const features::Machine& machine = *model.machine;
  const Baseline* const baseline = model.baseline;
  Score score;
  score.diagnosis = Diagnose(features, machine, baseline == nullptr ? nullptr : &baseline->usual());
  score.peak_rise_db = features::kNotKnown;
  score.scorable = (features.quality & features::kUnscorable) == 0 &&
                   !features::Has(features.quality, features::QualityFlag::kStopped);
  if (!score.scorable) return score;
  score.zone = WorstZone(features, machine);
  score.limit = WorstLimit(features, model.limits);
  if (model.classifier != nullptr) {
    score.diagnosis = WithClassifier(std::move(score.diagnosis), *model.classifier,
                                     model.classifier->Classify(features, machine, model.baseline));
  }
  if (baseline == nullptr) return score;
  score.outside_learnt = baseline->Outside(features);
  score.deviations = baseline->Deviations(features);
  if (!score.deviations.empty()) {
    score.peak_rise_db = PeakRiseDb(score.deviations, *baseline);
  }
  return score;
}

}  // namespace auscult::models
