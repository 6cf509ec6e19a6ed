#include "features/orders.h"

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
constexpr int kCount = 16384;  // 0.78 Hz resolution
constexpr double kShaftHz = 24.7;

// A line with a given velocity RMS in mm/s, as an acceleration.
std::vector<float> VelocityLine(double rms_mm_s, double hz) {
  return Sine(rms_mm_s * 1e-3 * std::sqrt(2.0) * 2 * kPi * hz, hz, kRate, kCount, hz);
}

class OrdersTest : public ::testing::Test {
 protected:
  const PowerSpectrum& Of(const std::vector<float>& samples) {
    record_ = transform_.Analyse(samples);
    return record_.spectrum;
  }
  RecordTransform transform_{kCount, kRate};
  ChannelRecord record_;
};

TEST_F(OrdersTest, AreTheVelocitiesOfTheirLines) {
  std::vector<float> samples = VelocityLine(0.3, 0.5 * kShaftHz);
  for (int order = 1; order <= 5; ++order) {
    samples = Sum(samples, VelocityLine(order, order * kShaftHz));
  }
  const ShaftOrders orders = ShaftOrdersOf(Of(samples), Quantity::kAcceleration, kShaftHz);
  EXPECT_NEAR(orders.half_mm_s[0], 0.3, 0.01);
  for (int i = 0; i < kShaftOrderCount; ++i) EXPECT_NEAR(orders.order_mm_s[i], i + 1, 0.02);
}

TEST_F(OrdersTest, AreFoundWhereTheSpeedIsOnePercentOff) {
  const auto& spectrum = Of(VelocityLine(2, 5 * kShaftHz));
  const ShaftOrders orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, 1.01 * kShaftHz);
  EXPECT_NEAR(orders.order_mm_s[4], 2, 0.05);
}

TEST_F(OrdersTest, AreRefusedWhereTheRecordHasTooFewTurnsOrNoSpeed) {
  const auto& spectrum = Of(Noise(1, kCount, 1));
  const double resolution = kRate / kCount;
  ShaftOrders orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, 3.9 * resolution);
  EXPECT_TRUE(std::isnan(orders.order_mm_s[0]));
  orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, 5 * resolution);
  EXPECT_FALSE(std::isnan(orders.order_mm_s[0]));
  EXPECT_TRUE(std::isnan(orders.half_mm_s[0]));
  orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, kTurnsForLines * resolution);
  EXPECT_FALSE(std::isnan(orders.half_mm_s[0]));
  orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, static_cast<double>(kNotKnown));
  EXPECT_TRUE(std::isnan(orders.order_mm_s[0]));
  orders = ShaftOrdersOf(spectrum, Quantity::kAcceleration, 2000);
  EXPECT_FALSE(std::isnan(orders.order_mm_s[2]));
  EXPECT_TRUE(std::isnan(orders.order_mm_s[3]));  // 8 kHz is beyond Nyquist
}

TEST_F(OrdersTest, TwiceLineFrequencyIsToldFromTheShaft) {
  const auto& spectrum = Of(Sum(VelocityLine(1.5, 100.1), VelocityLine(4, 4 * kShaftHz - 3)));
  EXPECT_NEAR(TwiceLineFrequencyMmS(spectrum, Quantity::kAcceleration, 50), 1.5, 0.02);
  EXPECT_TRUE(std::isnan(
      TwiceLineFrequencyMmS(spectrum, Quantity::kAcceleration, static_cast<double>(kNotKnown))));
}

TEST_F(OrdersTest, BladePassIsItsLine) {
  const auto& spectrum = Of(VelocityLine(0.8, 7 * kShaftHz));
  EXPECT_NEAR(BladePassMmS(spectrum, Quantity::kAcceleration, 7, kShaftHz), 0.8, 0.01);
  EXPECT_TRUE(std::isnan(BladePassMmS(spectrum, Quantity::kAcceleration, 0, kShaftHz)));
}

TEST_F(OrdersTest, HalfOrdersAreTheVelocitiesOfTheirLines) {
  std::vector<float> samples = VelocityLine(5, kShaftHz);
  for (int i = 0; i < kHalfOrderCount; ++i) {
    samples = Sum(samples, VelocityLine(0.2 * (i + 1), (i + 0.5) * kShaftHz));
  }
  const ShaftOrders orders = ShaftOrdersOf(Of(samples), Quantity::kAcceleration, kShaftHz);
  for (int i = 0; i < kHalfOrderCount; ++i) EXPECT_NEAR(orders.half_mm_s[i], 0.2 * (i + 1), 0.01);
}

TEST_F(OrdersTest, BeltIsTheLinesAtOnceAndTwiceItsRate) {
  const float order = BeltOrderOf({.pulley_diameter_mm = 100, .belt_length_mm = 1000});
  EXPECT_NEAR(order, kPi / 10, 1e-6);
  std::vector<float> samples =
      Sum(VelocityLine(3, order * kShaftHz), VelocityLine(4, 2 * order * kShaftHz));
  samples = Sum(samples, VelocityLine(20, kShaftHz));
  EXPECT_NEAR(BeltMmS(Of(samples), Quantity::kAcceleration, order, kShaftHz), 5, 0.03);
}

TEST_F(OrdersTest, BeltIsNotTakenFromTheShaft) {
  const auto belt = [&](float order) {
    return BeltMmS(record_.spectrum, Quantity::kAcceleration, order, kShaftHz);
  };
  Of(Sum(VelocityLine(3, 0.49 * kShaftHz), VelocityLine(20, kShaftHz)));
  EXPECT_NEAR(belt(0.49f), 3, 0.03);  // its second line would lie 0.5 Hz from the shaft's
  EXPECT_TRUE(std::isnan(belt(0.98f)));
  EXPECT_TRUE(std::isnan(belt(2.0f)));
  EXPECT_TRUE(std::isnan(belt(0.0f)));
  EXPECT_TRUE(std::isnan(belt(0.1f)));  // 3.2 bins above the mean
}

}  // namespace
}  // namespace auscult::features
