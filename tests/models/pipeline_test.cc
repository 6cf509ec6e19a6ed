#include <gtest/gtest.h>

#include <vector>

#include "features/extract.h"
#include "models/point_replay.h"
#include "models/simulate.h"

// From simulated samples to verdict and health, over every part of features and models.
namespace auscult::models {
namespace {

constexpr double kRateHz = 12800;
constexpr int kCount = 16384;
constexpr int64_t kIntervalUs = 600'000'000;

SimulatedMachine MachineOf(uint64_t seed) {
  SimulatedMachine machine;
  machine.seed = seed;
  machine.machine.rated_power_kw = 55;
  machine.machine.foundation = features::Foundation::kRigid;
  machine.machine.rated_speed_rpm = 1480;
  machine.machine.line_frequency_hz = 50;
  machine.machine.pole_pairs = 2;
  machine.machine.bearings = {{"drive end", "6205", {3.5848f, 5.4152f, 2.3567f, 0.39828f}}};
  if (seed % 3 == 0) machine.machine.gears = {{"pinion", 23, 1.0f}};
  if (seed % 4 == 1) machine.machine.blades = 6;
  machine.speed_rpm = 1400 + 10 * static_cast<float>(seed % 13);
  return machine;
}

class Sensor {
 public:
  features::FeatureVector Record(const SimulatedMachine& machine, const SimulatedFault& fault,
                                 uint64_t record) {
    auto waveform = features::Waveform::Create(
        SimulateVibration(machine, fault, record, kRateHz, kCount),
        {{"", features::Quantity::kAcceleration}}, kRateHz,
        {.speed_rpm = machine.speed_rpm, .load_percent = machine.load_percent});
    EXPECT_TRUE(waveform.ok()) << waveform.status();
    features::FeatureVector features;
    EXPECT_TRUE(extractor_.Extract(*waveform, machine.machine, features).ok());
    return features;
  }

 private:
  features::Extractor extractor_;
};

TEST(Pipeline, AccusesNoHealthyMachine) {
  Sensor sensor;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const SimulatedMachine machine = MachineOf(seed);
    const Diagnosis diagnosis = Diagnose(sensor.Record(machine, {}, seed), machine.machine);
    EXPECT_EQ(FaultName(diagnosis.verdict), "healthy")
        << "seed " << seed << ": " << diagnosis.ranking[0].evidence[0].text;
  }
}

TEST(Pipeline, NamesEveryGrownFault) {
  Sensor sensor;
  for (const Fault fault :
       {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall, Fault::kUnbalance, Fault::kMisalignment,
        Fault::kLooseness, Fault::kGear, Fault::kElectrical}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      SimulatedMachine machine = MachineOf(seed);
      if (fault == Fault::kGear) machine.machine.gears = {{"pinion", 23, 1.0f}};
      const auto features = sensor.Record(machine, {fault, 0.85f}, seed);
      const Diagnosis diagnosis = Diagnose(features, machine.machine);
      EXPECT_EQ(FaultName(diagnosis.verdict), FaultName(fault)) << "seed " << seed;
    }
  }
}

// A record of a second holds a dozen turns of the cage: too few to name it every time.
TEST(Pipeline, MostlyNamesABadCageAndNeverCallsItHealthy) {
  Sensor sensor;
  int named = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const SimulatedMachine machine = MachineOf(seed);
    const Diagnosis diagnosis =
        Diagnose(sensor.Record(machine, {Fault::kCage, 0.9f}, seed), machine.machine);
    named += diagnosis.verdict == Fault::kCage;
    EXPECT_NE(FaultName(diagnosis.verdict), "healthy") << "seed " << seed;
  }
  EXPECT_GE(named, 6);
}

TEST(Pipeline, NamesBearingFaultsLongBeforeTheEnd) {
  Sensor sensor;
  int named = 0;
  for (const Fault fault : {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      const SimulatedMachine machine = MachineOf(seed);
      const auto features = sensor.Record(machine, {fault, 0.6f}, seed);
      const Diagnosis diagnosis = Diagnose(features, machine.machine);
      named += diagnosis.verdict == fault;
      EXPECT_EQ(FaultName(diagnosis.bearing_ranking[0]), FaultName(fault)) << "seed " << seed;
    }
  }
  EXPECT_GE(named, 11);
}

// What one point went through.
struct Life {
  std::vector<Health> health;
  bool learnt = false;
};

Life Live(const SimulatedMachine& machine, Fault fault, int healthy, int failing) {
  Sensor sensor;
  Life life;
  PointReplay replay({.machine = &machine.machine});
  for (int r = 0; r < healthy + failing; ++r) {
    const float severity =
        r < healthy ? 0.0f : static_cast<float>(r - healthy + 1) / static_cast<float>(failing);
    const auto features = sensor.Record(machine, {fault, severity}, static_cast<uint64_t>(r));
    life.health.push_back(replay.Next(features, r * kIntervalUs).health);
  }
  life.learnt = replay.baseline() != nullptr;
  return life;
}

TEST(Pipeline, LetsHealthFallAsAnOuterRaceWearsOut) {
  constexpr int kHealthy = 80;
  const Life life = Live(MachineOf(5), Fault::kOuterRace, kHealthy, 60);
  ASSERT_TRUE(life.learnt);
  const Health& before = life.health[kHealthy - 1];
  EXPECT_EQ(before.condition, Condition::kNormal);
  EXPECT_GT(before.index, 75);
  float lowest = 100;
  for (int r = kHealthy + 5; r < kHealthy + 60; ++r) {
    EXPECT_LT(life.health[r].index, lowest + 15) << "record " << r;  // falls, but for noise
    lowest = std::min(lowest, life.health[r].index);
  }
  const Health& end = life.health.back();
  EXPECT_EQ(end.condition, Condition::kAlarm);
  EXPECT_LT(end.index, 15);
  EXPECT_EQ(end.verdict, Fault::kOuterRace);
  EXPECT_FALSE(end.contributions.empty());
}

TEST(Pipeline, LeavesAHealthyMachineNormal) {
  const Life life = Live(MachineOf(6), Fault::kHealthy, 140, 0);
  ASSERT_TRUE(life.learnt);
  for (size_t r = 70; r < life.health.size(); ++r) {
    EXPECT_EQ(life.health[r].condition, Condition::kNormal) << "record " << r;
  }
}

TEST(Pipeline, GradesTheRotorOfASimulatedMotor) {
  struct Case {
    SimulatedFault fault;
    Fault verdict;
  };
  constexpr double kCurrentRateHz = 2000;
  constexpr int kCurrentCount = 40000;
  features::Extractor extractor;
  features::Machine machine;
  machine.pole_pairs = 2;
  machine.line_frequency_hz = 50;
  for (const Case& c :
       {Case{{}, Fault::kHealthy}, Case{{Fault::kBrokenRotorBar, 0.8f}, Fault::kBrokenRotorBar},
        Case{{Fault::kStatorWinding, 0.8f}, Fault::kStatorWinding}}) {
    const SimulatedMotor motor;
    const float slip = motor.slip * motor.load_percent / 100;
    auto waveform = features::Waveform::Create(
        SimulateCurrent(motor, c.fault, 3, kCurrentRateHz, kCurrentCount, 3),
        {{"L1", features::Quantity::kCurrent},
         {"L2", features::Quantity::kCurrent},
         {"L3", features::Quantity::kCurrent}},
        kCurrentRateHz, {.speed_rpm = 1500 * (1 - slip), .load_percent = motor.load_percent});
    ASSERT_TRUE(waveform.ok()) << waveform.status();
    features::FeatureVector features;
    ASSERT_TRUE(extractor.Extract(*waveform, machine, features).ok());
    const Diagnosis diagnosis = Diagnose(features, machine);
    EXPECT_EQ(FaultName(diagnosis.verdict), FaultName(c.verdict)) << diagnosis.reason;
  }
}

}  // namespace
}  // namespace auscult::models
