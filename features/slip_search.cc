#include "features/slip_search.h"

#include <algorithm>
#include <limits>

namespace auscult::features {
namespace {

constexpr double kPenaltyPerPercentSquared = 0.1;
constexpr float kLeastSpread = 0.1f;
constexpr int kLanes = 8;

}  // namespace

SlipWindow::SlipWindow(const OrderAxis& axis, double order)
    : narrow_{axis.IndexOf(order * (1 - kNarrowSlip)), axis.IndexOf(order * (1 + kNarrowSlip)) + 1},
      wide_{axis.IndexOf(order * (1 - kWideSlip)), axis.IndexOf(order * (1 + kWideSlip)) + 1},
      centre_index_(axis.IndexOf(order)),
      centre_(static_cast<float>((order - axis.order(0)) / axis.step())) {
  const double percent_per_step = 100 * axis.step() / order;
  penalty_factor_ =
      static_cast<float>(kPenaltyPerPercentSquared * percent_per_step * percent_per_step);
}

// Lanes of their own let the compiler use SIMD.
float SlipWindow::HighestIn(std::span<const float> curve, Range range) const {
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, std::numeric_limits<float>::lowest());
  const float* values = curve.data();
  int i = range.begin;
  for (; i + kLanes <= range.end; i += kLanes) {
    const float first = static_cast<float>(i) - centre_;
    for (int lane = 0; lane < kLanes; ++lane) {
      const float distance = first + static_cast<float>(lane);
      const float value = values[i + lane] - penalty_factor_ * distance * distance;
      lanes[lane] = lanes[lane] < value ? value : lanes[lane];
    }
  }
  for (; i < range.end; ++i) lanes[0] = std::max(lanes[0], Penalised(curve, i));
  return *std::max_element(lanes, lanes + kLanes);
}

BySlip<float> SlipWindow::Highest(std::span<const float> curve) const {
  const float narrow = HighestIn(curve, narrow_);
  const float below = HighestIn(curve, {wide_.begin, narrow_.begin});
  const float above = HighestIn(curve, {narrow_.end, wide_.end});
  return {narrow, std::max({narrow, below, above})};
}

int SlipWindow::PositionIn(std::span<const float> curve, Range range) const {
  int best = range.begin;
  for (int i = range.begin + 1; i < range.end; ++i) {
    if (Penalised(curve, i) > Penalised(curve, best)) best = i;
  }
  return best;
}

BySlip<int> SlipWindow::Position(std::span<const float> curve) const {
  return {PositionIn(curve, narrow_), PositionIn(curve, wide_)};
}

void SlipCalibration::Configure(const OrderAxis& axis, std::span<const float> surrogates) {
  windows_.clear();
  for (const float order : surrogates) windows_.emplace_back(axis, order);
  narrow_.resize(surrogates.size());
  wide_.resize(surrogates.size());
}

BySlip<Spread> SlipCalibration::Calibrate(std::span<const float> curve) {
  for (size_t i = 0; i < windows_.size(); ++i) {
    const BySlip<float> highest = windows_[i].Highest(curve);
    narrow_[i] = highest.narrow;
    wide_[i] = highest.wide;
  }
  return {RobustSpread(narrow_, kLeastSpread), RobustSpread(wide_, kLeastSpread)};
}

}  // namespace auscult::features
