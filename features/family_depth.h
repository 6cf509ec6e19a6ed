#pragma once

#include <span>
#include <vector>

namespace auscult::features {

// How deeply families of lines modulate the power of a signal. Scratch memory: one for each thread.
class ModulationDepth {
 public:
  // `power`: bins from DC on of |FFT|^2 of the squared envelope over its mean, mean removed, of
  // `length` samples; `bins_per_order` bins make one shaft order.
  void Load(std::span<const float> power, int length, double bins_per_order);

  struct Result {
    float depth = 0;
    double order = 0;
  };

  // sqrt(sum over harmonics 1..6 of max(0, A^2 - noise)), A the modulation index of the line at
  // `order`, the deepest within +-`uncertainty` orders. Harmonics that fall on a shaft order are
  // left out: those lines are the shaft's.
  Result Deepest(double order, double uncertainty) const;

 private:
  float Of(double order) const;

  double bins_per_order_ = 1;
  std::vector<float> index_squared_;  // modulation index of each bin, squared
  std::vector<float> noise_;          // mean of the same for the noise around
};

}  // namespace auscult::features
