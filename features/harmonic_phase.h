#pragma once

#include <complex>
#include <span>

#include "features/fft.h"
#include "features/plan_cache.h"
#include "features/shaft_angle.h"

namespace auscult::features {

// Follows the phase of one harmonic of a shaft through a record: a zero-phase band-pass around the
// line, made of its bins alone, whose unwrapped phase is the angle of the shaft. Keeps plans and
// scratch memory: one for each thread.
class HarmonicPhase {
 public:
  // How far the speed may stray from the one given, as a share.
  static constexpr double kReach = 0.06;

  // `bins`: of a RealFft of `length` samples. `harmonic` >= 1. Fills `angle`, which turns with the
  // shaft but begins at an unknown angle. False where the phase cannot be trusted: the line fades
  // or beats with another one, its phase jumps, or the band holds too few bins.
  bool Follow(std::span<const std::complex<float>> bins, int length, double sample_rate_hz,
              double speed_hz, int harmonic, ShaftAngle& angle);

 private:
  bool Steady(int begin, int end) const;

  PlanCache<InverseComplexFft> plans_;
  FftVector<std::complex<float>> bins_;
  FftVector<std::complex<float>> analytic_;
  FftVector<double> turns_;  // of the line, over its centre
};

}  // namespace auscult::features
