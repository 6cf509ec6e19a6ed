#include "features/order_axis.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr int kStepsPerBin =
    2;  // of the fundamental; harmonic 6 moves 3 bins a step, which held peaks bridge

}  // namespace

void OrderAxis::Configure(double bins_per_order, double low, double high, double reach) {
  assert(bins_per_order > 0 && low > 0 && high >= low && reach >= 0);
  bins_per_order_ = bins_per_order;
  step_ = 1 / (bins_per_order * kStepsPerBin);
  first_ = std::max(1, static_cast<int>(std::ceil(low / step_)));
  size_ = std::max(1, static_cast<int>(high / step_) - first_ + 1);
  const int reach_steps = static_cast<int>(std::ceil(reach / step_));
  margin_ = std::min(reach_steps, first_);
  row_size_ = margin_ + size_ + reach_steps;
  const int last = first_ - margin_ + row_size_ - 1;
  bin_count_ = (kHarmonics * last + kStepsPerBin / 2) / kStepsPerBin + 1;
  rows_.resize(static_cast<size_t>(kHarmonics) * row_size_);
  sidebands_.resize(size_);
}

int OrderAxis::IndexOf(double order) const {
  return std::clamp(static_cast<int>(std::lround(order / step_)) - first_, 0, size_ - 1);
}

void OrderAxis::Load(std::span<const float> levels, int bins_present) {
  assert(static_cast<int>(levels.size()) == bin_count_);
  bins_present_ = bins_present;
  const int start = first_ - margin_;
  for (int k = 1; k <= kHarmonics; ++k) {
    float* row = rows_.data() + static_cast<size_t>(k - 1) * row_size_;
    const float* in = levels.data();
    // Every kStepsPerBin-th step ahead by whole bins: no division for each.
    for (int phase = 0; phase < kStepsPerBin; ++phase) {
      const float* bin = in + (k * (start + phase) + kStepsPerBin / 2) / kStepsPerBin;
      for (int i = phase; i < row_size_; i += kStepsPerBin, bin += k) row[i] = *bin;
    }
  }
}

void OrderAxis::Means(std::span<float> mean) const {
  assert(static_cast<int>(mean.size()) == size_);
  Array out(mean.data(), size_);
  const float* row = rows_.data() + margin_;
  out = ConstArray(row, size_);
  for (int k = 2; k <= kHarmonics; ++k) out += ConstArray(row += row_size_, size_);
  DivideByHarmonics(1.0f, mean);
}

void OrderAxis::WithSidebands(std::span<const float> mean, double distance, float weight,
                              std::span<float> curve) const {
  assert(static_cast<int>(curve.size()) == size_ && mean.size() == curve.size());
  Array sum(sidebands_.data(), size_);
  sum.setZero();
  for (int k = 1; k <= kHarmonics; ++k) {
    const float* row = rows_.data() + static_cast<size_t>(k - 1) * row_size_ + margin_;
    const int wanted = static_cast<int>(std::lround(distance / (k * step_)));
    const int below = std::min(wanted, margin_);
    const int above = std::min(wanted, row_size_ - margin_ - size_);
    sum += ConstArray(row - below, size_) + ConstArray(row + above, size_);
  }
  DivideByHarmonics(0.5f * weight, sidebands_);
  Array(curve.data(), size_) = ConstArray(mean.data(), size_) + sum;
}

void OrderAxis::DivideByHarmonics(float weight, std::span<float> sums) const {
  int begin = 0;
  for (int present = kHarmonics; present >= 1; --present) {
    // Up to `end`, harmonic `present` rounds to a bin that exists.
    const int highest = bins_present_ * kStepsPerBin - kStepsPerBin / 2;
    const int end =
        present == 1 ? size_ : std::clamp((highest + present - 1) / present - first_, begin, size_);
    Array(sums.data() + begin, end - begin) *= weight / static_cast<float>(present);
    begin = end;
  }
}

}  // namespace auscult::features
