#pragma once

#include <span>
#include <vector>

#include "features/order_axis.h"
#include "features/surrogate.h"

namespace auscult::features {

// The best point of a curve over the order axis near an order.
struct SlipPeak {
  float value = 0;  // of the curve there, less a penalty of 0.1 for a slip of 1 %, growing as its
                    // square
  int index = 0;    // on the axis
};

// Looks within +-`slip` (a share) of `order`, the nearest point at least.
SlipPeak FindSlipPeak(std::span<const float> curve, const OrderAxis& axis, double order,
                      double slip);

// How far a peak stands above what the same search finds at orders that mean nothing.
class SlipCalibration {
 public:
  // Spread of the peaks at `surrogates`.
  Spread Calibrate(std::span<const float> curve, const OrderAxis& axis,
                   std::span<const float> surrogates, double slip);

 private:
  std::vector<float> values_;
};

}  // namespace auscult::features
