#pragma once

#include <span>
#include <vector>

#include "features/fft.h"
#include "features/order_axis.h"
#include "features/surrogate.h"

namespace auscult::features {

// One value for each width of the search for a family around its nominal order: +-2 %, since
// rolling elements slip by 1-2 %, and +-4.5 %, since a geometry that is only nearly right adds to
// it.
template <typename T>
struct BySlip {
  T narrow;
  T wide;
};
inline constexpr BySlip<double> kSlip = {0.02, 0.045};

// The highest point of a curve over the order axis near an order, less a penalty of 0.1 for a slip
// of 1 %, growing as its square; and what the same search finds at surrogate orders, the yardstick
// for what it finds at an order that means something. One pass over the curve serves all orders.
// Scratch memory: one for each thread.
class SlipSearch {
 public:
  void Configure(const OrderAxis& axis, std::span<const float> surrogates);

  // `curve` has one value for each order of the axis.
  void Load(std::span<const float> curve);
  // Of the curve loaded last, near `order` of the axis.
  BySlip<float> Highest(double order) const;
  BySlip<Spread> AtSurrogates();

 private:
  int BlockOf(double order) const;
  void Pool(std::span<const float> curve);

  const OrderAxis* axis_ = nullptr;
  int pooled_ = 1;  // steps of the axis that make one block
  int block_count_ = 1;
  int margin_ = 0;            // blocks of nothing before and after, for the widest window
  FftVector<float> penalty_;  // of a distance of one block, by block
  // First block whose windows reach so many blocks to each side, by reach: windows widen with the
  // order.
  BySlip<std::vector<int>> first_block_;
  std::vector<int> surrogate_blocks_;
  FftVector<float> highest_in_block_;
  BySlip<FftVector<float>> highest_;
  FftVector<float> scratch_;
};

// Positions on the axis of the highest points near an order, as SlipSearch weighs them.
BySlip<int> SlipPosition(const OrderAxis& axis, double order, std::span<const float> curve);

}  // namespace auscult::features
