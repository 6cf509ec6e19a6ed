#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "cli/read_recording.h"
#include "features/extract.h"

namespace auscult::cli {
namespace {

// Public recordings beside the checkout; they are not part of the project.
class RealSpeed : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = std::filesystem::path(AUSCULT_SOURCE_DIR) / ".." / "shared" / "data";
    data_ = folder.string();
    if (!std::filesystem::is_directory(folder)) {
      std::cerr << "*** SKIPPED: no recordings at " << data_
                << "; the speed search is checked on made records only ***\n";
      GTEST_SKIP() << "NOT TESTED: real recordings; none at " << data_;
    }
  }

  struct Found {
    double hz;
    float confidence;
  };

  Found Find(std::span<const float> samples, double rate_hz, double nominal_hz, float tolerance) {
    auto waveform = features::Waveform::Create(
        {samples.begin(), samples.end()}, {{"", features::Quantity::kAcceleration}}, rate_hz,
        {.speed_rpm = static_cast<float>(60 * nominal_hz), .speed_tolerance = tolerance});
    EXPECT_TRUE(waveform.ok()) << waveform.status();
    EXPECT_TRUE(extractor_.Extract(*waveform, {}, features_).ok());
    return {static_cast<double>(features_.speed_rpm) / 60, features_.Value(0, "speed_confidence")};
  }

  // Every channel of a recording.
  std::vector<std::vector<float>> Read(const std::string& name) {
    const auto file = OpenRecordFile(data_ + "/" + name);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return {};
    const absl::StatusOr<Recording> recording = (*file)->Read(0);
    EXPECT_TRUE(recording.ok()) << recording.status();
    std::vector<std::vector<float>> channels;
    if (!recording.ok()) return channels;
    for (const RecordedChannel& channel : recording->channels) {
      channels.emplace_back(channel.samples.begin(), channel.samples.end());
    }
    return channels;
  }

  std::string data_;
  features::Extractor extractor_;
  features::FeatureVector features_;
};

struct Record {
  const char* file;
  double rate_hz;
  double rpm;
};

double PercentOff(double found_hz, double true_hz) { return 100 * (found_hz / true_hz - 1); }

TEST_F(RealSpeed, OfCwruIsFoundBehindANominalThatIsFivePercentOff) {
  const std::string folder = "cwru/12k_Drive_End_Bearing_Fault_Data/";
  const std::vector<std::pair<std::string, Record>> records = {
      {"cwru/48k_Drive_End_Bearing_Fault_Data/IR/007/109_0.mat", {"109", 48000, 1796}},
      {folder + "IR/007/105_0.mat", {"105", 12000, 1797}},
      {folder + "IR/007/108_3.mat", {"108", 12000, 1721}},
      {folder + "IR/021/209_0.mat", {"209", 12000, 1797}},
      {folder + "IR/021/212_3.mat", {"212", 12000, 1728}},
      {folder + "B/007/118_0.mat", {"118", 12000, 1796}},
      {folder + "B/021/222_0.mat", {"222", 12000, 1796}},
      {folder + "OR/007/@6/130@6_0.mat", {"130", 12000, 1796}},
      {folder + "OR/007/@6/133@6_3.mat", {"133", 12000, 1725}},
      {folder + "OR/021/@6/234_0.mat", {"234", 12000, 1796}},
      {folder + "OR/021/@6/237_3.mat", {"237", 12000, 1721}},
      {"cwru/Normal/97_Normal_0.mat", {"97", 48000, 1796}}};
  std::printf("record channel  true Hz  error at -5 %%  at +5 %%  (percent; confidence)\n");
  for (const auto& [file, record] : records) {
    const auto channels = Read(file);
    const double true_hz = record.rpm / 60;
    for (size_t c = 0; c < channels.size(); ++c) {
      const Found low = Find(channels[c], record.rate_hz, 0.95 * true_hz, 0.09f);
      const Found high = Find(channels[c], record.rate_hz, 1.05 * true_hz, 0.09f);
      std::printf("%6s %7zu %8.3f %+12.3f (%.2f) %+7.3f (%.2f)\n", record.file, c, true_hz,
                  PercentOff(low.hz, true_hz), low.confidence, PercentOff(high.hz, true_hz),
                  high.confidence);
      EXPECT_NEAR(PercentOff(low.hz, true_hz), 0, 0.3) << file;
      EXPECT_NEAR(PercentOff(high.hz, true_hz), 0, 0.3) << file;
      EXPECT_GT(std::min(low.confidence, high.confidence), 0.8) << file;
    }
  }
}

// The 25 Hz of these files is nominal. Sidebands of the inner race, harmonics 1 to 8 of the shaft
// and the outer race lines of the envelope lie 0.8 to 1.2 % below where 25 Hz would put them.
TEST_F(RealSpeed, OfMfptIsFoundAlikeFromEitherSideAndBelowItsNominal) {
  std::printf(
      "record  found from -5 %%  from +5 %%, Hz (confidence)  off the file's 25 Hz, percent\n");
  for (const char* const name :
       {"train_data/InnerRaceFault_vload_1", "train_data/InnerRaceFault_vload_4",
        "test_data/InnerRaceFault_vload_7", "train_data/OuterRaceFault_vload_1",
        "train_data/OuterRaceFault_vload_4", "test_data/OuterRaceFault_vload_7"}) {
    const auto channels = Read(std::string("mfpt/") + name + ".mat");
    ASSERT_EQ(channels.size(), 1u);
    const Found low = Find(channels[0], 48828, 0.95 * 25, 0.09f);
    const Found high = Find(channels[0], 48828, 1.05 * 25, 0.09f);
    std::printf("%-34s %.3f (%.2f)  %.3f (%.2f)  %+.2f\n", name, low.hz, low.confidence, high.hz,
                high.confidence, PercentOff(high.hz, 25));
    EXPECT_NEAR(low.hz, high.hz, 0.003 * high.hz) << name;
    EXPECT_NEAR(PercentOff(high.hz, 25), -1.0, 0.3) << name;
    EXPECT_GT(std::min(low.confidence, high.confidence), 0.5) << name;
  }
}

// No truth is given. Both halves of a record must agree with the whole; in one of them the speed
// steps from 20.39 Hz to 21.30 Hz in the middle, as the shaft lines of its two halves say too.
TEST_F(RealSpeed, OfUestcIsTheSameInBothHalvesUnlessItSteps) {
  struct Case {
    const char* file;
    double nominal_hz;
    double step_percent;
  };
  const Case cases[] = {{"N_1200", 20, 0},   {"I_1200", 20, 0},      {"O_1200", 20, 0},
                        {"B_1200", 20, 4.5}, {"N_800", 40.0 / 3, 0}, {"O_800", 40.0 / 3, 0}};
  std::printf("record  whole  first half  second half, Hz (confidence)  off nominal, percent\n");
  for (const Case& c : cases) {
    SCOPED_TRACE(c.file);
    const auto channels = Read(std::string("uestc/") + c.file + "/" + c.file + "_1.mat");
    ASSERT_FALSE(channels.empty());
    const std::span<const float> samples = channels[0];
    const size_t half = samples.size() / 2;
    const Found first = Find(samples.first(half), 20000, c.nominal_hz, 0.09f);
    const Found second = Find(samples.last(half), 20000, c.nominal_hz, 0.09f);
    const Found whole = Find(samples, 20000, c.nominal_hz, 0.09f);
    const float variation = features_.Value(0, "speed_variation_percent");
    std::printf("%-7s %.3f (%.2f)  %.3f (%.2f)  %.3f (%.2f)  %+.2f\n", c.file, whole.hz,
                whole.confidence, first.hz, first.confidence, second.hz, second.confidence,
                PercentOff(whole.hz, c.nominal_hz));
    EXPECT_GT(std::min(first.confidence, second.confidence), 0.6);
    EXPECT_NEAR(PercentOff(second.hz, first.hz), c.step_percent, 0.3);
    if (c.step_percent > 0) {
      EXPECT_NEAR(variation, c.step_percent, 1);
      EXPECT_GT(whole.hz, first.hz);
      EXPECT_LT(whole.hz, second.hz);
    } else {
      EXPECT_NEAR(PercentOff(whole.hz, first.hz), 0, 0.3);
      EXPECT_FALSE(variation > 0.3f);
    }
  }
}

}  // namespace
}  // namespace auscult::cli
