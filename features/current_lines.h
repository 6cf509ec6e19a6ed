#pragma once

#include <complex>
#include <span>

#include "features/fft.h"

namespace auscult::features {

// A line of a current and how clearly it is one. All NaN where it cannot be seen: outside the
// spectrum, or so near to the supply line or its harmonics that their main lobes cover it.
struct CurrentLine {
  double hz;
  double log_power;  // natural log, of the windowed bins
  float below_db;    // power of the line below that of the supply line
  float excess_db;   // above the noise around it; noise alone reaches 8 dB once in a hundred times
};

// The lower part of a current's spectrum relative to its supply line, with its noise floor. Lines
// are seen through a window whose side lobes lie 92 dB below them (4-term Blackman-Harris, Harris
// 1978), applied as taps on the bins, so that no leakage of the supply is taken for a fault. Memory
// is kept between records: one for each thread.
class LineSpectrum {
 public:
  // `bins` as for HannPower; only those below `top_hz` are looked at. Fewer than 12 cycles of the
  // supply in the record leave the spectrum empty.
  void Compute(std::span<const std::complex<float>> bins, double resolution_hz, double supply_hz,
               double top_hz);
  void Clear() { log_power_.clear(); }
  bool empty() const { return log_power_.empty(); }
  double supply_hz() const { return supply_bin_ * resolution_hz_; }
  double resolution_hz() const { return resolution_hz_; }
  // Nothing is seen from here on.
  double highest_hz() const { return static_cast<double>(log_power_.size()) * resolution_hz_; }

  // ln(power / noise floor), by bin.
  std::span<const float> levels() const { return levels_; }

  // The strongest line within `half_hz`, and always within one bin, of `hz`; its frequency and its
  // level, to 0.05 dB, by a parabola through three bins of the log spectrum.
  CurrentLine Strongest(double hz, double half_hz) const;
  // Harmonic of the supply; 1 is the supply line itself.
  CurrentLine Harmonic(int order) const;

 private:
  CurrentLine StrongestOf(int first, int last) const;
  void BridgeSupply();

  double resolution_hz_ = 0;
  double supply_bin_ = 0;
  double supply_log_power_ = 0;
  FftVector<float> log_power_;
  FftVector<float> bridged_;
  FftVector<float> levels_;
};

// Whether a line at that bin stands clear of DC, of the supply line and of its harmonics.
bool IsClearOfSupply(double bin, double supply_bin);

// Peak amplitude of a sine of which LineSpectrum shows `log_power`, in a record of `length`
// samples.
double LineAmplitude(double log_power, int length);

}  // namespace auscult::features
