#pragma once

#include <span>
#include <vector>

#include "features/fft.h"
#include "features/order_axis.h"
#include "features/surrogate.h"

namespace auscult::features {

// How far from its nominal order a family is looked for, as shares: rolling elements slip by 1-2 %,
// and a geometry that is only nearly right adds to it.
inline constexpr double kNarrowSlip = 0.02;
inline constexpr double kWideSlip = 0.045;

// One value for each width of the search.
template <typename T>
struct BySlip {
  T narrow;
  T wide;
};

// The highest point of a curve over the order axis near an order, less a penalty of 0.1 for a slip
// of 1 %, growing as its square.
class SlipWindow {
 public:
  SlipWindow(const OrderAxis& axis, double order);

  // Values of the best points within the narrow and the wide slip.
  BySlip<float> Highest(std::span<const float> curve) const;
  // Positions of the same on the axis.
  BySlip<int> Position(std::span<const float> curve) const;
  // Position of the order itself.
  int centre_index() const { return centre_index_; }

 private:
  struct Range {
    int begin;
    int end;
  };
  float HighestIn(std::span<const float> curve, Range range) const;
  int PositionIn(std::span<const float> curve, Range range) const;
  float Penalised(std::span<const float> curve, int index) const {
    const float distance = static_cast<float>(index) - centre_;
    return curve[index] - penalty_factor_ * distance * distance;
  }

  Range narrow_;
  Range wide_;
  int centre_index_;
  float centre_;          // in steps of the axis
  float penalty_factor_;  // for a squared distance in steps
};

// What the same search finds at orders that mean nothing: the yardstick for what it finds at an
// order that does. Scratch memory: one for each thread.
class SlipCalibration {
 public:
  void Configure(const OrderAxis& axis, std::span<const float> surrogates);
  std::span<const SlipWindow> windows() const { return windows_; }
  BySlip<Spread> Calibrate(std::span<const float> curve);

 private:
  std::vector<SlipWindow> windows_;
  FftVector<float> narrow_;
  FftVector<float> wide_;
};

}  // namespace auscult::features
