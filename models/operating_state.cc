#include "models/operating_state.h"

#include <cmath>
#include <utility>

namespace auscult::models {
namespace {

constexpr float kSettlingDb = 1.5f;    // from one record to the next
constexpr float kTransitPercent = 10;  // speed that varies so much inside a record

bool InTransit(const features::FeatureVector& features) {
  return features.Value(0, "speed_variation_percent") > kTransitPercent;
}

// Every channel far below what it was learnt at.
bool StandsStill(const Score& score, const Baseline& baseline) {
  bool any = false;
  for (const int level : baseline.levels()) {
    if (score.deviations.empty()) return false;
    const float rise_db = score.deviations[level] * baseline.Scatter(level);
    if (!(rise_db < -kStandstillDb)) return false;
    any = true;
  }
  return any;
}

}  // namespace

float MeanLevelDb(const features::FeatureVector& features) {
  float sum = 0;
  for (int channel = 0; channel < features.channel_count; ++channel) {
    sum += features.Value(channel, "level_db");
  }
  return sum / static_cast<float>(features.channel_count);
}

Operation OperatingState::Take(const features::FeatureVector& features, const Score& score,
                               const Baseline* baseline) {
  if (features::Has(features.quality, features::QualityFlag::kStopped) ||
      (baseline != nullptr && StandsStill(score, *baseline))) {
    records_since_stop = 0;
    last_level_db = features::kNotKnown;
    return Operation::kStopped;
  }
  if (InTransit(features)) return Operation::kStarting;
  if (records_since_stop >= kSettled) return Operation::kSteady;
  ++records_since_stop;
  const float level_db = MeanLevelDb(features);
  const float before_db = std::exchange(last_level_db, level_db);
  // An unknown level delays nothing.
  const bool settling = std::abs(level_db - before_db) > kSettlingDb;
  if (records_since_stop == 1 || settling) return Operation::kStarting;
  records_since_stop = kSettled;
  return Operation::kSteady;
}

}  // namespace auscult::models
