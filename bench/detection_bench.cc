// How large is a fault when it is seen? Simulated machines learn for 80 records, then a fault grows
// from severity 0 to 1 over 100 more; told is the mean severity at each step.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>

#include "features/extract.h"
#include "models/point_replay.h"
#include "models/simulate.h"

namespace auscult {
namespace {

using models::Fault;

constexpr double kRateHz = 12800;
constexpr int kSamples = 16384;
constexpr int kHealthy = 80;
constexpr int kGrowing = 100;
constexpr int kMachines = 6;
constexpr int64_t kIntervalUs = 600'000'000;

models::SimulatedMachine MachineOf(int number) {
  models::SimulatedMachine machine;
  machine.seed = static_cast<uint64_t>(100 + number);
  machine.machine.rated_power_kw = 55;
  machine.machine.foundation = features::Foundation::kRigid;
  machine.machine.rated_speed_rpm = 1480;
  machine.machine.line_frequency_hz = 50;
  machine.machine.pole_pairs = 2;
  machine.machine.bearings = {{"drive end", "6205", {3.5848f, 5.4152f, 2.3567f, 0.39828f}}};
  machine.machine.gears = {{"pinion", 23, 1.0f}};
  return machine;
}

// Mean severities at which each step was first taken; steps never taken count as 1.
struct Steps {
  std::array<double, 3> rank{};  // watch, alert, alarm
  double named = 0;
  double index_at_end = 0;
  int early = 0;  // machines that alerted before the fault began
};

features::FeatureVector RecordOf(features::Extractor& extractor, models::SimulatedMachine machine,
                                 Fault fault, int number) {
  const double turn = 2 * std::numbers::pi * number;
  machine.load_percent = static_cast<float>(70 + 10 * std::sin(turn / 17));
  machine.speed_rpm = static_cast<float>(1480 * (1 + 0.01 * std::sin(turn / 29)));
  const float severity =
      number < kHealthy ? 0.0f : static_cast<float>(number - kHealthy + 1) / kGrowing;
  const auto waveform = features::Waveform::Create(
      SimulateVibration(machine, {fault, severity}, static_cast<uint64_t>(number), kRateHz,
                        kSamples),
      {{"", features::Quantity::kAcceleration}}, kRateHz,
      {.speed_rpm = machine.speed_rpm, .load_percent = machine.load_percent});
  features::FeatureVector features;
  if (!waveform.ok() || !extractor.Extract(*waveform, machine.machine, features).ok()) {
    std::fputs("a simulated record could not be extracted\n", stderr);
    std::exit(1);
  }
  return features;
}

void Follow(const models::SimulatedMachine& machine, Fault fault, Steps& steps) {
  features::Extractor extractor;
  models::PointReplay replay({.machine = &machine.machine});
  std::array<double, 3> rank = {1, 1, 1};
  double named = 1;
  float index = 0;
  bool early = false;
  for (int number = kHealthy + kGrowing - 1, r = 0; r <= number; ++r) {
    const models::Health health =
        replay.Next(RecordOf(extractor, machine, fault, r), (r + 1) * kIntervalUs).health;
    const double severity = static_cast<double>(r - kHealthy + 1) / kGrowing;
    if (r < kHealthy) {
      early = early || RankOf(health.condition) >= models::kAlertRank;
      continue;
    }
    for (int step = 0; step < RankOf(health.condition); ++step) {
      rank[step] = std::min(rank[step], severity);
    }
    if (health.verdict == fault) named = std::min(named, severity);
    index = health.index;
  }
  for (size_t step = 0; step < rank.size(); ++step) steps.rank[step] += rank[step] / kMachines;
  steps.named += named / kMachines;
  steps.index_at_end += index / kMachines;
  steps.early += early;
}

}  // namespace
}  // namespace auscult

int main() {
  using auscult::models::Fault;
  nlohmann::json faults = nlohmann::json::array();
  std::printf("%-14s %6s %6s %6s %6s %6s\n", "fault", "watch", "alert", "alarm", "named", "index");
  for (const Fault fault :
       {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall, Fault::kCage, Fault::kUnbalance,
        Fault::kMisalignment, Fault::kLooseness, Fault::kGear, Fault::kElectrical}) {
    auscult::Steps steps;
    for (int m = 0; m < auscult::kMachines; ++m) {
      auscult::Follow(auscult::MachineOf(m), fault, steps);
    }
    const std::string name(FaultName(fault));
    std::printf("%-14s %6.2f %6.2f %6.2f %6.2f %6.0f\n", name.c_str(), steps.rank[0], steps.rank[1],
                steps.rank[2], steps.named, steps.index_at_end);
    std::fflush(stdout);
    faults.push_back({{"fault", name},
                      {"watch", steps.rank[0]},
                      {"alert", steps.rank[1]},
                      {"alarm", steps.rank[2]},
                      {"named", steps.named},
                      {"index_at_end", steps.index_at_end},
                      {"early_alerts", steps.early}});
  }
  std::puts(nlohmann::json{{"faults", std::move(faults)}}.dump().c_str());
  return 0;
}
