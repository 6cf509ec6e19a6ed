#include "features/waveform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using ::testing::HasSubstr;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::string Refusal(std::vector<float> samples, std::vector<Waveform::Channel> channels,
                    double rate_hz, Conditions conditions = {}) {
  const auto waveform =
      Waveform::Create(std::move(samples), std::move(channels), rate_hz, conditions);
  if (waveform.ok()) return "accepted";
  EXPECT_EQ(waveform.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(waveform.status().message());
}

std::vector<Waveform::Channel> HorizontalAndVertical() {
  return {{"H", Quantity::kAcceleration}, {"V", Quantity::kAcceleration}};
}

TEST(Waveform, HoldsItsChannelsOneAfterTheOther) {
  std::vector<float> samples(600);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i);
  const auto waveform = Waveform::Create(samples, HorizontalAndVertical(), 1000, {.speed_rpm = 9});
  ASSERT_TRUE(waveform.ok()) << waveform.status();
  EXPECT_EQ(waveform->sample_count(), 300);
  EXPECT_EQ(waveform->samples(1)[0], 300.0f);
  EXPECT_EQ(waveform->samples(1).size(), 300u);
  EXPECT_DOUBLE_EQ(waveform->duration_s(), 0.3);
  EXPECT_EQ(waveform->conditions().speed_rpm, 9.0f);
}

TEST(Waveform, GivesItsBufferBack) {
  auto waveform = Waveform::Create(std::vector<float>(256), {{"", Quantity::kCurrent}}, 1000, {});
  ASSERT_TRUE(waveform.ok());
  EXPECT_EQ(std::move(*waveform).ReleaseSamples().size(), 256u);
}

TEST(Waveform, SaysWhichChannelAndSampleIsWrong) {
  for (const float bad : {kNaN, kInfinity, -kInfinity, 2e12f}) {
    SCOPED_TRACE(bad);
    std::vector<float> samples(600);
    samples[300 + 17] = bad;
    const std::string refusal = Refusal(samples, HorizontalAndVertical(), 1000);
    EXPECT_THAT(refusal, HasSubstr("channel 1 (V), sample 17 is "));
  }
}

TEST(Waveform, AcceptsTheLargestMagnitudeAndDenormals) {
  std::vector<float> samples(256, Waveform::kMaxMagnitude);
  samples[3] = 1e-42f;
  EXPECT_EQ(Refusal(samples, {{"", Quantity::kVelocity}}, 1000), "accepted");
}

TEST(Waveform, RefusesWhatCannotBeARecord) {
  const std::vector<Waveform::Channel> one = {{"", Quantity::kAcceleration}};
  EXPECT_THAT(Refusal({}, one, 1000), HasSubstr("0 samples per channel; send 256 to"));
  EXPECT_THAT(Refusal({1.0f}, one, 1000), HasSubstr("1 samples per channel"));
  EXPECT_THAT(Refusal(std::vector<float>(255), one, 1000), HasSubstr("255 samples per channel"));
  EXPECT_THAT(Refusal(std::vector<float>(Waveform::kMaxSamples + 1), one, 1000),
              HasSubstr("4194305 samples per channel"));
  EXPECT_THAT(Refusal(std::vector<float>(601), HorizontalAndVertical(), 1000),
              HasSubstr("do not divide into 2 channels"));
  EXPECT_THAT(Refusal(std::vector<float>(256), {}, 1000), HasSubstr("0 channels"));
  EXPECT_THAT(Refusal(std::vector<float>(17 * 256),
                      std::vector<Waveform::Channel>(17, {"", Quantity::kCurrent}), 1000),
              HasSubstr("17 channels; send 1 to 16"));
  EXPECT_THAT(Refusal(std::vector<float>(256), {{"", static_cast<Quantity>(0)}}, 1000),
              HasSubstr("has no quantity"));
}

TEST(Waveform, RefusesRatesAndConditionsThatNoSensorHas) {
  const std::vector<Waveform::Channel> one = {{"", Quantity::kAcceleration}};
  const std::vector<float> samples(256);
  for (const double rate_hz : {0.0, -1.0, 0.5, 2e6, std::nan(""), static_cast<double>(kInfinity)}) {
    SCOPED_TRACE(rate_hz);
    EXPECT_THAT(Refusal(samples, one, rate_hz), HasSubstr("sample_rate_hz is "));
  }
  EXPECT_THAT(Refusal(samples, one, 1000, {.speed_rpm = -1480}), HasSubstr("speed_rpm is -1480"));
  EXPECT_THAT(Refusal(samples, one, 1000, {.speed_rpm = kInfinity}), HasSubstr("speed_rpm is inf"));
  EXPECT_THAT(Refusal(samples, one, 1000, {.load_percent = kInfinity}), HasSubstr("load_percent"));
  for (const float tolerance : {-0.1f, 0.3f, kNaN}) {
    EXPECT_THAT(Refusal(samples, one, 1000, {.speed_tolerance = tolerance}),
                HasSubstr("speed_tolerance is "));
  }
}

}  // namespace
}  // namespace auscult::features
