#include "features/bearing_family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace auscult::features {
namespace {

constexpr double kRateHz = 12000;
constexpr double kSpeedHz = 29.3;
constexpr BearingOrders kOrders{3.585f, 5.415f, 2.357f, 0.398f};
constexpr double kTwoPi = 2 * std::numbers::pi;

enum class Truth { kHealthy, kOuter, kInner, kBall };

// Impacts that ring a resonance, with slip, on top of shaft harmonics and noise of RMS 1.
struct Scene {
  Truth truth = Truth::kHealthy;
  double impact = 0;   // amplitude of an impact at its peak
  double shaft = 0.3;  // amplitude of 1x; harmonics fall as 1 / k
  int shaft_harmonics = 4;
  double speed_hz = kSpeedHz;
  int samples = 60000;
  unsigned seed = 1;
};

double ImpactOrder(Truth truth) {
  switch (truth) {
    case Truth::kOuter:
      return kOrders.bpfo;
    case Truth::kInner:
      return kOrders.bpfi;
    case Truth::kBall:
      return 2 * kOrders.bsf;
    case Truth::kHealthy:
      return 0;
  }
  return 0;
}

// The load zone dims an inner-race defect as it turns with the shaft, a ball as it turns with the
// cage.
double LoadAt(Truth truth, double time_s, double speed_hz) {
  if (truth == Truth::kOuter) return 1;
  const double order = truth == Truth::kInner ? 1.0 : kOrders.ftf;
  return std::pow(0.5 + 0.5 * std::cos(kTwoPi * order * speed_hz * time_s), 1.5);
}

std::vector<float> Record(const Scene& scene) {
  std::mt19937 random(scene.seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(scene.samples);
  for (double& value : x) value = normal(random);
  for (int i = 0; i < scene.samples; ++i) {
    for (int k = 1; k <= scene.shaft_harmonics; ++k) {
      x[i] += scene.shaft / k * std::sin(kTwoPi * k * scene.speed_hz * i / kRateHz + k);
    }
  }
  constexpr double kResonanceHz = 3100;
  constexpr double kDecayHz = 600;
  const double order = ImpactOrder(scene.truth);
  for (double time_s = 0.001; order > 0 && time_s * kRateHz < scene.samples;) {
    const double load = scene.impact * LoadAt(scene.truth, time_s, scene.speed_hz);
    for (int i = static_cast<int>(time_s * kRateHz) + 1; i < scene.samples; ++i) {
      const double age_s = i / kRateHz - time_s;
      if (age_s > 6 / kDecayHz) break;
      x[i] += load * std::exp(-kDecayHz * age_s) * std::sin(kTwoPi * kResonanceHz * age_s);
    }
    time_s += (1 + 0.01 * normal(random)) / (order * scene.speed_hz);
  }
  return {x.begin(), x.end()};
}

FamilyScores ScoresOf(const std::vector<float>& record, double speed_hz = kSpeedHz) {
  const std::vector<MountedBearing> bearings = {{"drive end", "6205", kOrders}};
  BearingFamilies families;
  FamilyScores scores;
  families.Score(record, kRateHz, speed_hz, bearings, scores);
  return scores;
}

bool Accuses(const FamilyScore& family) { return family.existence > 2.5f && family.depth > 0.25f; }

TEST(BearingFamilies, NameTheFaultThatWasSimulated) {
  struct Case {
    Truth truth;
    Family family;
    double impact;
  };
  const Case cases[] = {
      {Truth::kOuter, Family::kOuter, 2},  {Truth::kOuter, Family::kOuter, 4},
      {Truth::kOuter, Family::kOuter, 12}, {Truth::kInner, Family::kInner, 3},
      {Truth::kInner, Family::kInner, 6},  {Truth::kInner, Family::kInner, 15},
      {Truth::kBall, Family::kBall, 3},    {Truth::kBall, Family::kBall, 6},
      {Truth::kBall, Family::kBall, 15},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message()
                 << "family " << static_cast<int>(c.family) << ", impact " << c.impact);
    const FamilyScores scores = ScoresOf(Record({.truth = c.truth, .impact = c.impact}));
    const BearingScore& bearing = scores.bearings[0];
    EXPECT_TRUE(Accuses(bearing[c.family]))
        << bearing[c.family].existence << ", " << bearing[c.family].depth;
    EXPECT_NEAR(bearing[c.family].order, ImpactOrder(c.truth), 0.01 * ImpactOrder(c.truth));
    for (const Family other : {Family::kOuter, Family::kInner, Family::kBall}) {
      if (other == c.family) continue;
      EXPECT_GT(Accusation(bearing[c.family]), Accusation(bearing[other]))
          << static_cast<int>(other);
    }
  }
}

TEST(BearingFamilies, FindTheBandOfTheResonance) {
  const FamilyScores scores = ScoresOf(Record({.truth = Truth::kOuter, .impact = 2}));
  const FamilyScore& outer = scores.bearings[0][Family::kOuter];
  EXPECT_LT(outer.best_band_low_hz, 3100);
  EXPECT_GT(outer.best_band_high_hz, 3100);
}

TEST(BearingFamilies, LeaveHealthyNoiseAlone) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const FamilyScores scores = ScoresOf(Record({.seed = seed}));
    for (const FamilyScore& family : scores.bearings[0].families) {
      EXPECT_LT(family.existence, 5);
      EXPECT_LT(family.depth, 0.25);
    }
  }
}

TEST(BearingFamilies, LeaveAHealthyMachineWithStrongShaftHarmonicsAlone) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    const FamilyScores scores = ScoresOf(Record({.shaft = 5, .shaft_harmonics = 40, .seed = seed}));
    for (const Family family : {Family::kOuter, Family::kInner, Family::kBall}) {
      EXPECT_FALSE(Accuses(scores.bearings[0][family])) << static_cast<int>(family);
    }
  }
}

TEST(BearingFamilies, GiveTheLinesOfAKnownShaftToThatShaft) {
  // A second shaft whose third harmonic falls on the outer-race order modulates the noise.
  const float second_shaft = kOrders.bpfo / 3;
  std::vector<float> record = Record({});
  for (size_t i = 0; i < record.size(); ++i) {
    const double angle = kTwoPi * second_shaft * kSpeedHz * static_cast<double>(i) / kRateHz;
    for (int k = 1; k <= 6; ++k) record[i] *= static_cast<float>(1 + 0.25 * std::cos(k * angle));
  }
  const std::vector<MountedBearing> bearings = {{"drive end", "6205", kOrders}};
  BearingFamilies families;
  FamilyScores unknown;
  families.Score(record, kRateHz, kSpeedHz, bearings, unknown);
  EXPECT_TRUE(Accuses(unknown.bearings[0][Family::kOuter]));
  FamilyScores known;
  families.Score(record, kRateHz, kSpeedHz, bearings, known, std::vector<float>{second_shaft});
  for (const Family family : {Family::kOuter, Family::kInner, Family::kBall}) {
    EXPECT_FALSE(Accuses(known.bearings[0][family])) << static_cast<int>(family);
  }
}

TEST(BearingFamilies, IgnoreScaleAndPolarity) {
  std::vector<float> record = Record({.truth = Truth::kInner, .impact = 4});
  const FamilyScores scores = ScoresOf(record);
  for (const float factor : {-1.0f, 1e-9f, 1e11f}) {
    SCOPED_TRACE(factor);
    std::vector<float> scaled = record;
    for (float& value : scaled) value *= factor;
    const FamilyScores other = ScoresOf(scaled);
    for (int family = 0; family < kFamilyCount; ++family) {
      const FamilyScore& expected = scores.bearings[0].families[family];
      const FamilyScore& found = other.bearings[0].families[family];
      EXPECT_NEAR(found.existence, expected.existence, 0.05);
      EXPECT_NEAR(found.depth, expected.depth, 0.01);
      EXPECT_NEAR(found.order, expected.order, 0.01);
    }
  }
}

TEST(BearingFamilies, AnswerTheSameWhateverWasScoredBeforeAndWhereverItLies) {
  const std::vector<MountedBearing> bearings = {{"a", "", kOrders},
                                                {"b", "", {3.05f, 4.95f, 1.99f, 0.38f}}};
  const std::vector<float> record = Record({.truth = Truth::kOuter, .impact = 3, .samples = 16384});
  const std::vector<float> other = Record({.truth = Truth::kBall, .impact = 9, .samples = 30000});
  BearingFamilies families;
  FamilyScores first;
  FamilyScores between;
  FamilyScores again;
  families.Score(record, kRateHz, kSpeedHz, bearings, first);
  families.Score(other, kRateHz, kSpeedHz * 1.02, bearings, between);
  std::vector<float> shifted(record.size() + 1);
  std::copy(record.begin(), record.end(), shifted.begin() + 1);
  families.Score(std::span(shifted).subspan(1), kRateHz, kSpeedHz, bearings, again);
  ASSERT_EQ(first.bearings.size(), 2u);
  EXPECT_EQ(first.strongest_bearing, 0);
  for (int bearing = 0; bearing < 2; ++bearing) {
    for (int family = 0; family < kFamilyCount; ++family) {
      EXPECT_EQ(first.bearings[bearing].families[family].existence,
                again.bearings[bearing].families[family].existence);
      EXPECT_EQ(first.bearings[bearing].families[family].depth,
                again.bearings[bearing].families[family].depth);
    }
  }
}

TEST(BearingFamilies, ScoreShortRecordsByTheirFullBand) {
  const FamilyScores scores =
      ScoresOf(Record({.truth = Truth::kOuter, .impact = 15, .samples = 2048}));
  const BearingScore& bearing = scores.bearings[0];
  EXPECT_GT(bearing[Family::kOuter].existence, bearing[Family::kInner].existence);
  EXPECT_GT(bearing[Family::kOuter].existence, bearing[Family::kBall].existence);
  EXPECT_TRUE(std::isnan(bearing[Family::kCage].existence));
}

TEST(BearingFamilies, SayNothingWhereARecordHoldsNothing) {
  const std::vector<float> record = Record({.truth = Truth::kOuter, .impact = 9});
  const std::vector<float> constant(4096, 3.0f);
  const std::vector<float> short_record(record.begin(), record.begin() + 1024);
  for (const auto& empty : {constant, short_record, std::vector<float>(1, 1.0f)}) {
    const FamilyScores scores = ScoresOf(empty);
    ASSERT_EQ(scores.bearings.size(), 1u);
    EXPECT_TRUE(std::isnan(scores.bearings[0][Family::kOuter].existence));
    EXPECT_EQ(scores.strongest_bearing, -1);
  }
}

TEST(BearingFamilies, SurviveASpectrumOfASingleLine) {
  std::vector<float> alternating(8192);
  for (size_t i = 0; i < alternating.size(); ++i) alternating[i] = i % 2 == 0 ? 1.0f : -1.0f;
  const FamilyScores scores = ScoresOf(alternating);
  for (const Family family : {Family::kOuter, Family::kInner, Family::kBall}) {
    EXPECT_FALSE(std::isnan(scores.bearings[0][family].existence));
    EXPECT_FALSE(Accuses(scores.bearings[0][family]));
  }
}

FamilyScore Scored(float existence, float depth) {
  return {.existence = existence, .depth = depth};
}

TEST(Accusation, GrowsWithExistenceAndDepth) {
  EXPECT_GT(Accusation(Scored(5, 0.5f)), Accusation(Scored(4, 0.5f)));
  EXPECT_GT(Accusation(Scored(5, 0.5f)), Accusation(Scored(5, 0.1f)));
  EXPECT_EQ(Accusation(Scored(5, 9)), Accusation(Scored(5, 3)));
  EXPECT_LT(Accusation(FamilyScore()), Accusation(Scored(-2, 0)));
}

TEST(Accusation, TurnsFromTheRacesToTheBallWhereTheCageShowsAsPlainly) {
  // Outer, inner, ball, cage.
  BearingScore bearing{
      {Scored(5.9f, 0.26f), Scored(1.8f, 0.2f), Scored(0.6f, 0.1f), Scored(5.4f, 0.25f)}};
  EXPECT_GT(Accusation(bearing, Family::kBall), Accusation(bearing, Family::kOuter));
  for (const FamilyScore& cage : {Scored(3.9f, 0.25f), Scored(5.4f, 0.1f), FamilyScore()}) {
    bearing.families[3] = cage;
    EXPECT_LT(Accusation(bearing, Family::kBall), Accusation(bearing, Family::kOuter));
  }
}

TEST(BearingFamilies, SkipBearingsThatTheRecordCannotShow) {
  const std::vector<float> record = Record({.truth = Truth::kOuter, .impact = 9});
  BearingFamilies families;
  FamilyScores scores;
  const std::vector<MountedBearing> none;
  families.Score(record, kRateHz, kSpeedHz, none, scores);
  EXPECT_TRUE(scores.bearings.empty());
  EXPECT_NEAR(scores.speed_hz, kSpeedHz, 0.01 * kSpeedHz);
  const std::vector<MountedBearing> unusable = {{"fast", "", {900, 1300, 600, 0.4f}},
                                                {"empty", "", {0, 0, 0, 0}},
                                                {"drive end", "6205", kOrders}};
  families.Score(record, kRateHz, kSpeedHz, unusable, scores);
  EXPECT_TRUE(std::isnan(scores.bearings[0][Family::kOuter].existence));
  EXPECT_TRUE(std::isnan(scores.bearings[1][Family::kOuter].existence));
  EXPECT_EQ(scores.strongest_bearing, 2);
}

}  // namespace
}  // namespace auscult::features
