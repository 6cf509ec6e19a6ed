#include "features/quality_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 12800;
constexpr int kCount = 16384;

QualityFlags Check(const std::vector<float>& samples) {
  RecordTransform transform(static_cast<int>(samples.size()), kRate);
  const ChannelRecord record = transform.Analyse(samples);
  return CheckSamples(samples, record.range, record.Rms());
}

std::vector<float> Quantised(std::vector<float> samples, float step) {
  for (float& x : samples) x = std::round(x / step) * step;
  return samples;
}

std::vector<float> ClippedAt(std::vector<float> samples, float limit) {
  for (float& x : samples) x = std::clamp(x, -limit, limit);
  return samples;
}

std::vector<float> Vibration() { return Sum(Sine(1, 24.7, kRate, kCount), Noise(0.3, kCount, 1)); }

TEST(CheckSamples, FindsNothingWrongWithALiveSignal) {
  EXPECT_EQ(Check(Vibration()), 0u);
  EXPECT_EQ(Check(Noise(1, 256, 2)), 0u);
  EXPECT_EQ(Check(testing::Impacts(5, 30, 3000, kRate, kCount)), 0u);
}

TEST(CheckSamples, FindsClipping) {
  EXPECT_TRUE(Has(Check(ClippedAt(Vibration(), 1.0f)), QualityFlag::kClipped));
  EXPECT_TRUE(
      Has(Check(ClippedAt(Quantised(Vibration(), 1.0f / 2048), 1.0f)), QualityFlag::kClipped));
  // One side only, as of a sensor whose bias has drifted.
  std::vector<float> one_side = Sine(1, 50, kRate, kCount);
  for (float& x : one_side) x = std::min(x, 0.9f);
  EXPECT_TRUE(Has(Check(one_side), QualityFlag::kClipped));
}

TEST(CheckSamples, TakesThreeEqualExtremesForChance) {
  for (const int run : {3, 4}) {
    SCOPED_TRACE(run);
    std::vector<float> samples = Vibration();
    std::fill_n(samples.begin() + 5000, run, 4.0f);
    EXPECT_EQ(Has(Check(samples), QualityFlag::kClipped), run > 3);
  }
}

TEST(CheckSamples, DoesNotTakeTheStepsOfAConverterForClippingOrDropouts) {
  // Slow sines whose crest stays within one step for many samples.
  for (const float step : {0.3f, 0.1f, 0.03f, 1e-2f, 1e-3f, 1e-4f}) {
    for (const double hz : {1.1, 5.3, 25.0, 300.0}) {
      SCOPED_TRACE(::testing::Message() << step << " " << hz);
      EXPECT_EQ(Check(Quantised(Sine(1, hz, kRate, kCount), step)), 0u);
    }
  }
  // A quiet machine on a coarse converter, and impacts between which nothing moves.
  EXPECT_EQ(Check(Quantised(Noise(0.4, kCount, 5), 1.0f)), 0u);
  EXPECT_EQ(Check(Quantised(testing::Impacts(60, 30, 3000, kRate, kCount), 1.0f)), 0u);
  EXPECT_EQ(Check(Quantised(
                Sum(testing::Impacts(60, 30, 3000, kRate, kCount), Noise(0.3, kCount, 3)), 1.0f)),
            0u);
}

TEST(CheckSamples, FindsAConstantRecord) {
  for (const float value : {0.0f, -3.3f, 1e12f}) {
    EXPECT_EQ(Check(std::vector<float>(1000, value)), Bit(QualityFlag::kConstant));
  }
}

TEST(CheckSamples, FindsDropouts) {
  struct Case {
    const char* name;
    int begin;
    int length;
    bool hold;  // the last value instead of zero
  };
  const Case cases[] = {{"zeros inside", 5000, 200, false},
                        {"last value held", 7000, 64, true},
                        {"zeros at the start", 0, 500, false},
                        {"zeros at the end", kCount - 100, 100, false}};
  for (const Case& c : cases) {
    for (const float step : {0.0f, 1e-3f}) {
      SCOPED_TRACE(c.name);
      std::vector<float> samples = step > 0 ? Quantised(Vibration(), step) : Vibration();
      std::fill_n(samples.begin() + c.begin, c.length, c.hold ? samples[c.begin] : 0.0f);
      EXPECT_TRUE(Has(Check(samples), QualityFlag::kDropout));
    }
  }
}

TEST(CheckSamples, FindsASenderThatIsFasterThanItsSensor) {
  std::vector<float> samples = Quantised(Noise(1, kCount, 8), 1e-3f);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = samples[i - i % 20];
  EXPECT_EQ(Check(samples), Bit(QualityFlag::kDropout));
}

TEST(CheckSamples, FindsAStepOfTheMean) {
  std::vector<float> samples = Vibration();
  std::for_each(samples.begin() + 6000, samples.end(), [](float& x) { x += 3; });
  EXPECT_EQ(Check(samples), Bit(QualityFlag::kOffsetJump));
}

TEST(CheckSamples, DoesNotTakeSlowSignalsForASteppingMean) {
  EXPECT_EQ(Check(Sine(1, kRate / kCount, kRate, kCount)), 0u);
  EXPECT_EQ(Check(Sine(1, 0.5 * kRate / kCount, kRate, kCount)), 0u);
  std::vector<float> ramp(kCount);
  for (int i = 0; i < kCount; ++i) ramp[i] = static_cast<float>(i);
  EXPECT_EQ(Check(Sum(ramp, Noise(100, kCount, 9))), 0u);
}

QualityFlags CheckSpectrumOf(const std::vector<float>& samples, double shaft_hz,
                             Machine machine = {}) {
  RecordTransform transform(static_cast<int>(samples.size()), kRate);
  return CheckSpectrum(transform.Analyse(samples).spectrum, Quantity::kAcceleration, shaft_hz,
                       machine);
}

TEST(CheckSpectrum, FindsASkiSlope) {
  // A sensor that settles: an exponential of some seconds under a small vibration.
  std::vector<float> samples = Noise(0.05, 4 * kCount, 1);
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] += 5 * std::exp(-static_cast<float>(i) / static_cast<float>(kRate) / 1.5f);
  }
  EXPECT_EQ(CheckSpectrumOf(samples, 24.7), Bit(QualityFlag::kSkiSlope));
  EXPECT_EQ(CheckSpectrumOf(Vibration(), 24.7), 0u);
  EXPECT_EQ(CheckSpectrumOf(Vibration(), static_cast<double>(kNotKnown)), 0u);
}

TEST(CheckSpectrum, FindsMainsPickup) {
  const auto hum =
      Sum(Sum(Sine(1, 50, kRate, kCount), Sine(0.4, 150, kRate, kCount)), Noise(0.1, kCount, 2));
  EXPECT_EQ(CheckSpectrumOf(hum, 20), Bit(QualityFlag::kMainsPickup));
  EXPECT_EQ(CheckSpectrumOf(hum, 24.7), 0u);  // 2 x of the shaft is too near to tell
  Machine american;
  american.line_frequency_hz = 60;
  EXPECT_EQ(CheckSpectrumOf(hum, 20, american), 0u);
}

TEST(CheckSpectrum, DoesNotTakeAMachineForMains) {
  // A two-pole machine turns at 49.7 Hz; a stator hums at 100 Hz; without speed nothing is known.
  EXPECT_EQ(CheckSpectrumOf(Sum(Sine(1, 49.7, kRate, kCount), Noise(0.1, kCount, 2)), 49.7), 0u);
  EXPECT_EQ(CheckSpectrumOf(Sum(Sine(1, 100, kRate, kCount), Noise(0.1, kCount, 2)), 24.7), 0u);
  EXPECT_EQ(CheckSpectrumOf(Sine(1, 50, kRate, kCount), static_cast<double>(kNotKnown)), 0u);
}

TEST(Describe, HasATextForEveryFlag) {
  for (uint32_t bit = 0; bit < 15; ++bit) {
    const auto texts = Describe(1u << bit);
    ASSERT_EQ(texts.size(), 1u) << bit;
    EXPECT_FALSE(texts[0].name.empty());
    EXPECT_FALSE(texts[0].meaning.empty());
    EXPECT_FALSE(texts[0].remedy.empty());
  }
  EXPECT_EQ(Describe(0).size(), 0u);
  EXPECT_EQ(Describe(Bit(QualityFlag::kStopped) | Bit(QualityFlag::kClipped))[0].name, "clipped");
}

}  // namespace
}  // namespace auscult::features
