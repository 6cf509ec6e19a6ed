#include "features/fft.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using Complex = std::complex<float>;

// The definition, in double.
std::vector<std::complex<double>> NaiveTransform(std::span<const float> x) {
  std::vector<std::complex<double>> bins(x.size() / 2 + 1);
  for (size_t k = 0; k < bins.size(); ++k) {
    for (size_t n = 0; n < x.size(); ++n) {
      bins[k] += static_cast<double>(x[n]) *
                 std::polar(1.0, -2 * kPi * static_cast<double>(k * n % x.size()) /
                                     static_cast<double>(x.size()));
    }
  }
  return bins;
}

FftVector<float> RandomSamples(int length) {
  const std::vector<float> noise = testing::Noise(1.0, length, 7);
  return {noise.begin(), noise.end()};
}

TEST(RealFft, EqualsTheDefinitionForAnyLength) {
  for (const int length : {1, 2, 3, 4, 15, 128, 257, 480, 1000}) {
    SCOPED_TRACE(length);
    const RealFft fft(length);
    const FftVector<float> x = RandomSamples(length);
    FftVector<Complex> bins(static_cast<size_t>(fft.bin_count()));
    fft.Forward(x, bins);
    const auto expected = NaiveTransform(x);
    ASSERT_EQ(bins.size(), expected.size());
    for (size_t k = 0; k < bins.size(); ++k) {
      EXPECT_NEAR(std::abs(std::complex<double>(bins[k]) - expected[k]), 0, 1e-5 * length);
    }
    EXPECT_EQ(x, RandomSamples(length));  // the input is left as it was
  }
}

TEST(InverseRealFft, UndoesTheForwardTransform) {
  for (const int length : {2, 9, 128, 250}) {
    SCOPED_TRACE(length);
    const FftVector<float> x = RandomSamples(length);
    const RealFft forward(length);
    const InverseRealFft inverse(length);
    FftVector<Complex> bins(static_cast<size_t>(forward.bin_count()));
    FftVector<float> back(x.size());
    forward.Forward(x, bins);
    inverse.Inverse(bins, back);
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(back[i] / static_cast<float>(length), x[i], 1e-5f);
    }
  }
}

TEST(InverseComplexFft, TurnsABinIntoAPhasor) {
  constexpr int kLength = 48;
  FftVector<Complex> bins(kLength);
  FftVector<Complex> out(kLength);
  bins[5] = Complex(0, 2);
  InverseComplexFft(kLength).Inverse(bins, out);
  for (int n = 0; n < kLength; ++n) {
    const std::complex<double> expected =
        std::complex<double>(0, 2) * std::polar(1.0, 2 * kPi * 5 * n / kLength);
    EXPECT_NEAR(std::abs(std::complex<double>(out[n]) - expected), 0, 1e-5);
  }
}

TEST(RealFft, SurvivesAMoveAndIsSharedByThreads) {
  RealFft original(1024);
  const RealFft fft = std::move(original);
  const FftVector<float> x = RandomSamples(1024);
  std::vector<FftVector<Complex>> results(4, FftVector<Complex>(513));
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) fft.Forward(x, result);
      const RealFft other(600);  // planning beside execution
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(SmoothLength, IsTheNearestProductOfTwoThreeAndFive) {
  EXPECT_EQ(SmoothLengthAtMost(257), 256);
  EXPECT_EQ(SmoothLengthAtLeast(257), 270);
  EXPECT_EQ(SmoothLengthAtMost(121265), 120000);
  EXPECT_EQ(SmoothLengthAtMost(1), 1);
  EXPECT_EQ(SmoothLengthAtLeast(16384), 16384);
}

TEST(FastLength, OfALongTransformIsAMultipleOf32) {
  EXPECT_EQ(FastLengthAtLeast(15564), 16000);  // not 5^6
  EXPECT_EQ(FastLengthAtLeast(3900), 4000);
  EXPECT_EQ(FastLengthAtLeast(1 << 30), 1 << 30);
  for (int length = 4097; length < 300000; length += 997) {
    const int found = FastLengthAtLeast(length);
    EXPECT_GE(found, length);
    EXPECT_LT(found, 1.07 * length);
    EXPECT_EQ(found % 32, 0);
  }
}

}  // namespace
}  // namespace auscult::features
