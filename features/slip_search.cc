#include "features/slip_search.h"

#include <algorithm>

namespace auscult::features {
namespace {

constexpr float kPenaltyPerPercentSquared = 0.1f;
constexpr float kLeastSpread = 0.1f;
constexpr int kLanes = 8;

struct Window {
  int begin;
  int end;
  float centre;          // in steps of the axis
  float penalty_factor;  // for a squared distance in steps
};

Window WindowAt(const OrderAxis& axis, double order, double slip) {
  const int begin = axis.IndexOf(order * (1 - slip));
  const int end = axis.IndexOf(order * (1 + slip)) + 1;
  const double percent_per_step = 100 * axis.step() / order;
  return {begin, end, static_cast<float>((order - axis.order(0)) / axis.step()),
          static_cast<float>(kPenaltyPerPercentSquared * percent_per_step * percent_per_step)};
}

float Penalised(std::span<const float> curve, const Window& window, int index) {
  const float distance = static_cast<float>(index) - window.centre;
  return curve[index] - window.penalty_factor * distance * distance;
}

// Highest value in a window; lanes of their own let the compiler use SIMD.
float Highest(std::span<const float> curve, const Window& window) {
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, Penalised(curve, window, window.begin));
  int i = window.begin;
  for (; i + kLanes <= window.end; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = std::max(lanes[lane], Penalised(curve, window, i + lane));
    }
  }
  for (; i < window.end; ++i) lanes[0] = std::max(lanes[0], Penalised(curve, window, i));
  return *std::max_element(lanes, lanes + kLanes);
}

}  // namespace

SlipPeak FindSlipPeak(std::span<const float> curve, const OrderAxis& axis, double order,
                      double slip) {
  const Window window = WindowAt(axis, order, slip);
  SlipPeak peak{Penalised(curve, window, window.begin), window.begin};
  for (int i = window.begin + 1; i < window.end; ++i) {
    const float value = Penalised(curve, window, i);
    if (value > peak.value) peak = {value, i};
  }
  return peak;
}

Spread SlipCalibration::Calibrate(std::span<const float> curve, const OrderAxis& axis,
                                  std::span<const float> surrogates, double slip) {
  values_.clear();
  for (const float order : surrogates) {
    values_.push_back(Highest(curve, WindowAt(axis, order, slip)));
  }
  return RobustSpread(values_, kLeastSpread);
}

}  // namespace auscult::features
