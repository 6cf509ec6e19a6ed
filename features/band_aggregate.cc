#include "features/band_aggregate.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <limits>

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

}  // namespace

void BandAggregate::Reset(int size, int band_count) {
  size_ = size;
  band_count_ = band_count;
  quarter_ = (band_count + 3) / 4;
  top_.assign(static_cast<size_t>(quarter_) * size, std::numeric_limits<float>::lowest());
  sum_.assign(size, 0.0f);
  mean_.resize(size);
}

// One step of an insertion sort for each row, blocked so that all rows of a block stay in the
// nearest cache.
void BandAggregate::Add(std::span<const float> curve) {
  assert(static_cast<int>(curve.size()) == size_);
  constexpr int kBlock = 256;
  float carried[kBlock];
  for (int begin = 0; begin < size_; begin += kBlock) {
    const int count = std::min(kBlock, size_ - begin);
    std::copy_n(curve.data() + begin, count, carried);
    for (int i = 0; i < count; ++i) sum_[begin + i] += carried[i];
    for (int rank = 0; rank < quarter_; ++rank) {
      float* row = top_.data() + static_cast<size_t>(rank) * size_ + begin;
      for (int i = 0; i < count; ++i) {
        const float higher = std::max(row[i], carried[i]);
        carried[i] = std::min(row[i], carried[i]);
        row[i] = higher;
      }
    }
  }
}

std::span<const float> BandAggregate::BestQuarter() {
  Array mean(mean_.data(), size_);
  mean = ConstArray(top_.data(), size_);
  for (int rank = 1; rank < quarter_; ++rank) {
    mean += ConstArray(top_.data() + static_cast<size_t>(rank) * size_, size_);
  }
  mean *= 1 / static_cast<float>(quarter_);
  return mean_;
}

std::span<const float> BandAggregate::Mean() {
  Array(mean_.data(), size_) =
      ConstArray(sum_.data(), size_) * (1 / static_cast<float>(band_count_));
  return mean_;
}

}  // namespace auscult::features
