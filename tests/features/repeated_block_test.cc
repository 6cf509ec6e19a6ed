#include "features/repeated_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 12800;
constexpr int kCount = 16384;

std::vector<float> Quantised(std::vector<float> samples, float step) {
  for (float& x : samples) x = std::round(x / step) * step;
  return samples;
}

std::vector<float> Vibration(float step) {
  std::vector<float> samples = Sum(Sine(1, 24.7, kRate, kCount), Noise(0.3, kCount, 1));
  return step > 0 ? Quantised(std::move(samples), step) : samples;
}

std::vector<float> WithCopy(std::vector<float> samples, size_t first, size_t again, size_t length) {
  const std::vector<float> block(samples.begin() + first, samples.begin() + first + length);
  std::copy(block.begin(), block.end(), samples.begin() + again);
  return samples;
}

TEST(FindRepeatedBlock, FindsABufferThatWasSentAgain) {
  struct Case {
    const char* name;
    size_t first, again, length;
  };
  const Case cases[] = {{"the next buffer", 4096, 4224, 128},
                        {"far apart", 100, 15000, 256},
                        {"at the first sample", 0, 512, 512},
                        {"at the last sample", 9000, kCount - 300, 300}};
  // As measured; 24, 12 and 8 bits over a range of +-4; integers.
  for (const float step : {0.0f, 0x1p-21f, 0x1p-9f, 0x1p-5f}) {
    for (const Case& c : cases) {
      SCOPED_TRACE(::testing::Message() << c.name << ", step " << step);
      const RepeatedBlock found =
          FindRepeatedBlock(WithCopy(Vibration(step), c.first, c.again, c.length));
      EXPECT_GE(found.length, c.length);
      EXPECT_LE(found.length, c.length + 20);
      EXPECT_EQ(found.again - found.first, c.again - c.first);
      EXPECT_LE(found.again, c.again);
    }
  }
}

TEST(FindRepeatedBlock, DoesNotDependOnUnitOrOffset) {
  for (const float scale : {1e-9f, -3.0f, 1e9f}) {
    std::vector<float> samples = Vibration(0x1p-9f);
    for (float& x : samples) x = scale * (x + 2.5f);
    EXPECT_EQ(FindRepeatedBlock(samples).length, 0u);
    EXPECT_GE(FindRepeatedBlock(WithCopy(samples, 3000, 3256, 256)).length, 256u);
  }
}

TEST(FindRepeatedBlock, FindsNothingInRecordsOfAllLengths) {
  for (const int count : {0, 1, 7, 8, 63, 255, 256, 264, 265, 1000, 131072}) {
    EXPECT_EQ(FindRepeatedBlock(Noise(1, count, 3)).length, 0u) << count;
  }
}

TEST(FindRepeatedBlock, FindsNothingInCoarseNoise) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const float step : {0.1f, 0.5f, 1.0f, 2.0f, 4.0f}) {
      SCOPED_TRACE(::testing::Message() << seed << " " << step);
      EXPECT_EQ(FindRepeatedBlock(Quantised(Noise(1, kCount, seed), step)).length, 0u);
    }
  }
}

TEST(FindRepeatedBlock, FindsNothingInSignalsOfAGenerator) {
  for (const float step : {0.0f, 0x1p-15f, 0x1p-7f, 0x1p-4f}) {
    for (const double hz : {0.37, 25.0, 24.7, 100.0, 3200.0}) {
      for (const double beat_hz : {0.0, 0.1, 1.0, 25.0}) {
        SCOPED_TRACE(::testing::Message() << step << " " << hz << " " << beat_hz);
        std::vector<float> samples = Sine(1, hz, kRate, kCount);
        const std::vector<float> beat = Sine(0.2, beat_hz, kRate, kCount, 1);
        for (size_t i = 0; i < samples.size(); ++i) samples[i] *= 1 + beat[i];
        if (step > 0) samples = Quantised(std::move(samples), step);
        EXPECT_EQ(FindRepeatedBlock(samples).length, 0u);
      }
    }
    std::vector<float> impacts = testing::Impacts(5, 25, 3200, kRate, kCount);
    if (step > 0) impacts = Quantised(std::move(impacts), step);
    EXPECT_EQ(FindRepeatedBlock(impacts).length, 0u);
  }
}

TEST(FindRepeatedBlock, FindsNothingInHeldAndMissingValues) {
  EXPECT_EQ(FindRepeatedBlock(std::vector<float>(kCount, 2.5f)).length, 0u);
  std::vector<float> dropouts = Vibration(0);
  for (const size_t begin : {0u, 3000u, 9000u}) std::fill_n(dropouts.begin() + begin, 500, 0.0f);
  EXPECT_EQ(FindRepeatedBlock(dropouts).length, 0u);
  std::vector<float> held = Quantised(Noise(1, kCount, 8), 0.1f);
  for (size_t i = 0; i < held.size(); ++i) held[i] = held[i - i % 20];
  EXPECT_EQ(FindRepeatedBlock(held).length, 0u);
}

}  // namespace
}  // namespace auscult::features
