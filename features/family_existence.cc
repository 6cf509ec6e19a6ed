#include "features/family_existence.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr double kNarrowSlip = 0.02;
constexpr double kWideSlip = 0.045;
constexpr float kWideLoss = 0.7f;
constexpr float kLowestZ = -2.0f;
constexpr float kHighestZ = 12.0f;
constexpr float kSidebandWeight = 0.5f;
constexpr float kLeastCurveSpread = 0.02f;
// Surrogates keep their search window on the axis.
constexpr double kAxisMargin = 1.05;

}  // namespace

void ExistenceScore::Reset(const OrderAxis& axis, double order) {
  order_ = order;
  narrow_sum_ = 0;
  wide_sum_ = 0;
  count_ = 0;
  total_.assign(axis.size(), 0.0f);
}

void ExistenceScore::Add(std::span<const float> curve, const OrderAxis& axis,
                         std::span<const float> surrogates) {
  const auto z = [&](double slip, Spread spread) {
    const float value = FindSlipPeak(curve, axis, order_, slip).value;
    return std::clamp((value - spread.centre) / spread.spread, kLowestZ, kHighestZ);
  };
  const Spread narrow = calibration_.Calibrate(curve, axis, surrogates, kNarrowSlip);
  narrow_sum_ += z(kNarrowSlip, narrow);
  wide_sum_ += z(kWideSlip, calibration_.Calibrate(curve, axis, surrogates, kWideSlip));
  ++count_;
  Array(total_.data(), axis.size()) +=
      (ConstArray(curve.data(), axis.size()) - narrow.centre) / narrow.spread;
}

ExistenceScore::Result ExistenceScore::Finish(const OrderAxis& axis) {
  if (count_ == 0) return {};
  const float scale = 1 / static_cast<float>(count_);
  Array(total_.data(), axis.size()) *= scale;
  const float narrow = narrow_sum_ * scale;
  const float wide = wide_sum_ * scale - kWideLoss;
  const double slip = wide > narrow ? kWideSlip : kNarrowSlip;
  return {std::max(narrow, wide), FindSlipPeak(total_, axis, order_, slip).index};
}

void FamilyExistence::Begin(const OrderAxis& axis, const BearingOrders& orders, double low,
                            double high) {
  orders_ = orders;
  SurrogateOrders(orders, low * kAxisMargin, high / kAxisMargin, kSurrogates, surrogates_);
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
  for (std::vector<float>& curve : curves_) Standardise(axis, curve);
}

// Makes bands comparable: centre and spread over the surrogates, winsorised, since some surrogates
// meet lines that nobody knows of.
void FamilyExistence::Standardise(const OrderAxis& axis, std::vector<float>& curve) {
  if (surrogates_.empty()) return;
  at_surrogates_.clear();
  for (const float order : surrogates_) at_surrogates_.push_back(curve[axis.IndexOf(order)]);
  const auto size = static_cast<Eigen::Index>(at_surrogates_.size());
  Array values(at_surrogates_.data(), size);
  float mean = 0;
  float spread = 0;
  for (int pass = 0; pass < 3; ++pass) {
    mean = values.mean();
    spread = std::max(std::sqrt((values - mean).square().mean()), kLeastCurveSpread);
    values = values.max(mean - 2 * spread).min(mean + 2 * spread);
  }
  Array all(curve.data(), axis.size());
  all = (all - mean) / spread;
}

void FamilyExistence::Add(const BandLevels& bands, OrderAxis& axis) {
  const int band_count = static_cast<int>(bands.bins_present.size());
  const size_t stride = static_cast<size_t>(axis.bin_count());
  assert(band_count >= 1 && bands.levels.size() == band_count * stride);
  for (BandAggregate& aggregate : aggregates_) aggregate.Reset(axis.size(), band_count);
  for (int band = 0; band < band_count; ++band) {
    MakeCurves(bands.levels.subspan(band * stride, stride), bands.bins_present[band], axis);
    for (int family = 0; family < kRaceFamilies; ++family) {
      if (band == 0) scores_[family].Add(curves_[family], axis, surrogates_);
      if (band_count > 1) aggregates_[family].Add(curves_[family]);
    }
  }
  if (band_count == 1) return;
  for (int family = 0; family < kRaceFamilies; ++family) {
    BandAggregate& aggregate = aggregates_[family];
    scores_[family].Add(aggregate.Best(), axis, surrogates_);
    scores_[family].Add(aggregate.BestQuarter(), axis, surrogates_);
    scores_[family].Add(aggregate.Mean(), axis, surrogates_);
  }
  MakeCurves(bands.mean_band, axis.bin_count(), axis);
  for (int family = 0; family < kRaceFamilies; ++family) {
    scores_[family].Add(curves_[family], axis, surrogates_);
  }
}

std::array<ExistenceScore::Result, FamilyExistence::kRaceFamilies> FamilyExistence::Finish(
    const OrderAxis& axis) {
  std::array<ExistenceScore::Result, kRaceFamilies> results;
  for (int family = 0; family < kRaceFamilies; ++family) {
    results[family] = scores_[family].Finish(axis);
  }
  return results;
}

}  // namespace auscult::features
