#include "models/usual_levels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/baseline.h"
#include "models/byte_codec.h"
#include "models/diagnosis.h"
#include "tests/models/diagnosed.h"
#include "tests/models/first_version.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

constexpr int kRecords = 60;

// A healthy bearing whose outer race has always shown and modulated a little.
features::FeatureVector Talkative(Random& random) {
  features::FeatureVector record = BlankFeatures();
  record.speed_rpm = 1480;
  for (const char* family : {"bpfo", "bpfi", "ball", "cage"}) {
    Set(record, std::string(family) + "_existence", 0.5f);
    Set(record, std::string(family) + "_depth", 0.02f);
  }
  Set(record, "bpfo_existence", static_cast<float>(11 + 0.3 * random.Normal()));
  Set(record, "bpfo_depth", static_cast<float>(0.35 + 0.02 * random.Normal()));
  Set(record, "bpfo_order", 3.58f);
  Set(record, "bpfi_order", 5.42f);
  Set(record, "ball_order", 4.71f);
  Set(record, "bearing_index", 0);
  Set(record, "kurtosis", 3.2f);
  Set(record, "order_1x_mm_s", static_cast<float>(3 + 0.05 * random.Normal()));
  Set(record, "order_2x_mm_s", 0.3f);
  Set(record, "order_3x_mm_s", 0.1f);
  return record;
}

std::vector<features::FeatureVector> Talkative(int count) {
  Random random(7, 1);
  std::vector<features::FeatureVector> records;
  for (int i = 0; i < count; ++i) records.push_back(Talkative(random));
  return records;
}

int At(std::string_view name) {
  return features::FeatureIndex(features::NewestFeatureSet(features::Signal::kVibration), name);
}

TEST(UsualLevels, AreTheMedianAHighQuantileAndTheScatter) {
  std::vector<features::FeatureVector> records;
  for (int i = 0; i <= 100; ++i) {
    records.push_back(BlankFeatures());
    Set(records.back(), "bpfi_depth", static_cast<float>(i));
  }
  const UsualLevels::Level level = UsualLevels::Fit(records).Of(0, At("bpfi_depth"));
  EXPECT_FLOAT_EQ(level.middle, 50);
  EXPECT_FLOAT_EQ(level.high, 95);
  EXPECT_NEAR(level.scatter, 1.4826 * 25, 0.1);
  EXPECT_FLOAT_EQ(level.Reached(), level.high + 3 * level.scatter);
}

TEST(UsualLevels, AreUnknownWhereFewRecordsHoldTheSymptom) {
  std::vector<features::FeatureVector> records = Talkative(kRecords);
  for (int i = 0; i < kRecords / 3; ++i) Set(records[i], "kurtosis", features::kNotKnown);
  const UsualLevels usual = UsualLevels::Fit(records);
  EXPECT_TRUE(std::isnan(usual.Of(0, At("kurtosis")).middle));
  EXPECT_FALSE(std::isnan(usual.Of(0, At("bpfo_depth")).middle));
  EXPECT_TRUE(std::isnan(usual.Of(1, At("bpfo_depth")).middle));  // no such channel
  EXPECT_TRUE(std::isnan(usual.Of(0, At("level_db")).middle));    // no symptom
  EXPECT_TRUE(std::isnan(usual.Of(0, -1).middle));
  EXPECT_TRUE(UsualLevels::Fit({}).empty());
  EXPECT_TRUE(UsualLevels::Fit(Talkative(UsualLevels::kMinRecords - 1)).empty());
}

TEST(UsualLevels, ClearAMachineOfWhatItHasAlwaysShown) {
  const std::vector<features::FeatureVector> records = Talkative(kRecords);
  const UsualLevels usual = UsualLevels::Fit(records);
  EXPECT_EQ(Diagnose(records.back(), Motor()).verdict, Fault::kOuterRace);
  for (const features::FeatureVector& record : records) {
    const Diagnosis diagnosis = Diagnose(record, Motor(), &usual);
    ExpectConsistent(diagnosis);
    ASSERT_EQ(FaultName(diagnosis.verdict), "healthy") << diagnosis.ranking[0].evidence[0].text;
  }
}

TEST(UsualLevels, TakeARiseAboveThemForEvidence) {
  std::vector<features::FeatureVector> records = Talkative(kRecords);
  const UsualLevels usual = UsualLevels::Fit(records);
  features::FeatureVector risen = records.back();
  Set(risen, "bpfo_depth", 0.8f);
  Diagnosis diagnosis = Diagnose(risen, Motor(), &usual);
  EXPECT_EQ(diagnosis.verdict, Fault::kOuterRace);
  EXPECT_THAT(diagnosis.ranking[0].evidence[1].text,
              testing::HasSubstr("depth of 0.80, limit 0.4"));
  EXPECT_THAT(diagnosis.ranking[0].evidence[1].text,
              testing::HasSubstr("this machine's usual 0.35"));
  risen = records.back();
  Set(risen, "order_1x_mm_s", 4.0f);  // 0.7 mm/s, a quarter of the B/C limit, above 3.1
  diagnosis = Diagnose(risen, Motor(), &usual);
  EXPECT_EQ(diagnosis.verdict, Fault::kUnbalance);
}

// A line that the machine never showed is called below the general limit of depth.
TEST(UsualLevels, LowerTheLimitOfWhatAMachineNeverShowed) {
  const std::vector<features::FeatureVector> records = Talkative(kRecords);
  features::FeatureVector record = records.back();
  Set(record, "bpfi_existence", 9.0f);
  Set(record, "bpfi_depth", 0.2f);
  Set(record, "bpfo_existence", 0.5f);
  Set(record, "bpfo_depth", 0.02f);
  Set(record, "order_1x_mm_s", 1.0f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
  const UsualLevels usual = UsualLevels::Fit(records);
  EXPECT_EQ(Diagnose(record, Motor(), &usual).verdict, Fault::kInnerRace);
}

TEST(UsualLevels, LiveInTheBaselineAndItsStoredForm) {
  std::vector<features::FeatureVector> records = Talkative(kRecords + 9);
  Random random(5, 2);
  for (features::FeatureVector& record : records) {
    Set(record, "level_db", static_cast<float>(random.Normal()));
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const auto stored = Baseline::Parse(baseline->Serialize());
  ASSERT_TRUE(stored.ok()) << stored.status();
  const UsualLevels::Level was = baseline->usual().Of(0, At("bpfo_depth"));
  const UsualLevels::Level is = stored->usual().Of(0, At("bpfo_depth"));
  EXPECT_NEAR(was.middle, 0.35, 0.02);
  EXPECT_EQ(is.middle, was.middle);
  EXPECT_EQ(is.high, was.high);
  EXPECT_EQ(is.scatter, was.scatter);
}

TEST(UsualLevels, AreEmptyInABaselineThatWasStoredBeforeTheyWereLearnt) {
  Random random(5, 2);
  std::vector<features::FeatureVector> records;
  for (int i = 0; i < kRecords + 9; ++i) {
    records.push_back(BlankFeatures());
    Set(records.back(), "level_db", static_cast<float>(random.Normal()));
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const auto old = Baseline::Parse(AsFirstVersion(*baseline));
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_TRUE(old->usual().empty());
  EXPECT_EQ(old->Expected(0, records[0]), baseline->Expected(0, records[0]));
}

std::string Written(const UsualLevels& usual) {
  ByteWriter writer;
  usual.Write(writer);
  return std::move(writer).Finish();
}

TEST(UsualLevels, RefuseWhatCannotHaveBeenWritten) {
  const std::string good = Written(UsualLevels::Fit(Talkative(kRecords)));
  UsualLevels usual;
  ByteReader reader(good);
  EXPECT_TRUE(usual.Read(reader, features::kVibrationSet, 1));
  EXPECT_TRUE(reader.AtEnd());
  ByteReader of_no_channel(good);
  EXPECT_FALSE(usual.Read(of_no_channel, features::kVibrationSet, 0));
  ByteReader of_no_set(good);
  EXPECT_FALSE(usual.Read(of_no_set, 999, 1));
  // Every change of one byte, with the checksum made right again.
  for (size_t i = 0; i + sizeof(uint32_t) < good.size(); ++i) {
    std::string body = good.substr(0, good.size() - sizeof(uint32_t));
    body[i] = static_cast<char>(body[i] ^ 0x55);
    ByteWriter writer;
    for (const char c : body) writer.Write(c);
    const std::string changed = std::move(writer).Finish();
    ByteReader changed_reader(changed);
    UsualLevels read;
    if (!read.Read(changed_reader, features::kVibrationSet, 1)) {
      EXPECT_TRUE(read.empty());
    }
  }
}

}  // namespace
}  // namespace auscult::models
