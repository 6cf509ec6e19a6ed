#include "features/current.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

constexpr double kLowestLineHz = 5.0;
constexpr double kHighestLineHz = 1000.0;
constexpr double kLineHalfBins = 2.5;  // main lobe of Hann, and what a drifting supply adds to it
constexpr double kSmallestLineShare = 0.3;
constexpr int kHarmonics = 40;

constexpr double kSmallestSlip = 0.002;
constexpr double kLargestSlip = 0.3;
constexpr double kSidebandBins = 5.0;  // main lobe of the line, and one bin of search
constexpr double kSidebandSearchShare = 0.1;

// 4-term Blackman-Harris window as taps on the bins: -92 dB side lobes, main lobe of +-4 bins.
constexpr std::array<double, 4> kTaps = {0.35875, 0.48829 / 2, 0.14128 / 2, 0.01168 / 2};

double WindowedMagnitude(std::span<const std::complex<float>> bins, int k) {
  const int last = static_cast<int>(bins.size()) - 1;
  if (k < 3 || k + 3 > last) return 0;
  std::complex<double> sum = kTaps[0] * std::complex<double>(bins[k]);
  double sign = -1;
  for (int tap = 1; tap < 4; ++tap, sign = -sign) {
    sum += sign * kTaps[tap] *
           (std::complex<double>(bins[k - tap]) + std::complex<double>(bins[k + tap]));
  }
  return std::abs(sum);
}

double LargestMagnitude(std::span<const std::complex<float>> bins, double centre_bin,
                        double half_bins) {
  double largest = 0;
  const int first = static_cast<int>(std::ceil(centre_bin - half_bins));
  const int last = static_cast<int>(std::floor(centre_bin + half_bins));
  for (int k = first; k <= last; ++k) largest = std::max(largest, WindowedMagnitude(bins, k));
  return largest;
}

Band LineBand(const PowerSpectrum& spectrum, double line_hz) {
  const double half_hz = kLineHalfBins * spectrum.resolution_hz;
  return {line_hz - half_hz, line_hz + half_hz};
}

}  // namespace

SupplyLine SupplyLineOf(const PowerSpectrum& spectrum) {
  SupplyLine line{kNotKnown, kNotKnown, kNotKnown, {kNotKnown, kNotKnown, kNotKnown}};
  const double lowest_hz = std::max(kLowestLineHz, 2 * kLineHalfBins * spectrum.resolution_hz);
  const int bin = StrongestBin(spectrum, {lowest_hz, kHighestLineHz});
  if (bin < 0) return line;
  const double line_hz = InterpolatedFrequency(spectrum, bin);
  const double fundamental = BandPower(spectrum, LineBand(spectrum, line_hz));
  const double total = BandPower(spectrum, {0, spectrum.nyquist_hz()});
  if (!(fundamental > kSmallestLineShare * total)) return line;
  line.frequency_hz = static_cast<float>(line_hz);
  line.rms = static_cast<float>(std::sqrt(fundamental));
  double distortion = 0;
  for (int order = 2; order <= kHarmonics; ++order) {
    const Band band = LineBand(spectrum, order * line_hz);
    if (band.high_hz > spectrum.nyquist_hz()) break;
    const double power = BandPower(spectrum, band);
    distortion += power;
    if (order == 3 || order == 5 || order == 7) {
      line.harmonic_rms[(order - 3) / 2] = static_cast<float>(std::sqrt(power));
    }
  }
  line.thd_percent = static_cast<float>(100.0 * std::sqrt(distortion / fundamental));
  return line;
}

RotorSidebands RotorSidebandsOf(std::span<const std::complex<float>> bins, double resolution_hz,
                                const Machine& machine, double speed_hz, double line_hz) {
  RotorSidebands sidebands{kNotKnown, kNotKnown, kNotKnown};
  const double slip = 1.0 - speed_hz * machine.pole_pairs / line_hz;
  if (machine.pole_pairs <= 0 || !(slip >= kSmallestSlip && slip <= kLargestSlip)) {
    return sidebands;
  }
  sidebands.slip = static_cast<float>(slip);
  const double line_bin = line_hz / resolution_hz;
  const double distance_bins = 2 * slip * line_bin;
  if (distance_bins < kSidebandBins) return sidebands;
  // A speed that is 3 rpm off moves the sideband: it is looked for nearby, yet clear of the line.
  const double search_bins =
      std::clamp(kSidebandSearchShare * distance_bins, 1.0, std::max(1.0, distance_bins - 4.0));
  const double fundamental = LargestMagnitude(bins, line_bin, 1.0);
  const double low = LargestMagnitude(bins, line_bin - distance_bins, search_bins);
  const double high = LargestMagnitude(bins, line_bin + distance_bins, search_bins);
  if (low > 0) sidebands.low_db = static_cast<float>(20.0 * std::log10(fundamental / low));
  if (high > 0) sidebands.high_db = static_cast<float>(20.0 * std::log10(fundamental / high));
  return sidebands;
}

std::complex<double> LinePhasor(std::span<const std::complex<float>> bins, double resolution_hz,
                                double line_hz) {
  const int k = static_cast<int>(std::lround(line_hz / resolution_hz));
  if (k < 1 || k + 1 >= static_cast<int>(bins.size())) return 0;
  return 0.5 * std::complex<double>(bins[k]) -
         0.25 * (std::complex<double>(bins[k - 1]) + std::complex<double>(bins[k + 1]));
}

PhaseBalance PhaseBalanceOf(const std::array<std::complex<double>, 3>& phases) {
  const double mean = (std::abs(phases[0]) + std::abs(phases[1]) + std::abs(phases[2])) / 3.0;
  if (!(mean > 0)) return {kNotKnown, kNotKnown};
  double deviation = 0;
  for (const auto& phase : phases)
    deviation = std::max(deviation, std::abs(std::abs(phase) - mean));
  const std::complex<double> turn = std::polar(1.0, 2.0 * std::numbers::pi / 3.0);
  const double one = std::abs(phases[0] + turn * phases[1] + turn * turn * phases[2]);
  const double other = std::abs(phases[0] + turn * turn * phases[1] + turn * phases[2]);
  const double positive = std::max(one, other);
  return {.unbalance_percent = static_cast<float>(100.0 * deviation / mean),
          .negative_sequence_percent = static_cast<float>(100.0 * std::min(one, other) / positive)};
}

}  // namespace auscult::features
