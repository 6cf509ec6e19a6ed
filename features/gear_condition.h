#pragma once

#include <complex>
#include <span>

#include "features/fft.h"
#include "features/machine.h"
#include "features/plan_cache.h"

namespace auscult::features {

// How evenly the teeth of a gear mesh, from the synchronous average over the turns of its shaft,
// orders 1 to 5.5 x teeth, as far as Nyquist allows. NaN where what a number is about lies 60 dB
// below the average.
struct GearCondition {
  // Peak to peak of the average / sum of the amplitudes of the mesh harmonics (Stewart 1977).
  float fm0 = kNotKnown;
  // Kurtosis of the difference signal, the average without mesh harmonics, their first sidebands
  // and shaft orders 1 and 2: 3 for noise, higher for one tooth (Stewart 1977).
  float fm4 = kNotKnown;
  // Kurtosis of the residual, which keeps the sidebands: NA4 (Zakrajsek 1993) of a single record.
  float na4 = kNotKnown;
  float residual_rms = kNotKnown;  // relative to what the record was divided by
  // Sum of the amplitudes of the sidebands up to the sixth on both sides / amplitude of the mesh.
  float sideband_energy_ratio = kNotKnown;
};

// NA4 with a history (Zakrajsek 1993): the fourth moment of the record over the square of the mean
// variance of the records before, so that damage which spreads over all teeth, and becomes less
// peaked, still raises it. `na4` and `residual_rms` are those of one record.
float Na4WithHistory(float na4, float residual_rms, float mean_residual_variance);

// Keeps plans and scratch memory for the gears it has seen: one for each thread.
class GearAnalysis {
 public:
  // `bins` are those of a record of `length` samples in which the gear's shaft turns `turns` times
  // at constant speed. All NaN below kTurnsForAverage turns, for fewer than kFewestTeeth and where
  // the mesh with two sidebands lies above Nyquist.
  GearCondition Analyse(std::span<const std::complex<float>> bins, int length, double turns,
                        int teeth);

  static constexpr int kFewestTeeth = 6;

 private:
  struct Shape;
  std::span<const float> Signal();
  Shape ShapeOf();

  PlanCache<InverseRealFft> inverse_;
  FftVector<std::complex<float>> lines_;  // of what is left of the average
  FftVector<std::complex<float>> bins_;
  FftVector<float> signal_;
};

}  // namespace auscult::features
