#include "features/envelope_views.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "features/order_axis.h"

namespace auscult::features {
namespace {

constexpr LineLevels::Joining kPeakHeld{1, true};
// Standard errors of the kurtosis that a band must be above to be preferred.
constexpr float kKurtosisErrors = 2.0f;

// Lines of long records are broader than a bin, since rolling elements slip.
LineLevels::Joining SmoothedFor(double bins_per_order) {
  const int bins = static_cast<int>(std::clamp(bins_per_order / 40, 3.0, 31.0));
  return {bins | 1, false};
}

}  // namespace

std::span<float> EnvelopeViews::Band(Kind& kind, size_t band) {
  const auto bins = static_cast<size_t>(bin_count_);
  return std::span(kind.levels).subspan(band * bins, bins);
}

void EnvelopeViews::Compute(std::span<const std::complex<float>> whitened,
                            std::span<const BinRange> bands, int bin_count, double bins_per_order,
                            std::span<const float> other_shafts) {
  assert(!bands.empty() && bin_count >= 1);
  bands_ = bands;
  bin_count_ = bin_count;
  bins_per_order_ = bins_per_order;
  line_levels_.Configure(bin_count, bins_per_order, other_shafts);
  log_.joining = SmoothedFor(bins_per_order);
  squared_.joining = kPeakHeld;
  for (Kind* kind : {&log_, &squared_}) {
    kind->levels.resize(bands.size() * static_cast<size_t>(bin_count));
    kind->z_mean.assign(static_cast<size_t>(bin_count), 0.0f);
    kind->mean_band.resize(static_cast<size_t>(bin_count));
  }
  bins_present_.resize(bands.size());
  surest_ = std::numeric_limits<float>::lowest();
  for (size_t i = 0; i < bands.size(); ++i) {
    envelope_.Demodulate(whitened, bands[i], bin_count);
    NoteKurtosis(bands[i], envelope_.Kurtosis());
    const std::span<const float> log_power = envelope_.LogPower();
    bins_present_[i] = static_cast<int>(log_power.size());
    line_levels_.Compute(log_power, log_.joining, Band(log_, i), log_.z_mean);
    line_levels_.Compute(envelope_.SquaredPower(), squared_.joining, Band(squared_, i),
                         squared_.z_mean);
  }
  if (bands.size() < 2) return;
  AverageBands(log_);
  AverageBands(squared_);
}

// A band of n bins holds n independent samples of complex noise, whose kurtosis scatters by
// 2 / sqrt(n).
void EnvelopeViews::NoteKurtosis(BinRange band, float kurtosis) {
  const float sure = kurtosis - kKurtosisErrors * 2.0f / std::sqrt(static_cast<float>(band.count));
  if (sure <= surest_) return;
  surest_ = sure;
  kurtogram_ = {band, kurtosis};
}

// Bands of a lower level hold more bins: each bin is divided by the number of bands that have it.
void EnvelopeViews::AverageBands(Kind& kind) {
  int begin = 0;
  for (size_t left = bands_.size(); left > 0; --left) {
    const int end = std::max(begin, bins_present_[left - 1]);
    const float scale = 1 / static_cast<float>(left);
    for (int i = begin; i < end; ++i) kind.z_mean[i] *= scale;
    begin = end;
  }
  std::fill(kind.z_mean.begin() + begin, kind.z_mean.end(), 1.0f);
  line_levels_.ComputeFromZ(kind.z_mean, {1, kind.joining.peak_held}, kind.mean_band);
}

std::array<BandLevels, EnvelopeViews::kKinds> EnvelopeViews::Kinds() const {
  return {BandLevels{log_.levels, bins_present_, log_.mean_band},
          BandLevels{squared_.levels, bins_present_, squared_.mean_band}};
}

BinRange EnvelopeViews::BestBand(double order) const {
  const auto bins = static_cast<size_t>(bin_count_);
  float best = std::numeric_limits<float>::lowest();
  BinRange found = bands_.front();
  for (size_t i = 0; i < bands_.size(); ++i) {
    float sum = 0;
    int count = 0;
    for (int k = 1; k <= OrderAxis::kHarmonics; ++k) {
      const int bin = NearestBin(k * bins_per_order_ * order);
      if (bin >= bins_present_[i]) break;
      const size_t at = i * bins + static_cast<size_t>(bin);
      sum += log_.levels[at] + squared_.levels[at];
      ++count;
    }
    if (count == 0 || sum <= best * static_cast<float>(count)) continue;
    best = sum / static_cast<float>(count);
    found = bands_[i];
  }
  return found;
}

}  // namespace auscult::features
