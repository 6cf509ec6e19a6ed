#include "features/current_lines.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "features/line_level.h"
#include "features/machine.h"

namespace auscult::features {
namespace {

// Half of each but the first: they stand on either side of a bin.
constexpr float kTaps[] = {0.35875f, 0.48829f / 2, 0.14128f / 2, 0.01168f / 2};
constexpr int kReach = 3;
constexpr double kLeastCycles = 12;
constexpr int kLobeBins = 4;      // half of the main lobe
constexpr double kClearBins = 5;  // from a supply line, for another line to be seen
constexpr int kFloorBlockBins = 64;
constexpr int kBridgeBins = 6;  // from a supply line to what is surely beside it
constexpr float kTiny = 1e-30f;
constexpr double kDbPerNeper = 4.342944819032518;  // 10 / ln 10
constexpr CurrentLine kUnseen = {static_cast<double>(kNotKnown), static_cast<double>(kNotKnown),
                                 kNotKnown, kNotKnown};

using Array = Eigen::Map<Eigen::ArrayXf>;

void WindowedPower(std::span<const std::complex<float>> bins, std::span<float> power) {
  const auto* const x = reinterpret_cast<const float*>(bins.data());
  const int count = static_cast<int>(power.size());
  float* const out = power.data();
  for (int k = kReach; k < count; ++k) {
    const float* const c = x + 2 * k;
    const float real = kTaps[0] * c[0] - kTaps[1] * (c[-2] + c[2]) + kTaps[2] * (c[-4] + c[4]) -
                       kTaps[3] * (c[-6] + c[6]);
    const float imag = kTaps[0] * c[1] - kTaps[1] * (c[-1] + c[3]) + kTaps[2] * (c[-3] + c[5]) -
                       kTaps[3] * (c[-5] + c[7]);
    out[k] = real * real + imag * imag;
  }
  std::fill(out, out + kReach, out[kReach]);
}

}  // namespace

bool IsClearOfSupply(double bin, double supply_bin) {
  return std::abs(bin - std::round(bin / supply_bin) * supply_bin) >= kClearBins;
}

double LineAmplitude(double log_power, int length) {
  return 2.0 * std::exp(0.5 * log_power) / (static_cast<double>(kTaps[0]) * length);
}

void LineSpectrum::Compute(std::span<const std::complex<float>> bins, double resolution_hz,
                           double supply_hz, double top_hz) {
  Clear();
  resolution_hz_ = resolution_hz;
  supply_bin_ = supply_hz / resolution_hz;
  const double wanted = std::min(top_hz / resolution_hz, static_cast<double>(bins.size()));
  const int count = std::min(static_cast<int>(wanted), static_cast<int>(bins.size()) - kReach);
  if (!(supply_bin_ >= kLeastCycles) || count <= supply_bin_ + 2 * kBridgeBins) return;
  log_power_.resize(static_cast<size_t>(count));
  WindowedPower(bins, log_power_);
  Array log(log_power_.data(), count);
  log = log.max(kTiny).log();
  BridgeSupply();
  levels_.resize(log_power_.size());
  NoiseFloor(bridged_, kFloorBlockBins, levels_);
  Array levels(levels_.data(), count);
  levels = log - levels - kLogMeanOfExponential;
  supply_log_power_ = Harmonic(1).log_power;
}

// The supply and its harmonics are no noise: their lobes are covered before the floor is taken.
void LineSpectrum::BridgeSupply() {
  bridged_.assign(log_power_.begin(), log_power_.end());
  const int last = static_cast<int>(bridged_.size()) - 1;
  for (int order = 1;; ++order) {
    const int centre = static_cast<int>(std::lround(order * supply_bin_));
    if (centre - kBridgeBins > last) break;
    const float below = log_power_[centre - kBridgeBins];
    const float above = log_power_[std::min(centre + kBridgeBins, last)];
    const int end = std::min(centre + kBridgeBins - 1, last);
    for (int k = centre - kBridgeBins + 1; k <= end; ++k) bridged_[k] = 0.5f * (below + above);
  }
}

CurrentLine LineSpectrum::Strongest(double hz, double half_hz) const {
  const double centre = hz / resolution_hz_;
  // Written so that what is no number, as of a machine's odd data, is not seen either.
  if (!(std::abs(centre) < static_cast<double>(log_power_.size()))) return kUnseen;
  if (!IsClearOfSupply(centre, supply_bin_)) return kUnseen;
  const double half = std::max(1.0, half_hz / resolution_hz_);
  const double harmonic = std::floor(centre / supply_bin_) * supply_bin_;
  const double low = std::max(centre - half, harmonic + kLobeBins);
  const double high = std::min(centre + half, harmonic + supply_bin_ - kLobeBins);
  return StrongestOf(static_cast<int>(std::ceil(low)), static_cast<int>(std::floor(high)));
}

CurrentLine LineSpectrum::Harmonic(int order) const {
  if (empty()) return kUnseen;
  const int centre = static_cast<int>(std::lround(order * supply_bin_));
  return StrongestOf(centre - 1, centre + 1);
}

CurrentLine LineSpectrum::StrongestOf(int first, int last) const {
  if (first < 1 || last < first || last + 1 >= static_cast<int>(log_power_.size())) return kUnseen;
  const auto begin = log_power_.begin();
  const int k = static_cast<int>(std::max_element(begin + first, begin + last + 1) - begin);
  const auto below = static_cast<double>(log_power_[k - 1]);
  const auto here = static_cast<double>(log_power_[k]);
  const auto above = static_cast<double>(log_power_[k + 1]);
  double offset = 0;
  // A bin that is higher outside the search belongs to another line.
  const double curvature = below - 2 * here + above;
  if (here >= below && here >= above && curvature < 0) offset = 0.5 * (below - above) / curvature;
  const double gain = -0.25 * (below - above) * offset;
  return {.hz = (k + offset) * resolution_hz_,
          .log_power = here + gain,
          .below_db = static_cast<float>(kDbPerNeper * (supply_log_power_ - here - gain)),
          .excess_db = static_cast<float>(kDbPerNeper * (static_cast<double>(levels_[k]) + gain))};
}

}  // namespace auscult::features
