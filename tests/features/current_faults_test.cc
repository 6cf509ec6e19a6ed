#include "features/current_faults.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/motor.h"

namespace auscult::features {
namespace {

using testing::MadeMotor;

LineSpectrum Seen(const MadeMotor& motor, double top_hz = 1500) {
  RecordTransform transform(motor.Count(), motor.rate_hz);
  const ChannelRecord record = transform.Analyse(motor.Current());
  LineSpectrum lines;
  lines.Compute(record.bins, record.resolution_hz(), motor.supply_hz, top_hz);
  return lines;
}

RotorMotion Known(const MadeMotor& motor, float confidence = 1, double speed_error_rpm = 0) {
  const double shaft_hz = motor.ShaftHz() + speed_error_rpm / 60;
  return {1 - shaft_hz * motor.pole_pairs / motor.supply_hz, shaft_hz, confidence};
}

MadeMotor Broken(double level_db, double slip = 0.03) {
  MadeMotor motor;
  motor.slip = slip;
  motor.seconds = 10;
  motor.lines = {{1 - 2 * slip, level_db},      {1 + 2 * slip, level_db + 6},
                 {1 - 4 * slip, level_db + 10}, {1 + 4 * slip, level_db + 15},
                 {3 - 2 * slip, level_db + 8},  {3 - 4 * slip, level_db + 4}};
  return motor;
}

TEST(RotorBarLines, AreMeasuredFarBelowTheSupply) {
  for (const double level_db : {25.0, 45.0, 60.0, 70.0}) {
    SCOPED_TRACE(level_db);
    MadeMotor motor = Broken(level_db);
    motor.noise_db = 90;
    const RotorBarLines lines = RotorBarLinesOf(Seen(motor), Known(motor));
    EXPECT_NEAR(lines.low_db, level_db, 0.1);
    EXPECT_NEAR(lines.high_db, level_db + 6, 0.1);
    EXPECT_NEAR(lines.low_2_db, level_db + 10, 0.2);
    EXPECT_NEAR(lines.high_2_db, level_db + 15, 0.3);
    EXPECT_NEAR(lines.third_db, level_db + 4, 0.1);
    EXPECT_GT(lines.third_excess_db, 30);
    EXPECT_GT(lines.low_excess_db, 30);
  }
}

TEST(RotorBarLines, AreFoundWhereTheSpeedIsThreeRpmOff) {
  const MadeMotor motor = Broken(50);
  for (const double error_rpm : {-3.0, 3.0}) {
    const RotorBarLines lines = RotorBarLinesOf(Seen(motor), Known(motor, 0, error_rpm));
    EXPECT_NEAR(lines.low_db, 50, 0.3);
  }
}

TEST(RotorBarLines, AreRefusedInShortRecordsRatherThanTakenFromLeakage) {
  // 2 s f = 3 Hz: five bins need 1.66 s, and 2 s are asked for.
  MadeMotor motor = Broken(60);
  EXPECT_NEAR(RotorRecordSeconds(motor.slip, motor.supply_hz), 6 / (0.06 * 50.13), 1e-3);
  motor.seconds = 1.6;
  const RotorBarLines shorter = RotorBarLinesOf(Seen(motor), Known(motor));
  EXPECT_TRUE(std::isnan(shorter.low_db));
  EXPECT_TRUE(std::isnan(shorter.high_2_db));
  EXPECT_TRUE(std::isnan(shorter.third_db));
  motor.seconds = 2;
  EXPECT_NEAR(RotorBarLinesOf(Seen(motor), Known(motor)).low_db, 60, 1.5);
}

TEST(RotorBarLines, AreNotKnownWithoutSlip) {
  const MadeMotor motor = Broken(50);
  const RotorMotion unknown = {static_cast<double>(kNotKnown), motor.ShaftHz(), kNotKnown};
  EXPECT_TRUE(std::isnan(RotorBarLinesOf(Seen(motor), unknown).low_db));
  EXPECT_TRUE(std::isnan(RotorBarLinesOf(LineSpectrum(), Known(motor)).low_db));
  EXPECT_TRUE(std::isnan(RotorRecordSeconds(unknown.slip, 50)));
}

TEST(LeastGradedSlip, IsThatAtAThirdOfTheLoad) {
  Machine machine;
  EXPECT_TRUE(std::isnan(LeastGradedSlip(machine, 50)));
  machine.pole_pairs = 2;
  EXPECT_TRUE(std::isnan(LeastGradedSlip(machine, 50)));
  machine.rated_speed_rpm = 1440;
  EXPECT_NEAR(LeastGradedSlip(machine, 50), 0.35 * 0.04, 1e-6);
}

TEST(EccentricityLines, AreAtTheShaftSpeedAndAtTheRotorSlots) {
  MadeMotor motor;
  motor.noise_db = 85;
  const double shaft = motor.ShaftOrder();
  motor.lines = {{1 - shaft, 44},
                 {1 + shaft, 47},
                 {28 * shaft - 1, 52},
                 {28 * shaft + 1, 58},
                 {29 * shaft + 1, 61}};
  Machine machine = motor.Nameplate();
  const LineSpectrum seen = Seen(motor);
  EccentricityLines lines = EccentricityLinesOf(seen, Known(motor), machine);
  EXPECT_NEAR(lines.low_db, 44, 0.1);
  EXPECT_NEAR(lines.high_db, 47, 0.1);
  EXPECT_GT(lines.excess_db, 30);
  EXPECT_TRUE(std::isnan(lines.slot_db));  // the number of bars is not known
  machine.rotor_bars = 28;
  lines = EccentricityLinesOf(seen, Known(motor), machine);
  EXPECT_NEAR(lines.slot_db, 52, 0.1);
  EXPECT_NEAR(lines.slot_dynamic_db, 61, 0.1);
  EXPECT_TRUE(std::isnan(EccentricityLinesOf(seen, Known(motor, 0.2f), machine).slot_db));
  // Half a bin of shaft speed is 14 bins at the slots: only what is surely there counts.
  EXPECT_NEAR(EccentricityLinesOf(seen, Known(motor, 0.2f, 2), machine).low_db, 44, 0.1);
}

TEST(BearingCurrentLines, NameTheBearingAndTheRaceWhoseFamilyIsThere) {
  MadeMotor motor;
  const double defect = 3.585 * 1.004 * motor.ShaftOrder();  // rolling elements slip
  motor.lines = {{std::abs(1 - defect), 62},
                 {1 + defect, 60},
                 {std::abs(1 - 2 * defect), 66},
                 {1 + 2 * defect, 68}};
  Machine machine = motor.Nameplate();
  const LineSpectrum seen = Seen(motor);
  EXPECT_EQ(BearingCurrentLinesOf(seen, Known(motor), machine).bearing, -1);
  machine.bearings = {{"fan end", "", {3.053f, 4.947f, 1.994f, 0.382f}},
                      {"drive end", "", {3.585f, 5.415f, 2.357f, 0.398f}}};
  const BearingCurrentLines lines = BearingCurrentLinesOf(seen, Known(motor), machine);
  EXPECT_EQ(lines.bearing, 1);
  EXPECT_NEAR(lines.below_db[0], 60, 0.7);
  EXPECT_GT(lines.excess_db[0], 25);
  EXPECT_LT(lines.excess_db[1], 8);
  EXPECT_LT(lines.excess_db[2], 8);
  const RotorMotion unknown = {static_cast<double>(kNotKnown), static_cast<double>(kNotKnown),
                               kNotKnown};
  EXPECT_EQ(BearingCurrentLinesOf(seen, unknown, machine).bearing, -1);
}

TEST(BearingCurrentLines, AreFoundBesideASlipAtWhichTheSupplyHidesThem) {
  MadeMotor motor;
  // At 0.8 % more than the nominal all four lines meet harmonics of the supply.
  const double nominal = 2 / 1.008;
  const double defect = nominal * 0.998;
  motor.lines = {{defect - 1, 62}, {1 + defect, 62}, {2 * defect - 1, 66}, {1 + 2 * defect, 68}};
  Machine machine = motor.Nameplate();
  machine.bearings = {{"", "", {static_cast<float>(nominal / motor.ShaftOrder()), 0, 0, 0}}};
  const BearingCurrentLines lines = BearingCurrentLinesOf(Seen(motor), Known(motor), machine);
  EXPECT_NEAR(lines.below_db[0], 62, 0.7);
  EXPECT_GT(lines.excess_db[0], 25);
  EXPECT_TRUE(std::isnan(lines.excess_db[1]));
}

TEST(HighestCurrentLine, CoversSlotsAndBearings) {
  Machine machine;
  machine.pole_pairs = 2;
  EXPECT_NEAR(HighestCurrentLineHz(machine, 50, 25), 400, 1e-6);
  machine.rotor_bars = 28;
  EXPECT_GE(HighestCurrentLineHz(machine, 50, 25), (28 * 0.5 + 3) * 50);
  machine.bearings = {{"", "", {9, 30, 4, 0.4f}}};
  EXPECT_GE(HighestCurrentLineHz(machine, 50, 25), 50 + 2 * 30 * 25);
  EXPECT_GE(HighestCurrentLineHz(Machine(), 50, static_cast<double>(kNotKnown)), 400);
}

}  // namespace
}  // namespace auscult::features
