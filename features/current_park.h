#pragma once

#include <array>
#include <span>

#include "features/current_lines.h"
#include "features/record_transform.h"

namespace auscult::features {

// One phase of a current: its samples, and the mean and the largest distance from it.
struct Phase {
  std::span<const float> samples;
  double mean;
  double peak;
};

// The extended Park vector (Cardoso et al. 1999): the modulus |iD + j iQ| of three phase currents,
// iD = sqrt(2/3) a - sqrt(1/6) (b + c), iQ = sqrt(1/2) (b - c). The supply becomes its mean, the
// negative sequence a line at 2f, broken bars a line at 2sf, eccentricity one at fr. The order of
// the phases does not matter. Memory is kept between records: one for each thread.
class ParkModulus {
 public:
  // `transform` is that of the records' length.
  void Compute(const std::array<Phase, 3>& phases, double supply_hz, RecordTransform& transform);
  void Clear() { spectrum_.Clear(); }
  bool empty() const { return spectrum_.empty(); }

  const LineSpectrum& spectrum() const { return spectrum_; }

  // Peak amplitude of the line in percent of the mean. NaN where it cannot be seen.
  float TwiceSupplyPercent() const { return Percent(spectrum_.Harmonic(2)); }
  float LinePercent(double hz, double half_hz) const {
    return Percent(spectrum_.Strongest(hz, half_hz));
  }

 private:
  float Percent(const CurrentLine& line) const;

  FftVector<float> modulus_;
  LineSpectrum spectrum_;
  int length_ = 0;
  double percent_per_amplitude_ = 0;
};

}  // namespace auscult::features
