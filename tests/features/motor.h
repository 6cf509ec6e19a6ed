#pragma once

#include <cmath>
#include <vector>

#include "features/machine.h"
#include "tests/features/signals.h"

// A motor of which every line is known.
namespace auscult::features::testing {

struct Line {
  double orders;  // of the supply
  double below_db;
};

struct MadeMotor {
  double supply_hz = 50.13;
  double slip = 0.03;
  int pole_pairs = 2;
  double amplitude = 10;
  double noise_db = 75;  // RMS of the noise below the amplitude
  double rate_hz = 5000;
  double seconds = 20;
  std::vector<Line> lines;

  double ShaftHz() const { return (1 - slip) * supply_hz / pole_pairs; }
  double ShaftOrder() const { return (1 - slip) / pole_pairs; }
  float SpeedRpm() const { return static_cast<float>(60 * ShaftHz()); }
  int Count() const { return static_cast<int>(seconds * rate_hz); }
  Machine Nameplate() const {
    Machine machine;
    machine.pole_pairs = pole_pairs;
    return machine;
  }

  // Phase `phase` of three. Every line is of positive sequence, with a phase of its own.
  std::vector<float> Current(int phase = 0) const {
    const double turn = -2 * kPi * phase / 3;
    std::vector<float> samples =
        Noise(amplitude * std::pow(10, -noise_db / 20), Count(), 7 + static_cast<uint32_t>(phase));
    samples = Sum(samples, Sine(amplitude, supply_hz, rate_hz, Count(), turn));
    double own = 0.4;
    for (const Line& line : lines) {
      samples = Sum(samples, Sine(amplitude * std::pow(10, -line.below_db / 20),
                                  line.orders * supply_hz, rate_hz, Count(), own + turn));
      own += 1.1;
    }
    return samples;
  }

  std::vector<float> ThreePhases() const {
    std::vector<float> samples;
    for (int phase = 0; phase < 3; ++phase) {
      const std::vector<float> one = Current(phase);
      samples.insert(samples.end(), one.begin(), one.end());
    }
    return samples;
  }
};

}  // namespace auscult::features::testing
