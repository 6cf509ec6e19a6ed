#include "features/current_slip.h"

#include <gtest/gtest.h>

#include "features/extract.h"
#include "tests/features/motor.h"

namespace auscult::features {
namespace {

using testing::MadeMotor;

struct Sent {
  float speed_rpm = kNotKnown;
  float tolerance = 0;
};

FeatureVector Analysed(const MadeMotor& motor, const Machine& machine, Sent sent) {
  absl::StatusOr<Waveform> waveform =
      Waveform::Create(motor.Current(), {{"", Quantity::kCurrent}}, motor.rate_hz,
                       {.speed_rpm = sent.speed_rpm, .speed_tolerance = sent.tolerance});
  Extractor extractor;
  FeatureVector out;
  EXPECT_TRUE(extractor.Extract(*waveform, machine, out).ok());
  return out;
}

// A motor with a sound cage whose eccentricity and slots can be seen.
MadeMotor Sound(double slip = 0.03, int pole_pairs = 2, int bars = 0) {
  MadeMotor motor;
  motor.slip = slip;
  motor.pole_pairs = pole_pairs;
  motor.lines = {{1 - 2 * slip, 62}, {1 + 2 * slip, 64}};
  motor.lines.push_back({std::abs(1 - motor.ShaftOrder()), 58});
  motor.lines.push_back({1 + motor.ShaftOrder(), 60});
  if (bars > 0) motor.lines.push_back({bars * motor.ShaftOrder() - 1, 55});
  return motor;
}

TEST(SlipPrior, FollowsWhatIsKnown) {
  Machine machine;
  EXPECT_LT(SlipPriorOf(machine, {.speed_rpm = 1455}, 50).high, 0);  // no pole pairs
  machine.pole_pairs = 2;
  SlipPrior prior = SlipPriorOf(machine, {.speed_rpm = 1455}, 50);
  EXPECT_TRUE(prior.measured);
  EXPECT_NEAR(prior.expected, 0.03, 1e-6);
  EXPECT_NEAR(prior.low, 0.03 - 0.005 * 0.97, 1e-6);
  EXPECT_NEAR(prior.high, 0.03 + 0.005 * 0.97, 1e-6);
  prior = SlipPriorOf(machine, {.speed_rpm = 1455, .speed_tolerance = 0.02f}, 50);
  EXPECT_FALSE(prior.measured);
  EXPECT_NEAR(prior.low, 0.03 - 0.02 * 0.97, 1e-6);
  prior = SlipPriorOf(machine, {}, 50);
  EXPECT_NEAR(prior.low, 0.002, 1e-9);
  EXPECT_NEAR(prior.high, 0.1, 1e-9);
  machine.rated_speed_rpm = 1440;
  EXPECT_NEAR(SlipPriorOf(machine, {}, 50).high, 0.08, 1e-6);
  for (const float speed_rpm :
       {1560.0f, 1499.0f, 600.0f}) {  // faster than the field, idle, stalled
    EXPECT_LT(SlipPriorOf(machine, {.speed_rpm = speed_rpm}, 50).high, 0) << speed_rpm;
  }
}

TEST(RotorSlipSearch, FindsTheSlipWithoutASpeed) {
  for (const double slip : {0.008, 0.0213, 0.03, 0.057}) {
    for (const int bars : {0, 28, 41}) {
      SCOPED_TRACE(std::to_string(slip) + " bars " + std::to_string(bars));
      const MadeMotor motor = Sound(slip, 2, bars);
      Machine machine = motor.Nameplate();
      machine.rotor_bars = bars;
      const FeatureVector out = Analysed(motor, machine, {});
      EXPECT_NEAR(out.Value(0, "slip"), slip, 3e-4);
      EXPECT_GE(out.Value(0, "slip_confidence"), kConfidentSlip);
      EXPECT_NEAR(out.Value(0, "shaft_speed_rpm"), motor.SpeedRpm(), 0.5);
      EXPECT_NEAR(out.speed_rpm, motor.SpeedRpm(), 0.5);
      EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
      EXPECT_NEAR(out.Value(0, "sideband_low_db"), 62, 0.7);
    }
  }
}

TEST(RotorSlipSearch, CorrectsASpeedThatIsThreeRpmOff) {
  for (const int pole_pairs : {1, 2, 3}) {
    for (const float error_rpm : {-3.0f, 3.0f}) {
      SCOPED_TRACE(std::to_string(pole_pairs) + " pole pairs, rpm " + std::to_string(error_rpm));
      const MadeMotor motor = Sound(0.02, pole_pairs);
      const FeatureVector out =
          Analysed(motor, motor.Nameplate(), {motor.SpeedRpm() + error_rpm, 0});
      EXPECT_NEAR(out.Value(0, "slip"), 0.02, 2e-4);
      EXPECT_NEAR(out.speed_rpm, motor.SpeedRpm() + error_rpm, 1e-3);  // what was sent stays sent
    }
  }
}

// A speed 3 rpm off takes the line of a swinging load for that of a broken bar of a two-pole motor.
TEST(RotorSlipSearch, IsNotLedToAForeignLineByAWrongSpeed) {
  MadeMotor motor = Sound(0.006, 1);
  motor.seconds = 60;
  motor.lines.push_back({1 - 2 * 0.007, 38});  // at the slip that the wrong speed gives
  const FeatureVector out = Analysed(motor, motor.Nameplate(), {motor.SpeedRpm() - 3, 0});
  EXPECT_NEAR(out.Value(0, "slip"), 0.006, 1e-4);
  EXPECT_NEAR(out.Value(0, "sideband_low_db"), 62, 0.7);
  const FeatureVector alone = Analysed(motor, motor.Nameplate(), {});
  EXPECT_NEAR(alone.Value(0, "sideband_low_db"), 62, 0.7);
}

TEST(RotorSlipSearch, OfANominalSpeedFindsTheOneThatIsThere) {
  const MadeMotor motor = Sound(0.041);
  const FeatureVector out = Analysed(motor, motor.Nameplate(), {1470, 0.04f});
  EXPECT_NEAR(out.Value(0, "slip"), 0.041, 2e-4);
  EXPECT_NEAR(out.speed_rpm, motor.SpeedRpm(), 0.5);
  EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
}

TEST(RotorSlipSearch, SaysNothingWhereTheRecordShowsNothing) {
  MadeMotor bare;
  for (const uint32_t seed : {0u, 1u, 2u}) {
    bare.supply_hz = 50.0 + 0.01 * seed;
    const FeatureVector out = Analysed(bare, bare.Nameplate(), {});
    EXPECT_TRUE(std::isnan(out.Value(0, "slip"))) << seed;
    EXPECT_TRUE(std::isnan(out.Value(0, "sideband_low_db"))) << seed;
    EXPECT_TRUE(std::isnan(out.speed_rpm)) << seed;
    EXPECT_TRUE(Has(out.quality, QualityFlag::kNoSpeed)) << seed;
    EXPECT_LT(out.Value(0, "slip_confidence"), kConfidentSlip) << seed;
  }
  // A measured speed stands by itself; a nominal one does not.
  EXPECT_NEAR(Analysed(bare, bare.Nameplate(), {1455, 0}).Value(0, "slip"),
              1 - 1455 / 30.0 / bare.supply_hz, 1e-6);
  EXPECT_TRUE(std::isnan(Analysed(bare, bare.Nameplate(), {1455, 0.02f}).Value(0, "slip")));
}

TEST(RotorSlipSearch, NeedsPolePairs) {
  const MadeMotor motor = Sound();
  const FeatureVector out = Analysed(motor, Machine(), {motor.SpeedRpm(), 0});
  EXPECT_TRUE(std::isnan(out.Value(0, "slip")));
  EXPECT_TRUE(std::isnan(out.Value(0, "sideband_low_db")));
  // A measured speed is enough for what turns with the shaft.
  EXPECT_NEAR(out.Value(0, "eccentricity_low_db"), 58, 0.7);
  EXPECT_NEAR(out.Value(0, "shaft_speed_rpm"), motor.SpeedRpm(), 0.01);
}

}  // namespace
}  // namespace auscult::features
