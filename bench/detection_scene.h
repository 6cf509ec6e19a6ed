#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "features/extract.h"
#include "models/diagnosis.h"
#include "models/simulate.h"

// Simulated faults at a stated signal-to-noise ratio, for the detection curve and its test.
namespace auscult::models {

inline constexpr double kSceneRateHz = 12800;
inline constexpr int kSceneSamples = 16384;

// A motor with a fan wheel or a gear, of its own speed, structure and noise.
inline SimulatedMachine SceneMachine(Fault fault, uint64_t seed) {
  SimulatedMachine machine;
  machine.seed = seed;
  machine.machine.rated_power_kw = 55;
  machine.machine.foundation = features::Foundation::kRigid;
  machine.machine.rated_speed_rpm = 1480;
  machine.machine.line_frequency_hz = 50;
  machine.machine.pole_pairs = 2;
  machine.machine.bearings = {{"drive end", "6205", {3.5848f, 5.4152f, 2.3567f, 0.39828f}}};
  if (fault == Fault::kGear || seed % 3 == 0) machine.machine.gears = {{"pinion", 23, 1.0f}};
  if (seed % 4 == 1) machine.machine.blades = 6;
  machine.speed_rpm = 1400 + 10 * static_cast<float>(seed % 13);
  machine.slip_scatter = 0.005f + 0.005f * static_cast<float>(seed % 4);
  machine.resonances_hz = {2200 + 150 * static_cast<float>(seed % 7),
                           4300 + 170 * static_cast<float>(seed % 5)};
  return machine;
}

// What the fault adds at its end of life, scaled to `snr_db` above the acceleration of the healthy
// machine (power over power, broadband).
inline std::vector<float> SceneSamples(const SimulatedMachine& machine, Fault fault,
                                       double snr_db) {
  const uint64_t record = machine.seed;
  std::vector<float> samples = SimulateVibration(machine, {}, record, kSceneRateHz, kSceneSamples);
  if (fault == Fault::kHealthy) return samples;
  const std::vector<float> faulty =
      SimulateVibration(machine, {fault, 1.0f}, record, kSceneRateHz, kSceneSamples);
  double noise = 0;
  double signal = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    noise += samples[i] * samples[i];
    signal += (faulty[i] - samples[i]) * (faulty[i] - samples[i]);
  }
  if (!(signal > 0)) return samples;
  const auto gain = static_cast<float>(std::sqrt(std::pow(10.0, snr_db / 10) * noise / signal));
  for (size_t i = 0; i < samples.size(); ++i) samples[i] += gain * (faulty[i] - samples[i]);
  return samples;
}

// What is said of such a record.
inline Diagnosis SceneDiagnosis(features::Extractor& extractor, Fault fault, uint64_t seed,
                                double snr_db) {
  const SimulatedMachine machine = SceneMachine(fault, seed);
  auto waveform = features::Waveform::Create(
      SceneSamples(machine, fault, snr_db), {{"", features::Quantity::kAcceleration}}, kSceneRateHz,
      {.speed_rpm = machine.speed_rpm, .load_percent = machine.load_percent});
  features::FeatureVector features;
  if (!waveform.ok() || !extractor.Extract(*waveform, machine.machine, features).ok()) return {};
  return Diagnose(features, machine.machine);
}

}  // namespace auscult::models
