#pragma once

#include <cmath>
#include <vector>

#include "features/feature_set.h"
#include "features/machine.h"
#include "models/random.h"

namespace auscult::models {

// A record of which nothing is known yet.
inline features::FeatureVector BlankFeatures(int16_t set_id = features::kVibrationSet,
                                             int channel_count = 1) {
  features::FeatureVector record;
  record.set_id = set_id;
  record.channel_count = channel_count;
  record.values.assign(features::FindFeatureSet(set_id)->features.size() * channel_count,
                       features::kNotKnown);
  record.speed_rpm = features::kNotKnown;
  record.load_percent = features::kNotKnown;
  return record;
}

inline bool IsLearnt(const features::FeatureVector& record, int value_index) {
  const features::FeatureSet& set = *features::FindFeatureSet(record.set_id);
  return set.features[value_index % set.features.size()].scale == features::Scale::kLevelDb;
}

// A healthy point at the level of features: every learnt level jitters, wanders by itself and with
// all the others (first-order autoregressive), with now and then an outlier.
class HealthyPoint {
 public:
  struct Character {
    double jitter_db = 0.5;
    double own_db = 0.5;  // standard deviation of a level's own wandering
    double own_memory = 0.9;
    double common_db = 0.6;  // of that of all levels together
    double common_memory = 0.97;
    double outliers = 0.01;  // share of records that jitter five times as much
    // After a restart all levels together and each by itself stand elsewhere than usual.
    double restarts = 0;  // share of records that come after one
    double restart_common_db = 0.5;
    double restart_own_db = 0.3;
  };

  explicit HealthyPoint(uint64_t seed) : HealthyPoint(seed, Character()) {}
  HealthyPoint(uint64_t seed, const Character& character)
      : character_(character), random_(seed, 99), blank_(BlankFeatures()) {
    location_.resize(blank_.values.size());
    own_.resize(blank_.values.size());
    offset_.resize(blank_.values.size());
    for (size_t i = 0; i < blank_.values.size(); ++i) {
      if (!IsLearnt(blank_, static_cast<int>(i))) continue;
      location_[i] = random_.Uniform(-40, 20);
      own_[i] = character.own_db * random_.Normal();
    }
    common_ = character.common_db * random_.Normal();
  }

  features::FeatureVector Next() {
    features::FeatureVector record = blank_;
    const bool outlier = random_.Uniform() < character_.outliers;
    const double jitter_db = character_.jitter_db * (outlier ? 5 : 1);
    if (character_.restarts > 0 && random_.Uniform() < character_.restarts) Restart();
    Step(common_, character_.common_memory, character_.common_db);
    for (size_t i = 0; i < record.values.size(); ++i) {
      if (!IsLearnt(record, static_cast<int>(i))) continue;
      Step(own_[i], character_.own_memory, character_.own_db);
      record.values[i] = static_cast<float>(location_[i] + offset_[i] + common_ + own_[i] +
                                            jitter_db * random_.Normal());
    }
    return record;
  }

  std::vector<features::FeatureVector> Next(int count) {
    std::vector<features::FeatureVector> records;
    for (int i = 0; i < count; ++i) records.push_back(Next());
    return records;
  }

 private:
  void Restart() {
    const double common_db = character_.restart_common_db * random_.Normal();
    for (double& offset : offset_) {
      offset = common_db + character_.restart_own_db * random_.Normal();
    }
  }

  void Step(double& value, double memory, double scale) {
    value = memory * value + scale * std::sqrt(1 - memory * memory) * random_.Normal();
  }

  const Character character_;
  Random random_;
  const features::FeatureVector blank_;
  std::vector<double> location_;
  std::vector<double> own_;
  std::vector<double> offset_;  // since the last restart
  double common_ = 0;
};

}  // namespace auscult::models
