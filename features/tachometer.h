#pragma once

#include <span>
#include <vector>

#include "features/shaft_angle.h"

namespace auscult::features {

// Reads the angle of a shaft from the pulses of a tachometer: a square wave, short pulses of either
// polarity, or the swings of a magnetic pickup. Only where pulses begin matters, to a fraction of a
// sample. Scratch memory: one for each thread.
class Tachometer {
 public:
  // Fewer turns between the first and the last pulse are no reading.
  static constexpr int kMinTurns = 4;

  // Fills `angle` with a smooth spline through the beginnings of every `pulses_per_turn`-th pulse
  // (>= 1); whole turns are at pulses. Single missing pulses are filled in, extra ones are left
  // out. False, and `angle` is empty, where the channel does not vary, holds too few turns or its
  // pulses are too irregular: more than a fifth of them missing or extra, a gap of four, or a turn
  // that differs from the one before by a third.
  bool Read(std::span<const float> samples, double sample_rate_hz, int pulses_per_turn,
            ShaftAngle& angle);

 private:
  bool FindPulses(std::span<const float> samples);
  bool Regularise();

  std::vector<double> pulses_;   // positions in samples
  std::vector<double> regular_;  // without extra ones, with missing ones
  std::vector<double> intervals_;
};

}  // namespace auscult::features
