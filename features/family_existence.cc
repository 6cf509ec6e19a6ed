#include "features/family_existence.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr float kWideLoss = 0.7f;
constexpr float kLowestZ = -2.0f;
constexpr float kHighestZ = 12.0f;
constexpr float kSidebandWeight = 0.5f;
constexpr float kLeastCurveSpread = 0.02f;
// Surrogates keep their search window on the axis.
constexpr double kAxisMargin = 1.05;

}  // namespace

void ExistenceScore::Reset(const OrderAxis& axis, double order) {
  axis_ = &axis;
  order_ = order;
  narrow_sum_ = 0;
  wide_sum_ = 0;
  count_ = 0;
  total_.assign(axis.size(), 0.0f);
}

void ExistenceScore::Add(std::span<const float> curve, SlipSearch& search) {
  const auto z = [](float value, Spread spread) {
    return std::clamp((value - spread.centre) / spread.spread, kLowestZ, kHighestZ);
  };
  search.Load(curve);
  const BySlip<Spread> spread = search.AtSurrogates();
  const BySlip<float> highest = search.Highest(order_);
  narrow_sum_ += z(highest.narrow, spread.narrow);
  wide_sum_ += z(highest.wide, spread.wide);
  ++count_;
  const auto size = static_cast<Eigen::Index>(total_.size());
  Array(total_.data(), size) +=
      (ConstArray(curve.data(), size) - spread.narrow.centre) * (1 / spread.narrow.spread);
}

ExistenceScore::Result ExistenceScore::Finish() {
  if (count_ == 0) return {};
  const float scale = 1 / static_cast<float>(count_);
  Array(total_.data(), static_cast<Eigen::Index>(total_.size())) *= scale;
  const float narrow = narrow_sum_ * scale;
  const float wide = wide_sum_ * scale - kWideLoss;
  const BySlip<int> position = SlipPosition(*axis_, order_, total_);
  return {std::max(narrow, wide), wide > narrow ? position.wide : position.narrow};
}

void FamilyExistence::Begin(const OrderAxis& axis, const BearingOrders& orders, double low,
                            double high) {
  orders_ = orders;
  const std::span<const float> surrogates =
      surrogates_.Find(orders, low * kAxisMargin, high / kAxisMargin, kSurrogates);
  search_.Configure(axis, surrogates);
  surrogate_positions_.clear();
  for (const float order : surrogates) surrogate_positions_.push_back(axis.IndexOf(order));
  at_surrogates_.resize(surrogates.size());
  const double family_orders[kRaceFamilies] = {orders.bpfo, orders.bpfi, 2 * orders.bsf};
  for (int family = 0; family < kRaceFamilies; ++family) {
    scores_[family].Reset(axis, family_orders[family]);
    curves_[family].resize(axis.size());
  }
}

void FamilyExistence::MakeCurves(std::span<const float> levels, int bins_present, OrderAxis& axis) {
  axis.Load(levels, bins_present);
  axis.Means(curves_[0]);
  axis.WithSidebands(curves_[0], 1.0, kSidebandWeight, curves_[1]);
  axis.WithSidebands(curves_[0], orders_.ftf, kSidebandWeight, curves_[2]);
  SpreadBallLines(curves_[2], axis.step());
  for (FftVector<float>& curve : curves_) Standardise(curve);
}

// Over a power of two of steps, so that a few passes of additions do; the ends, where no search
// reaches, stay as they are.
void FamilyExistence::SpreadBallLines(FftVector<float>& curve, double step) {
  const size_t count = curve.size();
  const size_t most = std::min(static_cast<size_t>(2 * kBallSpreadOrders / step), count);
  if (most < 2) return;
  window_sums_ = curve;
  float* const sums = window_sums_.data();
  size_t width = 1;
  for (; 2 * width <= most; width *= 2) {
    const size_t end = count - 2 * width + 1;
#pragma omp simd
    for (size_t i = 0; i < end; ++i) sums[i] += sums[i + width];
  }
  const auto windows = static_cast<Eigen::Index>(count - width + 1);
  Array(curve.data() + width / 2, windows) = Array(sums, windows) * (1 / static_cast<float>(width));
}

// Makes bands comparable: centre and spread over the surrogates, winsorised, since some surrogates
// meet lines that nobody knows of.
void FamilyExistence::Standardise(FftVector<float>& curve) {
  if (at_surrogates_.empty()) return;
  for (size_t i = 0; i < at_surrogates_.size(); ++i) {
    at_surrogates_[i] = curve[surrogate_positions_[i]];
  }
  const auto size = static_cast<Eigen::Index>(at_surrogates_.size());
  Array values(at_surrogates_.data(), size);
  float mean = 0;
  float spread = 0;
  for (int pass = 0; pass < 3; ++pass) {
    mean = values.mean();
    spread = std::max(std::sqrt((values - mean).square().mean()), kLeastCurveSpread);
    values = values.max(mean - 2 * spread).min(mean + 2 * spread);
  }
  Array all(curve.data(), static_cast<Eigen::Index>(curve.size()));
  all = (all - mean) * (1 / spread);
}

void FamilyExistence::Add(const BandLevels& bands, OrderAxis& axis) {
  const int band_count = static_cast<int>(bands.bins_present.size());
  const size_t stride = static_cast<size_t>(axis.bin_count());
  assert(band_count >= 1 && bands.levels.size() == band_count * stride);
  for (BandAggregate& aggregate : aggregates_) aggregate.Reset(axis.size(), band_count);
  for (int band = 0; band < band_count; ++band) {
    MakeCurves(bands.levels.subspan(band * stride, stride), bands.bins_present[band], axis);
    for (int family = 0; family < kRaceFamilies; ++family) {
      if (band == 0) scores_[family].Add(curves_[family], search_);
      if (band_count > 1) aggregates_[family].Add(curves_[family]);
    }
  }
  if (band_count == 1) return;
  for (int family = 0; family < kRaceFamilies; ++family) {
    BandAggregate& aggregate = aggregates_[family];
    scores_[family].Add(aggregate.Best(), search_);
    scores_[family].Add(aggregate.BestQuarter(), search_);
    scores_[family].Add(aggregate.Mean(), search_);
  }
  MakeCurves(bands.mean_band, axis.bin_count(), axis);
  for (int family = 0; family < kRaceFamilies; ++family) {
    scores_[family].Add(curves_[family], search_);
  }
}

std::array<ExistenceScore::Result, FamilyExistence::kRaceFamilies> FamilyExistence::Finish() {
  std::array<ExistenceScore::Result, kRaceFamilies> results;
  for (int family = 0; family < kRaceFamilies; ++family) {
    results[family] = scores_[family].Finish();
  }
  return results;
}

}  // namespace auscult::features
