#include "features/slip_search.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace auscult::features {
namespace {

constexpr double kPenaltyPerPercentSquared = 0.1;
constexpr float kLeastSpread = 0.1f;
constexpr float kNothing = std::numeric_limits<float>::lowest();
// Blocks that the widest window reaches to each side. The steps of long records are far finer than
// the windows need: more blocks cost time and change the penalty by less than a tenth.
constexpr int kMostReach = 16;

// For a squared distance of `distance` orders at `order`.
double Penalty(double order, double distance) {
  const double percent = 100 * distance / order;
  return kPenaltyPerPercentSquared * percent * percent;
}

// Rounded up from the half. Slips and steps being round numbers, that is where many reaches lie:
// what is added keeps the rounding of the arithmetic from deciding.
int ReachOf(double slip, double order, double block) {
  return static_cast<int>(slip * order / block + (0.5 + 1e-6));
}

// out[i] = max(out[i], values[i - reach] - penalty[i] reach^2, the same at i + reach), from
// `first` on. `values` may be read by `reach` before and behind.
void Widen(const float* values, std::span<const float> penalty, int reach, int first,
           std::span<float> out) {
  const auto squared = static_cast<float>(reach * reach);
  const int count = static_cast<int>(out.size());
#pragma omp simd
  for (int i = first; i < count; ++i) {
    const float below = values[i - reach];
    const float above = values[i + reach];
    const float candidate = (below < above ? above : below) - penalty[i] * squared;
    out[i] = out[i] < candidate ? candidate : out[i];
  }
}

}  // namespace

void SlipSearch::Configure(const OrderAxis& axis, std::span<const float> surrogates) {
  axis_ = &axis;
  const int widest = ReachOf(kSlip.wide, axis.order(axis.size() - 1), axis.step());
  pooled_ = std::max(1, (widest + kMostReach - 1) / kMostReach);
  block_count_ = (axis.size() + pooled_ - 1) / pooled_;
  const double block = pooled_ * axis.step();
  const auto order_of = [&](int index) {
    return axis.order(0) + (index + 0.5) * block - 0.5 * axis.step();
  };
  margin_ = ReachOf(kSlip.wide, order_of(block_count_ - 1), block);
  penalty_.resize(block_count_);
  first_block_.narrow.clear();
  first_block_.wide.clear();
  for (int i = 0; i < block_count_; ++i) {
    const double order = order_of(i);
    penalty_[i] = static_cast<float>(Penalty(order, block));
    // One entry for each reach of 1 and more.
    for (int r = ReachOf(kSlip.narrow, order, block);
         static_cast<int>(first_block_.narrow.size()) < r;) {
      first_block_.narrow.push_back(i);
    }
    for (int r = ReachOf(kSlip.wide, order, block);
         static_cast<int>(first_block_.wide.size()) < r;) {
      first_block_.wide.push_back(i);
    }
  }
  surrogate_blocks_.clear();
  for (const float order : surrogates) {
    surrogate_blocks_.push_back(BlockOf(static_cast<double>(order)));
  }
  scratch_.resize(surrogates.size());
}

int SlipSearch::BlockOf(double order) const { return axis_->IndexOf(order) / pooled_; }

void SlipSearch::Pool(std::span<const float> curve) {
  highest_in_block_.assign(static_cast<size_t>(block_count_ + 2 * margin_), kNothing);
  float* const out = highest_in_block_.data() + margin_;
  if (pooled_ == 1) {
    std::copy(curve.begin(), curve.end(), out);
    return;
  }
  for (int i = 0; i < block_count_; ++i) {
    const auto begin = curve.begin() + i * pooled_;
    out[i] =
        *std::max_element(begin, begin + std::min<std::ptrdiff_t>(pooled_, curve.end() - begin));
  }
}

void SlipSearch::Load(std::span<const float> curve) {
  assert(axis_ != nullptr && static_cast<int>(curve.size()) == axis_->size());
  Pool(curve);
  const float* const values = highest_in_block_.data() + margin_;
  highest_.narrow.assign(values, values + block_count_);
  for (size_t i = 0; i < first_block_.narrow.size(); ++i) {
    Widen(values, penalty_, static_cast<int>(i) + 1, first_block_.narrow[i], highest_.narrow);
  }
  highest_.wide.assign(highest_.narrow.begin(), highest_.narrow.end());
  for (size_t i = 0; i < first_block_.wide.size(); ++i) {
    Widen(values, penalty_, static_cast<int>(i) + 1, first_block_.wide[i], highest_.wide);
  }
}

BySlip<float> SlipSearch::Highest(double order) const {
  const int block = BlockOf(order);
  return {highest_.narrow[block], highest_.wide[block]};
}

BySlip<Spread> SlipSearch::AtSurrogates() {
  const auto spread = [this](const FftVector<float>& highest) {
    for (size_t i = 0; i < surrogate_blocks_.size(); ++i)
      scratch_[i] = highest[surrogate_blocks_[i]];
    return RobustSpread(scratch_, kLeastSpread);
  };
  return {spread(highest_.narrow), spread(highest_.wide)};
}

BySlip<int> SlipPosition(const OrderAxis& axis, double order, std::span<const float> curve) {
  const auto position = [&](double slip) {
    const auto value = [&](int index) {
      return static_cast<double>(curve[index]) - Penalty(order, axis.order(index) - order);
    };
    int best = axis.IndexOf(order * (1 - slip));
    for (int i = best + 1; i <= axis.IndexOf(order * (1 + slip)); ++i) {
      if (value(i) > value(best)) best = i;
    }
    return best;
  };
  return {position(kSlip.narrow), position(kSlip.wide)};
}

}  // namespace auscult::features
