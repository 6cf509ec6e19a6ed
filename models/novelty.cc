#include "models/novelty.h"

#include <algorithm>
#include <cmath>

namespace auscult::models {
namespace {

// From so many severities on that had no part in the baseline they tell the scale, before that the
// window itself does; no more are needed than the later number.
constexpr int kFewestHealthy = 60;
constexpr int kMostHealthy = 400;
// Only what is below a watch is taken for healthy. That cuts the tail off, hence a floor.
constexpr float kHealthySeverity = 4;
constexpr float kHealthyScaleFloor = 1;
// Records, those of the window included, from which a rate of false alarms is stated; so many of
// them without a part in the baseline.
constexpr int kCalibratedRecords = 200;
constexpr int kCalibratedHeldOut = 100;

// What is known of healthy severities.
NoveltyNull LawOf(const PointState& state, const Baseline& baseline) {
  const NoveltyNull& law = baseline.null();
  const SeverityMoments& healthy = state.healthy;
  if (healthy.count < kFewestHealthy) return law;
  const NoveltyNull later =
      NullOf(healthy.mean, healthy.Deviation(), healthy.Correlation(), healthy.count);
  return {.location = std::max(law.location, later.location),
          .scale = std::max(kHealthyScaleFloor, later.scale),
          .thinning = later.thinning};
}

Weight WeightOf(float severity, const AlarmPolicy& policy) {
  if (severity >= policy.material_severity) return Weight::kAsItIs;
  return severity >= kHealthySeverity ? Weight::kNoneAgainstHealth : Weight::kForHealth;
}

}  // namespace

void SeverityMoments::Add(float severity) {
  ++count;
  const float distance = severity - mean;
  mean += distance / static_cast<float>(count);
  const float rest = severity - mean;
  squares += distance * rest;
  if (count > 1) products += last * rest;
  last = rest;
}

float SeverityMoments::Deviation() const {
  return count < 2 ? 0 : std::sqrt(squares / static_cast<float>(count - 1));
}

float SeverityMoments::Correlation() const { return squares > 0 ? products / squares : 1; }

void TakeSeverity(float severity, const Baseline& baseline, const AlarmPolicy& policy,
                  PointState& state) {
  const NoveltyNull law = LawOf(state, baseline);
  if (state.evidence_records > 0) ++state.evidence_records;
  if (++state.evidence.records_since_decision >= law.thinning) {
    const double needed = LogNeeded(policy.false_alarms_per_point_year,
                                    state.cadence.IntervalSeconds(), law.thinning);
    state.evidence.Decide(law.TailProbability(severity), WeightOf(severity, policy), needed);
    if (state.evidence_records == 0 && state.evidence.Reached(needed)) state.evidence_records = 1;
  }
  if (severity < kHealthySeverity && state.healthy.count < kMostHealthy) {
    state.healthy.Add(severity);
  }
}

NoveltyEvidence EvidenceOf(const PointState& state, const Baseline& baseline,
                           const AlarmPolicy& policy) {
  const NoveltyNull law = LawOf(state, baseline);
  return {.log_evidence = state.evidence.log_sum,
          .log_needed = static_cast<float>(LogNeeded(
              policy.false_alarms_per_point_year, state.cadence.IntervalSeconds(), law.thinning)),
          .calibrated = state.healthy.count >= kCalibratedHeldOut &&
                        state.healthy.count + baseline.record_count() >= kCalibratedRecords};
}

}  // namespace auscult::models
