#include "models/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/random.h"
#include "models/robust.h"
#include "tests/models/first_version.h"
#include "tests/models/made_features.h"
#include "tests/models/mutations.h"

namespace auscult::models {
namespace {

constexpr int kNeeded = 65;

// Gaussian levels around -10 dB with a standard deviation of `sd_db`.
std::vector<features::FeatureVector> GaussianWindow(float sd_db, uint64_t seed,
                                                    int count = kNeeded) {
  Random random(seed);
  std::vector<features::FeatureVector> records;
  for (int r = 0; r < count; ++r) {
    features::FeatureVector record = BlankFeatures();
    for (size_t i = 0; i < record.values.size(); ++i) {
      if (IsLearnt(record, static_cast<int>(i))) {
        record.values[i] = static_cast<float>(-10 + sd_db * random.Normal());
      }
    }
    records.push_back(std::move(record));
  }
  return records;
}

int DeviationOf(const Baseline& baseline, const features::FeatureVector& record,
                std::string_view name) {
  const int index = IndexOf(record, name);
  for (size_t i = 0; i < baseline.learnt().size(); ++i) {
    if (baseline.learnt()[i] == index) return static_cast<int>(i);
  }
  ADD_FAILURE() << name << " was not learnt";
  return 0;
}

TEST(SpreadOf, IsThatOfTheDefinition) {
  // Median 5, MAD 2 * 1.4826, sd 2.7386, thirds 2 and 8.
  const Spread spread = SpreadOf(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_FLOAT_EQ(spread.location, 5);
  EXPECT_FLOAT_EQ(spread.decline, -6);
  EXPECT_NEAR(spread.scatter, std::sqrt(2.9652 * 2.9652 + 0.25 + 36), 1e-3);
}

TEST(Baseline, RecoversLocationAndScatterOfTheRunningMedian) {
  // The running median over 5 Gaussian values has 0.536 of their standard deviation.
  const auto records = GaussianWindow(3.0f, 1, 405);
  const auto baseline = Baseline::Fit(records, {.skip_records = 5, .window_records = 400});
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_GT(baseline->learnt().size(), 20u);
  std::vector<float> scatters;
  for (size_t i = 0; i < baseline->learnt().size(); ++i) {
    const auto index = static_cast<int>(i);
    EXPECT_NEAR(baseline->Expected(index, records[0]), -10, 0.7);
    scatters.push_back(baseline->Scatter(index));
  }
  EXPECT_NEAR(Median(scatters), std::hypot(0.536 * 3.0, 0.5), 0.15);
}

TEST(Baseline, DeviatesByScattersAndTellsWhatIsMissing) {
  const auto records = GaussianWindow(1.0f, 2);
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  features::FeatureVector record = records.back();
  const int level = DeviationOf(*baseline, record, "level_db");
  const int peak = DeviationOf(*baseline, record, "peak_db");
  Set(record, "level_db", baseline->Expected(level, record) + 4 * baseline->Scatter(level));
  Set(record, "peak_db", features::kNotKnown);
  const std::vector<float> deviations = baseline->Deviations(record);
  ASSERT_EQ(deviations.size(), baseline->learnt().size());
  EXPECT_NEAR(deviations[level], 4, 1e-4);
  EXPECT_TRUE(std::isnan(deviations[peak]));
  Set(record, "level_db", 1e30f);
  EXPECT_FLOAT_EQ(baseline->Deviations(record)[level], Baseline::kMaxDeviation);
  EXPECT_TRUE(baseline->Deviations(BlankFeatures(features::kCurrentSet)).empty());
  EXPECT_TRUE(baseline->Deviations(BlankFeatures(features::kVibrationSet, 2)).empty());
}

// After an upgrade the points of a plant go on without learning anew.
TEST(Baseline, OfAnOlderFeatureSetGoesOnInTheNewest) {
  auto records = GaussianWindow(1.0f, 2);
  const size_t size = features::FindFeatureSet(1)->features.size();
  for (features::FeatureVector& record : records) {
    record.set_id = 1;
    record.values.resize(size);
  }
  const auto fitted = Baseline::Fit(records);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->set_id(), 1);
  const auto baseline = Baseline::Parse(fitted->Serialize());
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_EQ(baseline->set_id(), features::kVibrationSet);
  features::FeatureVector newer = records.back();
  ASSERT_TRUE(features::BringToNewestSet(newer));
  const std::vector<float> deviations = baseline->Deviations(newer);
  EXPECT_FALSE(deviations.empty());
  EXPECT_EQ(deviations, fitted->Deviations(records.back()));
}

TEST(Baseline, LeavesOutFeaturesThatAreOftenMissing) {
  auto records = GaussianWindow(1.0f, 3);
  for (size_t r = 0; r < records.size(); r += 3) Set(records[r], "peak_db", features::kNotKnown);
  for (size_t r = 0; r < records.size(); r += 9) Set(records[r], "level_db", features::kNotKnown);
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_THAT(baseline->learnt(), testing::Contains(IndexOf(records[0], "level_db")));
  EXPECT_THAT(baseline->learnt(), testing::Not(testing::Contains(IndexOf(records[0], "peak_db"))));
}

TEST(Baseline, CompensatesSpeedAndLoadWhereTheyVaried) {
  Random random(4);
  auto records = GaussianWindow(0.3f, 4, 125);
  for (features::FeatureVector& record : records) {
    record.speed_rpm = static_cast<float>(1500 * std::exp2(random.Uniform(-0.5, 0.5)));
    record.load_percent = static_cast<float>(random.Uniform(30, 90));
    const auto octaves = std::log2(record.speed_rpm / 1500);
    for (float& value : record.values) value += 12 * octaves + 0.1f * (record.load_percent - 60);
  }
  const auto baseline = Baseline::Fit(records, {.skip_records = 5, .window_records = 120});
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  features::FeatureVector fast = BlankFeatures();
  fast.speed_rpm = 2000;
  fast.load_percent = 85;
  for (const std::string_view name : {"level_db", "peak_db", "band_1250_2000_db"}) {
    const int index = DeviationOf(*baseline, fast, name);
    EXPECT_NEAR(baseline->Expected(index, fast), -10 + 12 * std::log2(2000.0 / 1500) + 2.5, 0.6);
    EXPECT_LT(baseline->Scatter(index), 0.9);
  }
}

TEST(Baseline, DoesNotTakeSlopesFromNoise) {
  Random random(5);
  auto records = GaussianWindow(1.0f, 5);
  for (features::FeatureVector& record : records) {
    record.speed_rpm = static_cast<float>(1500 * std::exp2(random.Uniform(-0.5, 0.5)));
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  features::FeatureVector slow = BlankFeatures(), fast = BlankFeatures();
  slow.speed_rpm = 1100;
  fast.speed_rpm = 2050;
  int sloping = 0;
  for (size_t i = 0; i < baseline->learnt().size(); ++i) {
    const auto index = static_cast<int>(i);
    sloping += baseline->Expected(index, slow) != baseline->Expected(index, fast);
  }
  EXPECT_LE(sloping, 2);
}

TEST(Baseline, RefusesAWindowThatStillDeclines) {
  auto records = GaussianWindow(0.3f, 6);
  for (size_t r = 0; r < records.size(); ++r) {
    for (float& value : records[r].values) value -= 0.06f * static_cast<float>(r);
  }
  const auto baseline = Baseline::Fit(records);
  EXPECT_EQ(baseline.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(baseline.status().message(), testing::HasSubstr("has not settled"));
}

TEST(Baseline, AcceptsAWindowThatRisesAndWidensItsScatter) {
  auto records = GaussianWindow(0.3f, 7);
  for (size_t r = 0; r < records.size(); ++r) {
    for (float& value : records[r].values) value += 0.06f * static_cast<float>(r);
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  // 40 records between the middles of the outer thirds.
  EXPECT_GT(baseline->Scatter(0), 0.06 * 40 * 0.9);
}

TEST(Baseline, NeedsEnoughRecordsOfOneKind) {
  auto records = GaussianWindow(1.0f, 8, kNeeded - 1);
  EXPECT_EQ(Baseline::Fit(records).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Baseline::Fit(records).status().message(), testing::HasSubstr("there are 64"));
  records.push_back(BlankFeatures(features::kVibrationSet, 2));
  EXPECT_EQ(Baseline::Fit(records).status().code(), absl::StatusCode::kInvalidArgument);
  const std::vector<features::FeatureVector> blank(kNeeded, BlankFeatures());
  EXPECT_EQ(Baseline::Fit(blank).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Baseline::Fit({}, {.skip_records = 0, .window_records = 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Baseline, CoversWhatItHasSeenWithAMargin) {
  auto records = GaussianWindow(1.0f, 9);
  for (size_t r = 0; r < records.size(); ++r) {
    records[r].speed_rpm = r % 2 == 0 ? 1400.0f : 1500.0f;
    records[r].load_percent = r % 2 == 0 ? 60.0f : 65.0f;
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  struct Case {
    float speed_rpm, load_percent;
    bool covered;
  };
  for (const Case& c : {Case{1450, 62, true}, Case{1600, 74, true}, Case{1620, 62, false},
                        Case{1290, 62, false}, Case{1450, 76, false}, Case{1450, 49, false},
                        Case{features::kNotKnown, features::kNotKnown, true}}) {
    features::FeatureVector record = BlankFeatures();
    record.speed_rpm = c.speed_rpm;
    record.load_percent = c.load_percent;
    EXPECT_EQ(!baseline->Outside(record), c.covered) << c.speed_rpm << " rpm, " << c.load_percent;
  }
}

TEST(Baseline, ComesBackFromBytesAsItWas) {
  HealthyPoint point(10);
  auto records = point.Next(kNeeded);
  for (features::FeatureVector& record : records) record.speed_rpm = 1480;
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const auto parsed = Baseline::Parse(baseline->Serialize());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->Serialize(), baseline->Serialize());
  EXPECT_EQ(parsed->Deviations(records[3]), baseline->Deviations(records[3]));
}

// A running plant is upgraded: what the release before stored is read.
TEST(Baseline, OfTheFirstVersionIsReadable) {
  HealthyPoint point(10);
  const auto baseline = Baseline::Fit(point.Next(kNeeded));
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const auto parsed = Baseline::Parse(AsFirstVersion(*baseline));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const auto record = point.Next();
  EXPECT_EQ(parsed->Deviations(record), baseline->Deviations(record));
  EXPECT_EQ(parsed->levels().size(), 1u);
  EXPECT_GT(parsed->null().scale, 0);
}

TEST(Baseline, SurvivesDamagedBytes) {
  HealthyPoint point(11);
  const auto records = point.Next(kNeeded);
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const std::string bytes = baseline->Serialize();
  Random random(12);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto parsed = Baseline::Parse(Mutate(bytes, random));
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss);
      ++refused;
      continue;
    }
    for (size_t d = 0; d < parsed->learnt().size(); ++d) {
      EXPECT_GT(parsed->Scatter(static_cast<int>(d)), 0);
    }
    parsed->Deviations(records[0]);
    EXPECT_TRUE(Baseline::Parse(parsed->Serialize()).ok());
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace auscult::models
