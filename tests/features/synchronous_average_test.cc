#include "features/synchronous_average.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 12800;
constexpr int kCount = 16384;

std::vector<std::complex<float>> LinesOf(const std::vector<float>& samples, double shaft_hz,
                                         int count) {
  RecordTransform transform(static_cast<int>(samples.size()), kRate);
  const ChannelRecord record = transform.Analyse(samples);
  std::vector<std::complex<float>> lines(static_cast<size_t>(count));
  SynchronousLines(record.bins, record.transform_length, shaft_hz / record.resolution_hz(), lines);
  for (auto& line : lines) line *= static_cast<float>(record.range.Peak());
  return lines;
}

TEST(SynchronousLines, HaveTheAmplitudeAndPhaseOfWhatRepeatsWithTheShaft) {
  // Turns that fill the record exactly, nearly, and not at all.
  for (const double turns : {32.0, 32.00001, 31.99999, 32.37, 32.5}) {
    SCOPED_TRACE(turns);
    const double shaft_hz = turns * kRate / kCount;
    const auto lines = LinesOf(
        Sum(Sine(2, 7 * shaft_hz, kRate, kCount, 0.4), Sine(0.5, 8 * shaft_hz, kRate, kCount, 1.1)),
        shaft_hz, 12);
    const auto expect = [&](int order, double amplitude, double phase) {
      const double middle = phase - kPi / 2 + kPi * order * turns;  // a sine is a late cosine
      const std::complex<double> expected = std::polar(amplitude, middle);
      EXPECT_NEAR(lines[order].real(), expected.real(), 4e-3) << order;
      EXPECT_NEAR(lines[order].imag(), expected.imag(), 4e-3) << order;
    };
    expect(7, 2, 0.4);
    expect(8, 0.5, 1.1);
    expect(6, 0, 0);
    expect(11, 0, 0);
  }
}

TEST(SynchronousLines, EqualANaiveWindowedTransform) {
  constexpr int kShort = 2000;
  const auto x = Noise(1, kShort, 3);
  const double turns = 21.3;
  const auto lines = LinesOf(x, turns * kRate / kShort, 40);
  for (int m = 1; m < 40; ++m) {
    std::complex<double> sum;
    for (int n = 0; n < kShort; ++n) {
      const double window = 0.5 - 0.5 * std::cos(2 * kPi * n / kShort);
      sum += window * static_cast<double>(x[n]) *
             std::polar(1.0, -2 * kPi * m * turns * (n - kShort / 2) / kShort);
    }
    sum *= 4.0 / kShort;
    // Beyond its four bins on either side the window's line is cut off.
    EXPECT_NEAR(lines[m].real(), sum.real(), 2e-3) << m;
    EXPECT_NEAR(lines[m].imag(), sum.imag(), 2e-3) << m;
  }
}

TEST(SynchronousLines, AverageOutWhatDoesNotRepeat) {
  // Of white noise, a line of a Hann-windowed record holds 4 rms^2 x 1.5 / N.
  double power = 0;
  const auto lines = LinesOf(Noise(1, kCount, 5), 25.03, 200);
  for (int m = 1; m < 200; ++m) power += std::norm(lines[m]) / 199;
  EXPECT_NEAR(power / (6.0 / kCount), 1, 0.25);
}

TEST(SynchronousLines, ReachUpToNyquist) {
  for (const double turns : {8.0, 8.3, 31.7, 1000.0}) {
    const int count = SynchronousLineCount(kCount, turns);
    EXPECT_LE((count - 1) * turns + 4, kCount / 2);
    EXPECT_GT(count * turns + 4, kCount / 2);
    LinesOf(Noise(1, kCount, 1), turns * kRate / kCount, count);
  }
}

}  // namespace
}  // namespace auscult::features
