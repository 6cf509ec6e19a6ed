#pragma once

#include <span>

#include "features/fft.h"

namespace auscult::features {

// Joins the curves of many bands, point by point, without keeping them: a fault may show in one
// band, in a few or weakly in all.
class BandAggregate {
 public:
  // For `band_count` curves of `size` points.
  void Reset(int size, int band_count);
  void Add(std::span<const float> curve);

  // After all bands: the highest, the mean of the best quarter, the mean of all. Size as given.
  std::span<const float> Best() const { return {top_.data(), static_cast<size_t>(size_)}; }
  std::span<const float> BestQuarter();
  std::span<const float> Mean();

 private:
  int size_ = 0;
  int band_count_ = 0;
  int quarter_ = 0;
  FftVector<float> top_;  // quarter_ rows of size_, highest first
  FftVector<float> sum_;
  FftVector<float> mean_;
};

}  // namespace auscult::features
