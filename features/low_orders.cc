#include "features/low_orders.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace auscult::features {

LowRecord LowOrders::Below(std::span<const std::complex<float>> bins, int length,
                           double sample_rate_hz, double highest_hz) {
  assert(static_cast<int>(bins.size()) == length / 2 + 1 && highest_hz > 0);
  const double wanted =
      std::min(2.2 * highest_hz * length / sample_rate_hz, static_cast<double>(length));
  const int count = static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max(16.0, wanted))));
  const auto kept = std::min(bins.size(), static_cast<size_t>(count / 2));
  bins_.resize(count / 2 + 1);
  std::copy_n(bins.begin(), kept, bins_.begin());
  std::fill(bins_.begin() + kept, bins_.end(), std::complex<float>());
  samples_.resize(count);
  plans_.For(count).Inverse(bins_, samples_);
  return {samples_, sample_rate_hz * count / length};
}

}  // namespace auscult::features
