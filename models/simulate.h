#pragma once

#include <cstdint>
#include <vector>

#include "features/machine.h"
#include "models/fault.h"

namespace auscult::models {

// A machine as the simulator sees it (ALGORITHMS: bearing x = sum A_i h(t - t_i) + n with slip and
// load-zone modulation, shaft, gear-mesh and mains lines, coloured noise, transfer path).
struct SimulatedMachine {
  features::Machine machine;
  float speed_rpm = 1500;
  float load_percent = 70;
  float noise_m_s2 = 0.5f;           // RMS of the broadband noise
  float shaft_velocity_mm_s = 0.8f;  // RMS of 1x, with harmonics below it
  float slip_scatter = 0.01f;        // sigma of the impact period, share of it
  std::vector<float> resonances_hz = {2800, 5400};
  uint64_t seed = 1;
};

// The state of the machine at one moment. severity 0 = healthy, 1 = end of life.
struct SimulatedFault {
  Fault fault = Fault::kHealthy;
  float severity = 0;
};

// Acceleration in m/s^2. Deterministic: the same machine, fault, record number, rate and length
// give the same samples on every machine; different record numbers differ in noise, phase and slip.
std::vector<float> SimulateVibration(const SimulatedMachine& machine, const SimulatedFault& fault,
                                     uint64_t record, double sample_rate_hz, int sample_count);

struct SimulatedMotor {
  float line_frequency_hz = 50;
  int pole_pairs = 2;
  float slip = 0.03f;  // at 100 % load
  float load_percent = 80;
  float rated_current_a = 10;
  float native_asymmetry_db = -60;  // (1-2s)f line of a healthy rotor below the supply line
  uint64_t seed = 1;
};

// Phase currents in A, channel-major: phase_count (1 or 3) blocks of sample_count. Faults:
// kBrokenRotorBar, kEccentricity, kStatorWinding, kHealthy; others add nothing.
std::vector<float> SimulateCurrent(const SimulatedMotor& motor, const SimulatedFault& fault,
                                   uint64_t record, double sample_rate_hz, int sample_count,
                                   int phase_count);

}  // namespace auscult::models
