#pragma once

#include <span>

#include "features/fft.h"

namespace auscult::features {

// The bin nearest to a position >= 0. Orders of an OrderAxis lie on half bins, so that many
// positions fall half-way: these are rounded up, whatever is left of them by the arithmetic.
inline int NearestBin(double position) { return static_cast<int>(position + (0.5 + 1e-6)); }

// Line families on an axis of shaft orders. Harmonic k of the spectrum is laid out over the order
// of its fundamental, so that the mean over a family, and over its sidebands, at every order of the
// axis is a sum of shifted rows: surrogates cost table lookups, not transforms. Scratch memory: one
// for each thread.
class OrderAxis {
 public:
  static constexpr int kHarmonics = 6;

  // Orders from `low` to `high`, in steps of half a bin of the fundamental, with sidebands up to
  // `reach` orders away; `bins_per_order` bins of a spectrum make one order.
  void Configure(double bins_per_order, double low, double high, double reach);

  int size() const { return size_; }
  double order(int index) const { return (first_ + index) * step_; }
  double step() const { return step_; }
  // Position on the axis, clamped to it.
  int IndexOf(double order) const;
  // Bins of a spectrum that the axis looks at: levels must have as many.
  int bin_count() const { return bin_count_; }

  // Lays out `levels` (bin_count), of which `bins_present` exist; harmonics beyond are left out of
  // the means.
  void Load(std::span<const float> levels, int bins_present);
  // Mean level over harmonics 1..6 at each order, into `mean` (size).
  void Means(std::span<float> mean) const;
  // curve = mean + weight * the mean level of the lines `distance` orders to both sides of the
  // harmonics. Distance at most reach.
  void WithSidebands(std::span<const float> mean, double distance, float weight,
                     std::span<float> curve) const;

 private:
  // Scales by 1 / number of harmonics present.
  void DivideByHarmonics(float weight, std::span<float> sums) const;

  double bins_per_order_ = 1;
  double step_ = 1;
  int first_ = 0;   // order 0 is `first_` steps before the axis
  int margin_ = 0;  // steps laid out before the axis, for sidebands
  int size_ = 0;
  int row_size_ = 0;
  int bin_count_ = 0;
  int bins_present_ = 0;
  FftVector<float> rows_;  // kHarmonics rows of row_size_
  mutable FftVector<float> sidebands_;
};

}  // namespace auscult::features
