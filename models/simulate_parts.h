#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/random.h"
#include "models/simulate.h"

// What the vibration and the current simulator are made of.
namespace auscult::models {

struct Line {
  double frequency_hz;
  double amplitude;  // peak
  double phase_rad;  // of the cosine at the first sample
};

// Adds the line; nothing where an anti-aliasing filter would have removed it (above 0.45 of the
// rate).
void AddLine(std::span<float> samples, double sample_rate_hz, const Line& line);

// How far a fault has grown, 0..1, at a severity of 0..1 (clamped): exponential, as degradation is,
// so that half the life shows an eighth of the final amplitude.
double Growth(double severity);

// Slow wandering of a property of a healthy machine, about -2..2, smooth over some 24 records.
double Wander(uint64_t seed, uint64_t property, uint64_t record);

// One mode of the structure between bearing and sensor.
struct Mode {
  double frequency_hz;
  double damping;  // share of critical
  double gain;
};

// Adds gain * exp(-damping w t) sin(w t) for each mode, from time_s on, also between two samples.
void AddImpact(std::span<float> samples, double sample_rate_hz, double time_s, double amplitude,
               std::span<const Mode> modes);

// The impacts of a defect in `orders` at shaft frequency shaft_hz. `amplitude` is that of an impact
// in the middle of the load zone. kInnerRace, kOuterRace, kBall, kCage; others add nothing.
struct BearingDefect {
  Fault fault;
  features::BearingOrders orders;
  double shaft_hz;
  double amplitude;
  double slip_scatter;
};
void AddBearingImpacts(std::span<float> samples, double sample_rate_hz, const BearingDefect& defect,
                       std::span<const Mode> modes, Random& random);

// Broadband noise of RMS 1 shaped by the modes of the structure, modulated a little by the shaft
// and by the passing of rolling elements, as that of healthy bearings is.
struct NoiseModulation {
  double shaft_hz;
  double ball_pass_hz;
  double shaft_depth;
  double ball_pass_depth;
};
std::vector<float> ShapedNoise(int sample_count, double sample_rate_hz, std::span<const Mode> modes,
                               const NoiseModulation& modulation, Random& random);

}  // namespace auscult::models
