#include "features/supply_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "features/current.h"
#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 10000;
constexpr int kCount = 10000;
constexpr double kNoSpeed = std::numeric_limits<double>::quiet_NaN();

Machine MotorOn(float line_hz) {
  Machine machine;
  machine.line_frequency_hz = line_hz;
  machine.pole_pairs = 2;
  return machine;
}

// A supply with harmonics 5 and 7 and noise.
std::vector<float> Supply(double hz, double rate_hz = kRate, int count = kCount) {
  return Sum(Sum(Sum(Sine(10, hz, rate_hz, count), Sine(0.5, 5 * hz, rate_hz, count, 1)),
                 Sine(0.3, 7 * hz, rate_hz, count, 2)),
             Noise(0.1, count, 5));
}

QualityFlags Check(const std::vector<float>& samples, const Machine& machine,
                   double speed_hz = kNoSpeed, double rate_hz = kRate) {
  RecordTransform transform(static_cast<int>(samples.size()), rate_hz);
  const PowerSpectrum spectrum = transform.Analyse(samples).spectrum;
  const auto line_hz = static_cast<double>(SupplyLineOf(spectrum).frequency_hz);
  return CheckRate(spectrum, line_hz, machine, speed_hz) |
         CheckLinePhase(samples, rate_hz, spectrum, line_hz);
}

TEST(CheckRate, FindsASupplyThatIsNotWhereItMustBe) {
  for (const double factor : {0.1, 0.5, 0.82, 0.95, 1.05, 1.2, 2.0, 4.0}) {
    EXPECT_EQ(Check(Supply(50 * factor), MotorOn(50)), Bit(QualityFlag::kRateSuspect)) << factor;
  }
  EXPECT_EQ(Check(Supply(50), MotorOn(60)), Bit(QualityFlag::kRateSuspect));
}

TEST(CheckRate, AllowsWhatSuppliesDo) {
  for (const double hz : {49.0, 49.9, 50.0, 50.1, 51.0}) {
    EXPECT_EQ(Check(Supply(hz), MotorOn(50)), 0u) << hz;
  }
  // 0.2 s resolve 5 Hz, and no better.
  EXPECT_EQ(Check(Supply(52, kRate, kCount / 5), MotorOn(50)), 0u);
}

TEST(CheckRate, SaysNothingWithoutALineOrAClaim) {
  EXPECT_EQ(Check(Supply(41), Machine()), 0u);
  EXPECT_EQ(Check(Noise(1, kCount, 3), MotorOn(50)), 0u);
  EXPECT_EQ(Check(std::vector<float>(kCount, 1.0f), MotorOn(50)), 0u);
}

TEST(CheckRate, TakesAHarmonicForNoneWhereTheSupplyIsSeen) {
  // The ripple behind a rectifier, and a third harmonic larger than the fundamental.
  EXPECT_EQ(Check(Sum(Sine(1, 50, kRate, kCount), Sine(8, 100, kRate, kCount)), MotorOn(50)), 0u);
  EXPECT_EQ(Check(Sum(Supply(50), Sine(30, 150, kRate, kCount)), MotorOn(50)), 0u);
}

TEST(CheckRate, BelievesAnInverterWhoseMotorTurnsAccordingly) {
  const std::vector<float> samples = Supply(41);
  EXPECT_EQ(Check(samples, MotorOn(50), 41 / 2.0 * 0.98), 0u);
  EXPECT_EQ(Check(samples, MotorOn(50), 50 / 2.0 * 0.98), Bit(QualityFlag::kRateSuspect));
  EXPECT_EQ(Check(samples, MotorOn(50), 0), Bit(QualityFlag::kRateSuspect));
}

TEST(CheckLinePhase, FindsLostSamplesWhereverTheyAre) {
  // 50 of the 200 samples of a cycle are missing: 90 degrees.
  for (const int place : {900, 2000, 5000, 9000}) {
    for (const float step : {0.0f, 0.25f}) {
      SCOPED_TRACE(::testing::Message() << place << " " << step);
      std::vector<float> samples = Supply(50.03);
      if (step > 0)
        std::ranges::for_each(samples, [&](float& x) { x = step * std::round(x / step); });
      samples.erase(samples.begin() + place, samples.begin() + place + 50);
      EXPECT_EQ(Check(samples, MotorOn(50)), Bit(QualityFlag::kLostSamples));
    }
  }
}

TEST(CheckLinePhase, FindsThemAtFewSamplesACycleAndInLongRecords) {
  std::vector<float> slow = Supply(60, 1000, 1000);
  slow.erase(slow.begin() + 400, slow.begin() + 404);
  EXPECT_EQ(Check(slow, MotorOn(60), kNoSpeed, 1000), Bit(QualityFlag::kLostSamples));
  // Past the blocks that are compared with each other at one time.
  std::vector<float> long_record = Supply(50, 1000, 100000);
  EXPECT_EQ(Check(long_record, MotorOn(50), kNoSpeed, 1000), 0u);
  long_record.erase(long_record.begin() + 80000, long_record.begin() + 80008);
  EXPECT_EQ(Check(long_record, MotorOn(50), kNoSpeed, 1000), Bit(QualityFlag::kLostSamples));
}

TEST(CheckLinePhase, AllowsWhatSuppliesAndLoadsDo) {
  // A frequency that drifts by 0.5 Hz, and a load that swings at 7 Hz.
  std::vector<float> drifting(kCount);
  std::vector<float> swinging(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double t = i / kRate;
    drifting[i] = static_cast<float>(std::sin(2 * testing::kPi * (49.9 + 0.25 * t) * t));
    swinging[i] = static_cast<float>(
        (1 + 0.3 * std::sin(2 * testing::kPi * 7 * t)) *
        std::sin(2 * testing::kPi * 50 * t + 0.2 * std::sin(2 * testing::kPi * 7 * t)));
  }
  EXPECT_EQ(Check(drifting, MotorOn(50)), 0u);
  EXPECT_EQ(Check(swinging, MotorOn(50)), 0u);
  EXPECT_EQ(Check(Sum(Sine(1, 50, kRate, kCount), Noise(0.7, kCount, 1)), MotorOn(50)), 0u);
}

TEST(CheckLinePhase, NeedsSixteenCyclesOfFourSamples) {
  std::vector<float> samples = Supply(50, kRate, 3000);
  samples.erase(samples.begin() + 1500, samples.begin() + 1550);
  EXPECT_EQ(Check(samples, MotorOn(50)), 0u);
  EXPECT_EQ(Check(Supply(50, 180, 2000), MotorOn(50), kNoSpeed, 180), 0u);
}

}  // namespace
}  // namespace auscult::features
