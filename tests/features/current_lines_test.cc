#include "features/current_lines.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/motor.h"

namespace auscult::features {
namespace {

using testing::MadeMotor;

class Seen {
 public:
  explicit Seen(const MadeMotor& motor) : supply_hz_(motor.supply_hz) {
    RecordTransform transform(motor.Count(), motor.rate_hz);
    const ChannelRecord record = transform.Analyse(motor.Current());
    lines_.Compute(record.bins, record.resolution_hz(), motor.supply_hz, 400);
  }
  const LineSpectrum& operator*() const { return lines_; }
  CurrentLine At(double orders, double half_hz = 0) const {
    return lines_.Strongest(orders * supply_hz_, half_hz);
  }

 private:
  double supply_hz_;
  LineSpectrum lines_;
};

TEST(LineSpectrum, MeasuresLinesBetweenBinsFarBelowTheSupply) {
  for (const double supply_hz : {50.0, 50.013, 50.025, 50.04}) {
    for (const double level_db : {30.0, 50.0, 70.0, 85.0}) {
      SCOPED_TRACE(std::to_string(supply_hz) + " Hz " + std::to_string(level_db));
      MadeMotor motor;
      motor.supply_hz = supply_hz;
      motor.noise_db = 100;
      motor.lines = {{0.94, level_db}, {1.06, level_db + 3}};
      const Seen seen(motor);
      EXPECT_NEAR(seen.At(0.94).below_db, level_db, 0.1);
      EXPECT_NEAR(seen.At(1.06).below_db, level_db + 3, 0.1);
      EXPECT_NEAR(seen.At(0.94).hz, 0.94 * supply_hz, 2e-3);
    }
  }
}

TEST(LineSpectrum, KnowsTheNoiseBesideALine) {
  MadeMotor motor;
  motor.noise_db = 60;
  motor.lines = {{0.94, 80}};
  // A line of amplitude a has the power a^2 N^2 a0^2 / 4; noise of variance v has v N sum(w^2) / N.
  const double noise_db = 60 + 10 * std::log10(motor.Count() / 4.0 * 0.35875 * 0.35875 / 0.2579636);
  const Seen seen(motor);
  EXPECT_NEAR(seen.At(0.94).excess_db, noise_db - 80, 2);
  // Where there is no line: the best of three bins of noise.
  EXPECT_LT(seen.At(1.234).excess_db, 8);
  double mean = 0;
  for (const float level : (*seen).levels().subspan(1100, 800)) {
    mean += std::exp(std::min(static_cast<double>(level), 3.0)) / 800;
  }
  EXPECT_NEAR(mean, 1, 0.2);
}

TEST(LineSpectrum, SeesNothingInTheLobesOfTheSupply) {
  MadeMotor motor;
  const Seen seen(motor);
  const double bin = 1 / motor.seconds / motor.supply_hz;
  for (const double orders : {1 - 4.9 * bin, 1 + 4.9 * bin, 2 - 3 * bin, 3.0, 4 * bin}) {
    SCOPED_TRACE(orders);
    EXPECT_TRUE(std::isnan(seen.At(orders).below_db));
    EXPECT_TRUE(std::isnan(seen.At(orders).excess_db));
  }
  EXPECT_GT(seen.At(1 - 5.1 * bin).below_db, 85);  // and no leakage beside them
  EXPECT_GT(seen.At(1 - 5.1 * bin, 1).below_db, 85);
  EXPECT_TRUE(std::isnan(seen.At(400).below_db));
  EXPECT_TRUE(std::isnan(seen.At(-1).below_db));
}

TEST(LineSpectrum, OfFewCyclesIsEmpty) {
  MadeMotor motor;
  motor.seconds = 0.2;
  EXPECT_TRUE((*Seen(motor)).empty());
  EXPECT_TRUE(std::isnan(Seen(motor).At(1.5).below_db));
  motor.seconds = 0.5;
  EXPECT_FALSE((*Seen(motor)).empty());
}

TEST(LineAmplitude, IsThatOfTheSine) {
  MadeMotor motor;
  RecordTransform transform(motor.Count(), motor.rate_hz);
  const ChannelRecord record = transform.Analyse(motor.Current());
  LineSpectrum lines;
  lines.Compute(record.bins, record.resolution_hz(), motor.supply_hz, 400);
  EXPECT_NEAR(
      record.range.Peak() * LineAmplitude(lines.Harmonic(1).log_power, record.transform_length), 10,
      0.06);
}

}  // namespace
}  // namespace auscult::features
