#include "features/surrogate.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

// A family that slips by up to 2 % must not reach a surrogate, nor one of its harmonics.
constexpr double kFamilyShare = 0.02;
constexpr double kSidebandShare = 0.012;
constexpr double kIntegerDistance = 0.02;
constexpr double kFractions[] = {1.0 / 3, 0.5, 2.0 / 3, 1.0, 1.5, 2.0, 3.0};

bool MeansSomething(double order, const BearingOrders& orders) {
  if (std::abs(order - std::round(order)) < kIntegerDistance) return true;
  for (const double family : {orders.bpfo, orders.bpfi, 2 * orders.bsf, orders.ftf}) {
    for (const double fraction : kFractions) {
      if (std::abs(order / (fraction * family) - 1) < kFamilyShare) return true;
    }
    for (const double distance : {1.0f, orders.ftf}) {
      if (std::abs(order / (family + distance) - 1) < kSidebandShare) return true;
      if (std::abs(order / (family - distance) - 1) < kSidebandShare) return true;
    }
  }
  return false;
}

}  // namespace

std::span<const float> SurrogateOrders::Find(const BearingOrders& orders, double low, double high,
                                             int count) {
  assert(count >= 1 && low > 0 && high >= low);
  const Question question{orders.bpfo, orders.bpfi, orders.bsf, orders.ftf, low, high, count};
  if (question == asked_) return found_;
  asked_ = question;
  found_.clear();
  constexpr int kOversampling = 4;
  const int candidates = count * kOversampling;
  for (int i = 0; i < candidates; ++i) {
    const double order = low + (high - low) * (i + 0.5) / candidates;
    if (!MeansSomething(order, orders)) found_.push_back(static_cast<float>(order));
  }
  const size_t kept = std::min(found_.size(), static_cast<size_t>(count));
  for (size_t i = 0; i < kept; ++i) found_[i] = found_[i * found_.size() / kept];
  found_.resize(kept);
  return found_;
}

Spread RobustSpread(std::span<float> values, float least_spread) {
  if (values.empty()) return {0, least_spread};
  const auto median = [&] {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  };
  const float centre = median();
  for (float& value : values) value = std::abs(value - centre);
  return {centre, std::max(1.4826f * median(), least_spread)};
}

}  // namespace auscult::features
