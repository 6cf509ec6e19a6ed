#pragma once

#include <array>
#include <span>
#include <vector>

#include "features/band_aggregate.h"
#include "features/fft.h"
#include "features/machine.h"
#include "features/order_axis.h"
#include "features/slip_search.h"

namespace auscult::features {

// Collects how far one family of lines stands above surrogate orders, over several views of a
// record (curves over the order axis).
class ExistenceScore {
 public:
  struct Result {
    float existence = 0;  // mean over the views of the robust z, each within -2..12
    int index = 0;        // where on the axis, slip included
  };

  // `order` is that of the family. Curves that are added belong to `axis`.
  void Reset(const OrderAxis& axis, double order);
  // `search` is configured for the same axis.
  void Add(std::span<const float> curve, SlipSearch& search);
  // The family counts where it stands out within the narrow slip or, at a small loss, the wide one.
  Result Finish();

 private:
  const OrderAxis* axis_ = nullptr;
  double order_ = 0;
  float narrow_sum_ = 0;
  float wide_sum_ = 0;
  int count_ = 0;
  FftVector<float> total_;  // sum of the standardised curves
};

// Levels of the envelope lines of every band of a record, for one kind of envelope.
struct BandLevels {
  std::span<const float> levels;      // band after band, axis.bin_count() each; the full band first
  std::span<const int> bins_present;  // for each band
  std::span<const float> mean_band;   // levels of the mean over all bands
};

// Existence of the outer-race, inner-race and ball families of one bearing. Scratch memory: one for
// each thread.
class FamilyExistence {
 public:
  static constexpr int kRaceFamilies = 3;
  static constexpr int kSurrogates = 160;
  // A rolling element turns about changing axes, so that its defect strikes in spells: instead of
  // one line each harmonic is a cluster that reaches so far to both sides.
  static constexpr double kBallSpreadOrders = 0.06;

  // Surrogates lie between orders `low` and `high`.
  void Begin(const OrderAxis& axis, const BearingOrders& orders, double low, double high);
  // For each kind of envelope. Loads the axis.
  void Add(const BandLevels& bands, OrderAxis& axis);
  std::array<ExistenceScore::Result, kRaceFamilies> Finish();

 private:
  void MakeCurves(std::span<const float> levels, int bins_present, OrderAxis& axis);
  // Mean over the reach of such a cluster.
  void SpreadBallLines(FftVector<float>& curve, double step);
  void Standardise(FftVector<float>& curve);

  BearingOrders orders_{};
  SurrogateOrders surrogates_;
  SlipSearch search_;
  std::vector<int> surrogate_positions_;
  FftVector<float> at_surrogates_;
  FftVector<float> window_sums_;
  std::array<FftVector<float>, kRaceFamilies> curves_;
  std::array<BandAggregate, kRaceFamilies> aggregates_;
  std::array<ExistenceScore, kRaceFamilies> scores_;
};

}  // namespace auscult::features
