#include "models/process_monitor.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "models/random.h"
#include "tests/models/mutations.h"

namespace auscult::models {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

// A pump whose readings come once a second.
class Pump {
 public:
  explicit Pump(uint64_t seed = 1) : random_(seed) {}

  double flow = 32, pressure = 2.5, current = 10, temperature = 70;
  bool with_pressure = true;

  void Row() {
    now_us += kSecondUs;
    std::vector<ProcessValue> row;
    const auto add = [&](std::string_view name, double level, double scatter) {
      row.push_back({state.IndexOf(name), level + scatter * random_.Normal()});
    };
    add("flow_m3h", flow, 0.4);
    if (with_pressure) add("pressure_bar", pressure, 0.1);
    add("current_a", current, current > 1 ? 0.3 : 0.01);
    add("temperature_c", temperature, 0.05);
    Advance(state, now_us, row);
  }
  // The worst condition in `count` rows.
  Condition Run(int count, const std::function<void(int)>& change = nullptr) {
    Condition worst = Condition::kNormal;
    for (int i = 0; i < count; ++i) {
      if (change) change(i);
      Row();
      const Condition condition = Health().condition;
      if (condition <= Condition::kAlarm) worst = std::max(worst, condition);
    }
    return worst;
  }
  ProcessHealth Health() const { return HealthOf(state, now_us); }
  std::string Worst() const {
    const ProcessHealth health = Health();
    return health.contributions.empty()
               ? ""
               : state.quantities[static_cast<size_t>(health.contributions[0].quantity)].name;
  }

  ProcessState state;
  int64_t now_us = 1'700'000'000 * kSecondUs;

 private:
  Random random_;
};

TEST(ProcessMonitor, LearnsFrom400RowsAndSaysHowFarItIs) {
  Pump pump;
  EXPECT_EQ(pump.Health().condition, Condition::kLearning);
  EXPECT_TRUE(std::isnan(pump.Health().index));
  pump.Run(200);
  EXPECT_EQ(pump.Health().condition, Condition::kLearning);
  EXPECT_FLOAT_EQ(pump.Health().learning_progress, 0.5f);
  pump.Run(199);
  EXPECT_EQ(pump.Health().condition, Condition::kLearning);
  pump.Run(1);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
  EXPECT_FLOAT_EQ(pump.Health().learning_progress, 1);
  pump.Run(1);
  EXPECT_GT(pump.Health().index, 50);
}

TEST(ProcessMonitor, IsSilentOnASteadyMachine) {
  int alerts = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Pump pump(seed);
    pump.Run(400);
    alerts += pump.Run(10'000) >= Condition::kAlert ? 1 : 0;
  }
  EXPECT_EQ(alerts, 0);
}

// White noise beside as much of a first-order autoregression, of a memory from 10 to 2,000
// readings.
TEST(ProcessMonitor, IsNearlySilentOnQuantitiesThatWander) {
  int alerts = 0;
  for (const double memory : {10.0, 50.0, 500.0, 2000.0}) {
    Random random(static_cast<uint64_t>(memory));
    const double keep = 1 - 1 / memory, jitter = std::sqrt(1 - keep * keep);
    std::array<double, 8> wander{};
    ProcessState state;
    bool alerted = false;
    for (int row = 0; row < 10'400; ++row) {
      std::vector<ProcessValue> values;
      for (size_t i = 0; i < wander.size(); ++i) {
        wander[i] = keep * wander[i] + jitter * random.Normal();
        values.push_back({state.IndexOf("q" + std::to_string(i)), wander[i] + random.Normal()});
      }
      Advance(state, (row + 1) * kSecondUs, values);
      alerts += state.alerted && !alerted ? 1 : 0;
      alerted = state.alerted;
    }
  }
  EXPECT_LE(alerts, 3);  // in 320,000 readings
}

TEST(ProcessMonitor, CallsAStepWithinTheMiddleWindowAndSaysWhatByHowMuch) {
  Pump pump;
  pump.Run(1000);
  pump.flow = 30;
  EXPECT_GE(pump.Run(30), Condition::kAlert);
  EXPECT_EQ(pump.Worst(), "flow_m3h");
  pump.Run(60);
  const ProcessContribution flow = pump.Health().contributions[0];
  EXPECT_NEAR(flow.rise, -2, 0.4);
  EXPECT_NEAR(flow.expected, 32, 0.3);
  EXPECT_LT(flow.deviation, -QuantityTrack::kLimit);
  EXPECT_EQ(pump.Health().condition, Condition::kAlarm);
  EXPECT_LT(pump.Health().index, 50);
}

TEST(ProcessMonitor, EndsSoonAfterTheLevelIsBack) {
  Pump pump;
  pump.Run(1000);
  pump.flow = 30;
  pump.Run(400);
  pump.flow = 32;
  pump.Run(100);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
}

TEST(ProcessMonitor, FollowsHoursOfSlowDriftAndStillCallsAStep) {
  Pump pump;
  pump.Run(400);
  // Ten hours: the water warms by 6 degrees, the flow falls by 3.
  const int hours_10 = 36'000;
  EXPECT_LT(pump.Run(hours_10,
                     [&](int i) {
                       pump.temperature = 70 + 6.0 * i / hours_10;
                       pump.flow = 32 - 3.0 * i / hours_10;
                     }),
            Condition::kAlert);
  pump.flow -= 2;
  EXPECT_GE(pump.Run(60), Condition::kAlert);
  EXPECT_EQ(pump.Worst(), "flow_m3h");
}

TEST(ProcessMonitor, NeverLearnsALargeDepartureAway) {
  Pump pump;
  pump.Run(1000);
  pump.flow = 26;
  pump.Run(100);
  const int hours_10 = 36'000;
  for (int i = 0; i < hours_10; ++i) {
    pump.Row();
    ASSERT_EQ(pump.Health().condition, Condition::kAlarm) << i;
  }
}

TEST(ProcessMonitor, TakesASmallLevelThatStaysAsTheNewOne) {
  Pump pump;
  pump.Run(1000);
  pump.flow = 31.5;
  EXPECT_GE(pump.Run(200), Condition::kAlert);
  pump.Run(7200);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
}

TEST(ProcessMonitor, NeitherJudgesNorLearnsAStandstill) {
  Pump pump;
  pump.Run(1000);
  const double expected = pump.state.quantities[0].Expected();
  pump.current = pump.flow = pump.pressure = 0;
  EXPECT_LT(pump.Run(3000, [&](int i) { pump.temperature = std::max(20.0, 70 - 0.05 * i); }),
            Condition::kAlert);
  EXPECT_EQ(pump.Health().condition, Condition::kStopped);
  EXPECT_FALSE(pump.Health().departed);
  EXPECT_NEAR(pump.state.quantities[0].Expected(), expected, 0.5);
  // Warm again after six minutes.
  pump.current = 10, pump.flow = 32, pump.pressure = 2.5;
  EXPECT_LT(pump.Run(30, nullptr), Condition::kAlert);
  EXPECT_EQ(pump.Health().condition, Condition::kStarting);
  EXPECT_LT(pump.Run(2000, [&](int i) { pump.temperature = std::min(70.0, 20 + 0.15 * i); }),
            Condition::kAlert);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
}

TEST(ProcessMonitor, ForgetsWhatItLearntWhileTheMachineStood) {
  Pump pump;
  pump.current = pump.flow = pump.pressure = 0;
  pump.Run(1000);
  pump.current = 10, pump.flow = 32, pump.pressure = 2.5;
  EXPECT_LT(pump.Run(390), Condition::kAlert);
  EXPECT_EQ(pump.Health().condition, Condition::kLearning);
  pump.Run(200);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
  EXPECT_NEAR(pump.state.quantities[0].Expected(), 32, 0.3);
}

TEST(ProcessMonitor, DoesNotCompareAnotherSpeedAndSaysSo) {
  ProcessState state;
  Random random(3);
  int64_t now_us = kSecondUs;
  const auto row = [&](double speed, double flow) {
    now_us += kSecondUs;
    const int speed_at = state.IndexOf("speed_rpm"), flow_at = state.IndexOf("flow_m3h");
    const ProcessValue values[] = {{speed_at, speed + random.Normal()},
                                   {flow_at, flow + 0.3 * random.Normal()}};
    Advance(state, now_us, values);
  };
  for (int i = 0; i < 600; ++i) row(1480, 32);
  for (int i = 0; i < 600; ++i) {
    row(900, 19);
    ASSERT_LT(HealthOf(state, now_us).condition, Condition::kAlert) << i;
  }
  ASSERT_GE(HealthOf(state, now_us).outside, 0);
  EXPECT_EQ(state.quantities[static_cast<size_t>(HealthOf(state, now_us).outside)].name,
            "speed_rpm");
  for (int i = 0; i < 600; ++i) row(1480, 32);
  EXPECT_EQ(HealthOf(state, now_us).outside, -1);
  EXPECT_EQ(HealthOf(state, now_us).condition, Condition::kNormal);
  for (int i = 0; i < 100; ++i) row(1480, 29);
  EXPECT_GE(HealthOf(state, now_us).condition, Condition::kAlert);
}

TEST(ProcessMonitor, JudgesQuantitiesOfOtherCadencesAndBearsGaps) {
  ProcessState state;
  Random random(4);
  int64_t now_us = kSecondUs;
  double level = 55, vibration = 2;
  const auto run = [&](int seconds) {
    Condition worst = Condition::kNormal;
    for (int i = 0; i < seconds; ++i) {
      now_us += kSecondUs + (i % 7 == 0 ? kSecondUs / 3 : 0);
      std::vector<ProcessValue> values;
      if (random.Next() % 10 != 0) {
        values.push_back({state.IndexOf("flow_m3h"), 32 + 0.4 * random.Normal()});
      }
      if (i % 10 == 0) values.push_back({state.IndexOf("level_percent"), level + random.Normal()});
      if (i % 60 == 0) {
        values.push_back({state.IndexOf("vibration_mms"), vibration + 0.1 * random.Normal()});
      }
      Advance(state, now_us, values);
      const Condition condition = HealthOf(state, now_us).condition;
      if (condition <= Condition::kAlarm) worst = std::max(worst, condition);
    }
    return worst;
  };
  run(500);
  EXPECT_EQ(HealthOf(state, now_us).condition, Condition::kNormal) << "the fast one has learnt";
  EXPECT_LT(run(30'000), Condition::kAlert);
  now_us += 86'400 * kSecondUs;  // a day without readings
  EXPECT_LT(run(2'000), Condition::kAlert);
  vibration = 4;
  EXPECT_GE(run(60 * 25), Condition::kAlert);
}

TEST(ProcessMonitor, LetsAQuantityThatComesNoMoreHoldNoAlarm) {
  Pump pump;
  pump.Run(1000);
  pump.pressure = 0.5;
  EXPECT_GE(pump.Run(100), Condition::kAlert);
  pump.with_pressure = false;
  pump.Run(70);
  EXPECT_EQ(pump.Health().condition, Condition::kNormal);
}

TEST(ProcessMonitor, BearsAConstantQuantityAndCallsItsChange) {
  ProcessState state;
  int64_t now_us = kSecondUs;
  const auto run = [&](double value, int rows) {
    for (int i = 0; i < rows; ++i) {
      const ProcessValue values[] = {{state.IndexOf("valve_open"), value}};
      Advance(state, now_us += kSecondUs, values);
    }
    return HealthOf(state, now_us).condition;
  };
  EXPECT_EQ(run(1, 1000), Condition::kNormal);
  EXPECT_GE(run(0, 60), Condition::kAlert);
  EXPECT_GE(run(1e30, 60), Condition::kAlert);
  EXPECT_FLOAT_EQ(HealthOf(state, now_us).index, 0);
  EXPECT_TRUE(ProcessState::Parse(state.Serialize()).ok());
}

TEST(ProcessMonitor, BearsTheLargestNumbers) {
  for (const double size : {1e30, 1e-30, 0.0}) {
    ProcessState state;
    Random random(5);
    int64_t now_us = kSecondUs;
    for (int i = 0; i < 1500; ++i) {
      const ProcessValue values[] = {{state.IndexOf("x"), i % 97 == 0 ? size : -size},
                                     {state.IndexOf("y"), i == 700 ? size : random.Normal()}};
      Advance(state, now_us += kSecondUs, values);
      ASSERT_TRUE(i <= 400 || std::isfinite(HealthOf(state, now_us).index)) << size << " row " << i;
      ASSERT_TRUE(i % 50 != 0 || ProcessState::Parse(state.Serialize()).ok())
          << size << " row " << i;
    }
  }
}

TEST(ProcessState, HoldsSixtyFourQuantities) {
  ProcessState state;
  for (int i = 0; i < ProcessState::kMaxQuantities; ++i) {
    EXPECT_EQ(state.IndexOf("q" + std::to_string(i)), i);
  }
  EXPECT_EQ(state.IndexOf("q7"), 7);
  EXPECT_EQ(state.IndexOf("one_more"), -1);
}

TEST(ProcessState, GoesOnFromItsStoredFormAsIfNothingHadHappened) {
  Pump kept(9), stored(9);
  for (int i = 0; i < 1200; ++i) {
    if (i == 900) kept.flow = stored.flow = 30;
    kept.Row();
    stored.Row();
    if (i % 37 != 0) continue;
    auto parsed = ProcessState::Parse(stored.state.Serialize());
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    stored.state = *std::move(parsed);
  }
  EXPECT_EQ(kept.state.Serialize(), stored.state.Serialize());
  EXPECT_LE(kept.state.Serialize().size(), 4u * 450);
}

TEST(ProcessState, RefusesAccidentsAndCanBeUsedWhereItDoesNot) {
  Pump pump;
  pump.Run(500);
  const std::string sound = pump.state.Serialize();
  Random random(6);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    auto parsed = ProcessState::Parse(Mutate(sound, random));
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss);
      ++refused;
      continue;
    }
    for (int row = 0; row < 70; ++row) {
      std::vector<ProcessValue> values;
      for (size_t k = 0; k < parsed->quantities.size(); ++k) {
        values.push_back({static_cast<int>(k), 32.0});
      }
      Advance(*parsed, pump.now_us + row * kSecondUs, values);
      HealthOf(*parsed, pump.now_us + row * kSecondUs);
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace auscult::models
