#pragma once

#include <span>

#include "features/fft.h"

namespace auscult::features {

// How deeply families of lines modulate the power of a signal. Scratch memory: one for each thread.
class ModulationDepth {
 public:
  // Makes room for spectra of up to `bin_count` bins and some more.
  void Reserve(int bin_count);

  // `power`: bins from DC on of |FFT|^2 of the squared envelope over its mean, mean removed, of
  // `length` samples; `bins_per_order` bins make one shaft order. `other_shafts` as LineLevels
  // takes them; it must outlive the use of this.
  void Load(std::span<const float> power, int length, double bins_per_order,
            std::span<const float> other_shafts);

  struct Result {
    float depth = 0;
    double order = 0;
  };

  // sqrt(sum over harmonics 1..6 of max(0, A^2 - noise)), A the modulation index of the line at
  // `order`, the deepest within +-`uncertainty` orders. A line may reach `spread` orders to both
  // sides. Harmonics that fall on those of a shaft are left out: such lines are the shaft's.
  Result Deepest(double order, double uncertainty, double spread) const;

 private:
  float Of(double order, double spread) const;
  bool OnShaft(double order, int harmonic) const;

  double bins_per_order_ = 1;
  std::span<const float> other_shafts_;
  FftVector<float> index_squared_;  // modulation index of each bin, squared
  FftVector<float> noise_;          // mean of the same for the noise around
};

}  // namespace auscult::features
