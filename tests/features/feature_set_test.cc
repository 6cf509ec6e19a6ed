#include "features/feature_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "features/current_set.h"
#include "features/vibration_set.h"

namespace auscult::features {
namespace {

TEST(FeatureSets, HaveUniqueNamesAndDescriptions) {
  for (const FeatureSet& set : FeatureSets()) {
    std::set<std::string> names;
    for (const FeatureDefinition& feature : set.features) {
      SCOPED_TRACE(std::string(feature.name));
      EXPECT_TRUE(names.insert(std::string(feature.name)).second);
      EXPECT_FALSE(feature.description.empty());
    }
    EXPECT_EQ(FindFeatureSet(set.id), &set);
  }
  EXPECT_EQ(FindFeatureSet(99), nullptr);
}

// A stored vector is read by position: these are the contract of the release.
TEST(FeatureSets, KeepTheirPositions) {
  const FeatureSet& vibration = *FindFeatureSet(kVibrationSet);
  struct Case {
    const char* name;
    Vibration position;
    int offset;
  };
  const Case cases[] = {{"mean", Vibration::kMean, 0},
                        {"kurtosis", Vibration::kKurtosis, 0},
                        {"level_db", Vibration::kLevelDb, 0},
                        {"band_20_50_db", Vibration::kFirstBandDb, 0},
                        {"band_12500_up_db", Vibration::kLastBandDb, 0},
                        {"impulsiveness_500_2000_db", Vibration::kFirstImpulsivenessDb, 0},
                        {"impulsiveness_1000_12000_db", Vibration::kLastImpulsivenessDb, 0},
                        {"velocity_rms_mm_s", Vibration::kVelocityRmsMmS, 0},
                        {"order_0_5x_mm_s", Vibration::kOrderHalf, 0},
                        {"order_1x_mm_s", Vibration::kOrder1, 0},
                        {"order_5x_mm_s", Vibration::kOrder5, 0},
                        {"gear_mesh_m_s2", Vibration::kGearMeshMS2, 0},
                        {"bearing_index", Vibration::kBearingIndex, 0},
                        {"bpfo_existence", Vibration::kFirstExistence, 0},
                        {"cage_existence", Vibration::kFirstExistence, 3},
                        {"bpfi_depth", Vibration::kFirstDepth, 1},
                        {"ball_order", Vibration::kFirstFamilyOrder, 2},
                        {"bearing_band_high_hz", Vibration::kBearingBandHighHz, 0}};
  for (const Case& c : cases) {
    EXPECT_EQ(FeatureIndex(vibration, c.name), static_cast<int>(c.position) + c.offset) << c.name;
  }
  const FeatureSet& current = *FindFeatureSet(kCurrentSet);
  EXPECT_EQ(FeatureIndex(current, "thd_percent"), static_cast<int>(Current::kThdPercent));
  EXPECT_EQ(FeatureIndex(current, "level_db"), static_cast<int>(Current::kLevelDb));
  EXPECT_EQ(FeatureIndex(current, "high_band_db"), static_cast<int>(Current::kHighBandDb));
  EXPECT_EQ(FeatureIndex(current, "velocity_rms_mm_s"), -1);
}

// What is stored under an older set is never read as something else.
TEST(FeatureSets, HoldTheOnesBeforeThemPositionByPosition) {
  for (const FeatureSet& older : FeatureSets()) {
    const FeatureSet& newest = NewestFeatureSet(older.signal);
    ASSERT_LE(older.features.size(), newest.features.size());
    for (size_t i = 0; i < older.features.size(); ++i) {
      EXPECT_EQ(older.features[i].name, newest.features[i].name);
      EXPECT_EQ(FeatureIndex(older, newest.features[i].name), static_cast<int>(i));
    }
  }
  EXPECT_EQ(FindFeatureSet(1)->name, "vibration/1");
  EXPECT_EQ(FindFeatureSet(1)->features.size(), 64u);
  EXPECT_EQ(FindFeatureSet(2)->name, "current/1");
  EXPECT_EQ(FindFeatureSet(2)->features.size(), 21u);
  EXPECT_EQ(FeatureIndex(*FindFeatureSet(1), "kurtogram_kurtosis"), -1);
}

TEST(BringToNewestSet, KeepsEveryValueByNameAndLeavesTheRestUnknown) {
  FeatureVector vector{.set_id = 1, .channel_count = 2, .values = std::vector<float>(128)};
  std::iota(vector.values.begin(), vector.values.end(), 0.0f);
  ASSERT_TRUE(BringToNewestSet(vector));
  EXPECT_EQ(vector.set_id, kVibrationSet);
  EXPECT_EQ(vector.values.size(), 2u * kVibrationCount);
  EXPECT_EQ(vector.Value(0, "bearing_band_high_hz"), 63.0f);
  EXPECT_EQ(vector.Value(1, "mean"), 64.0f);
  EXPECT_EQ(vector.Value(1, "bearing_band_high_hz"), 127.0f);
  EXPECT_TRUE(std::isnan(vector.Value(1, "kurtogram_kurtosis")));
  const std::vector<float> values = vector.values;
  EXPECT_TRUE(BringToNewestSet(vector));
  EXPECT_EQ(vector.values.size(), values.size());
  vector.values.pop_back();
  EXPECT_FALSE(BringToNewestSet(vector));
  vector.set_id = 99;
  EXPECT_FALSE(BringToNewestSet(vector));
}

TEST(FeatureSets, LearnExactlyTheLevelsInDecibels) {
  int learnt = 0;
  for (const FeatureDefinition& feature : FindFeatureSet(kVibrationSet)->features) {
    learnt += feature.scale == Scale::kLevelDb;
    EXPECT_EQ(feature.scale == Scale::kLevelDb, feature.unit == "dB") << feature.name;
  }
  EXPECT_EQ(learnt, 2 + 17 + 5);
}

TEST(FeatureVector, AnswersByChannelAndName) {
  FeatureVector vector;
  vector.set_id = kCurrentSet;
  vector.channel_count = 2;
  vector.values.assign(2 * kCurrentCount, 0.0f);
  vector.values[kCurrentCount + static_cast<int>(Current::kSlip)] = 0.03f;
  EXPECT_EQ(vector.Value(1, "slip"), 0.03f);
  EXPECT_EQ(vector.Value(0, "slip"), 0.0f);
  EXPECT_TRUE(std::isnan(vector.Value(2, "slip")));
  EXPECT_TRUE(std::isnan(vector.Value(-1, "slip")));
  EXPECT_TRUE(std::isnan(vector.Value(0, "nonsense")));
  vector.values.resize(3);
  EXPECT_TRUE(std::isnan(vector.Value(1, "slip")));
  EXPECT_TRUE(std::isnan(FeatureVector().Value(0, "mean")));
}

TEST(UnitOf, IsThatOfTheChannelWhereTheFeatureHasIt) {
  const auto features = FindFeatureSet(kVibrationSet)->features;
  EXPECT_EQ(UnitOf(features[static_cast<int>(Vibration::kRms)], Quantity::kVelocity), "m/s");
  EXPECT_EQ(UnitOf(features[static_cast<int>(Vibration::kVelocityRmsMmS)], Quantity::kVelocity),
            "mm/s");
}

}  // namespace
}  // namespace auscult::features
