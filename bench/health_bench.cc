// What does judging a record cost once its features are there, and how often do healthy points
// raise an alarm? health_bench [POINT_YEARS [HOURS_BETWEEN_RECORDS]]

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "features/extract.h"
#include "models/point_replay.h"
#include "models/random.h"
#include "models/simulate.h"
#include "tests/models/healthy_point.h"

namespace auscult {
namespace {

using Clock = std::chrono::steady_clock;
using models::HealthyPoint;

constexpr int64_t kMicrosecondsInHour = 3'600'000'000;

// Features of one channel of a healthy simulated machine.
void ExtractRecord(const models::SimulatedMachine& machine, int number, int samples,
                   features::Extractor& extractor, features::FeatureVector& record) {
  constexpr double kRateHz = 12800;
  const auto waveform = features::Waveform::Create(
      SimulateVibration(machine, {}, static_cast<uint64_t>(number), kRateHz, samples),
      {{"", features::Quantity::kAcceleration}}, kRateHz,
      {.speed_rpm = machine.speed_rpm, .load_percent = machine.load_percent});
  if (!waveform.ok() || !extractor.Extract(*waveform, machine.machine, record).ok()) {
    std::fputs("a simulated record could not be extracted\n", stderr);
    std::exit(1);
  }
}

models::SimulatedMachine MachineOf(uint64_t seed) {
  models::SimulatedMachine machine;
  machine.seed = seed;
  machine.machine.bearings = {{"drive end", "6205", {3.5848f, 5.4152f, 2.3567f, 0.39828f}}};
  machine.machine.gears = {{"pinion", 23, 1.0f}};
  return machine;
}

// Microseconds for ScoreRecord and Advance, records in a row as a batch brings them; the fastest of
// some rounds.
double CostOfRecord() {
  constexpr int kSamples = 16384;
  const models::SimulatedMachine machine = MachineOf(1);
  features::Extractor extractor;
  std::vector<features::FeatureVector> records(200);
  for (int r = 0; r < static_cast<int>(records.size()); ++r) {
    ExtractRecord(machine, r, kSamples, extractor, records[r]);
  }
  models::PointReplay replay({.machine = &machine.machine});
  int64_t now_us = 0;
  for (const auto& record : records) replay.Next(record, now_us += kMicrosecondsInHour);
  const models::PointModel model{.machine = &machine.machine, .baseline = replay.baseline()};
  models::PointState state = replay.state();
  constexpr int kRounds = 30;
  double fastest = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto before = Clock::now();
    for (const auto& record : records) {
      const models::Score score = ScoreRecord(record, model);
      models::Advanced advanced =
          Advance(std::move(state), score, record, now_us += kMicrosecondsInHour, model);
      state = std::move(advanced.state);
    }
    const std::chrono::duration<double, std::micro> spent = Clock::now() - before;
    fastest = std::min(fastest, spent.count() / static_cast<double>(records.size()));
  }
  return fastest;
}

// How healthy points wander: jitter of 0.5 dB in every record; by themselves and together, with
// memory; a restart every 200 records, after which they stand 0.5 dB elsewhere.
struct Plant {
  const char* name;
  HealthyPoint::Character character;
};
constexpr double kRestarts = 0.005;
constexpr std::array kPlants = {
    Plant{"usual", {.restarts = kRestarts}},
    Plant{"drifting together", {.common_db = 1.0, .common_memory = 0.99, .restarts = kRestarts}},
    Plant{"drifting apart", {.own_db = 1.0, .own_memory = 0.98, .restarts = kRestarts}},
    Plant{"without limits",
          {.own_db = 1.0,
           .own_memory = 0.98,
           .common_db = 1.2,
           .common_memory = 0.99,
           .restarts = kRestarts}}};

struct Counted {
  int alarms = 0;    // entries into alert or alarm, by whatever way
  int evidence = 0;  // times that the evidence reached what an alarm needs
};

Counted CountAlarms(const HealthyPoint::Character& character, int points, int records, double hours,
                    const models::AlarmPolicy& policy) {
  const features::Machine machine;
  Counted counted;
  for (int p = 0; p < points; ++p) {
    HealthyPoint point(static_cast<uint64_t>(5000 + p), character);
    models::PointReplay replay({.machine = &machine}, policy);
    int before = 0;
    bool armed = true;
    for (int r = 0; r < records; ++r) {
      const auto time_us = static_cast<int64_t>((r + 1) * hours * kMicrosecondsInHour);
      const models::Health health = replay.Next(point.Next(), time_us).health;
      const int rank = RankOf(health.condition);
      counted.alarms += before < models::kAlertRank && rank >= models::kAlertRank;
      before = rank;
      const bool reached = health.novelty.log_evidence >= health.novelty.log_needed;
      counted.evidence += armed && reached;
      if (reached) armed = false;
      if (health.novelty.log_evidence < health.novelty.log_needed / 2) armed = true;
    }
  }
  return counted;
}

// The small check from samples: machines whose speed, load, noise and shaft vibration wander, each
// with memory, by 1 %, 8 points, 1 dB and 1 dB.
nlohmann::json FalseAlarmsFromSamples(double hours) {
  constexpr int kMachines = 4, kRecords = 1500, kSamples = 8192;
  constexpr std::array<double, 4> kMemory = {0.9, 0.95, 0.98, 0.97};
  int judged = 0, alarms = 0, accused = 0, watched = 0;
  features::Extractor extractor;
  features::FeatureVector record;
  for (uint64_t seed = 1; seed <= kMachines; ++seed) {
    const models::SimulatedMachine usual = MachineOf(seed);
    models::PointReplay replay({.machine = &usual.machine});
    models::Random random(seed, 7);
    std::array<double, 4> wander{};
    int before = 0;
    for (int r = 0; r < kRecords; ++r) {
      for (size_t i = 0; i < wander.size(); ++i) {
        const double memory = kMemory[i];
        wander[i] = memory * wander[i] + std::sqrt(1 - memory * memory) * random.Normal();
      }
      models::SimulatedMachine machine = usual;
      machine.speed_rpm *= static_cast<float>(1 + 0.01 * wander[0]);
      machine.load_percent += static_cast<float>(8 * wander[1]);
      machine.noise_m_s2 *= static_cast<float>(std::pow(10, 1.0 / 20 * wander[2]));
      machine.shaft_velocity_mm_s *= static_cast<float>(std::pow(10, 1.0 / 20 * wander[3]));
      ExtractRecord(machine, r, kSamples, extractor, record);
      const auto time_us = static_cast<int64_t>((r + 1) * hours * kMicrosecondsInHour);
      const models::PointReplay::Step step = replay.Next(record, time_us);
      const int rank = RankOf(step.health.condition);
      alarms += before < models::kAlertRank && rank >= models::kAlertRank;
      judged += std::isfinite(step.health.severity);
      watched += rank == models::kWatchRank;
      accused += NamesFault(step.score.diagnosis.verdict);
      before = rank;
    }
  }
  constexpr double kAll = kMachines * kRecords;
  const double nominal =
      models::AlarmPolicy().false_alarms_per_point_year * kAll * hours / (365.25 * 24);
  std::printf(
      "from samples: %.0f records, %d judged, nominal %.2f: %d alarms, %d in watch, %d accused\n",
      kAll, judged, nominal, alarms, watched, accused);
  return {{"records", kAll},  {"judged", judged},   {"nominal", nominal},
          {"alarms", alarms}, {"watched", watched}, {"accused", accused}};
}

nlohmann::json FalseAlarms(double point_years, double hours) {
  constexpr double kYearsEach = 2.5;
  const int points = std::max(1, static_cast<int>(std::lround(point_years / kYearsEach / 3)));
  const int records = static_cast<int>(kYearsEach * 365.25 * 24 / hours);
  const models::AlarmPolicy policy;
  models::AlarmPolicy immaterial;
  immaterial.material_severity = 0;
  const double nominal = policy.false_alarms_per_point_year * kYearsEach * points;
  nlohmann::json plants = nlohmann::json::array();
  double within_limits = 0;
  for (const Plant& plant : kPlants) {
    const int alarms = CountAlarms(plant.character, points, records, hours, policy).alarms;
    const int without = CountAlarms(plant.character, points, records, hours, immaterial).evidence;
    std::printf("%-20s %6.0f point-years, nominal %5.1f: %4d alarms, %4d without materiality\n",
                plant.name, kYearsEach * points, nominal, alarms, without);
    std::fflush(stdout);
    if (plant.name != std::string("without limits")) within_limits += alarms;
    plants.push_back({{"plant", plant.name},
                      {"ratio", alarms / nominal},
                      {"ratio_without_materiality", without / nominal}});
  }
  return {{"plants", std::move(plants)}, {"ratio_within_limits", within_limits / (3 * nominal)}};
}

}  // namespace
}  // namespace auscult

int main(int argc, char** argv) {
  const double point_years = argc > 1 ? std::atof(argv[1]) : 60;
  const double hours = argc > 2 ? std::atof(argv[2]) : 4;
  if (!(point_years > 0) || !(hours > 0)) {
    std::fputs("usage: health_bench [POINT_YEARS [HOURS_BETWEEN_RECORDS]]\n", stderr);
    return 2;
  }
  nlohmann::json result = auscult::FalseAlarms(point_years, hours);
  result["from_samples"] = auscult::FalseAlarmsFromSamples(hours);
  result["score_and_advance_us"] = auscult::CostOfRecord();
  std::puts(result.dump().c_str());
  return 0;
}
