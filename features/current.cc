#include "features/current.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr double kLowestLineHz = 5.0;
constexpr double kHighestLineHz = 1000.0;
constexpr double kLineHalfBins = 2.5;  // main lobe of Hann, and what a drifting supply adds to it
constexpr double kSmallestLineShare = 0.3;
constexpr int kHarmonics = 40;

constexpr int kVariationBins = 4;
constexpr int kVariationTimes = 25;
constexpr double kVariationMargin =
    0.2;  // of the record at either end: the window falls to 0 there

Band LineBand(const PowerSpectrum& spectrum, double line_hz) {
  const double half_hz = kLineHalfBins * spectrum.resolution_hz;
  return {line_hz - half_hz, line_hz + half_hz};
}

std::complex<double> HannBin(std::span<const std::complex<float>> bins, int k) {
  return 0.5 * std::complex<double>(bins[k]) -
         0.25 * (std::complex<double>(bins[k - 1]) + std::complex<double>(bins[k + 1]));
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

std::complex<double> LinePhasor(std::span<const std::complex<float>> bins, int length,
                                double resolution_hz, double line_hz) {
  const double position = line_hz / resolution_hz;
  const int k = static_cast<int>(std::lround(position));
  if (k < 1 || k + 1 >= static_cast<int>(bins.size())) return 0;
  const std::complex<double> bin = HannBin(bins, k);
  // Transform of the window off its centre, and the turn of the phase that goes with it.
  const double offset = position - k;
  const double angle = std::numbers::pi * offset;
  const double gain =
      std::abs(offset) < 1e-9 ? 1.0 : std::sin(angle) / (angle * (1 - offset * offset));
  return bin * std::polar(4.0 / (length * gain), -angle);
}

float AmplitudeVariationPercent(std::span<const std::complex<float>> bins, double resolution_hz,
                                double line_hz) {
  const int centre = static_cast<int>(std::lround(line_hz / resolution_hz));
  if (centre <= kVariationBins + 1 ||
      centre + kVariationBins + 1 >= static_cast<int>(bins.size())) {
    return kNotKnown;
  }
  double lowest = std::numeric_limits<double>::max();
  double highest = 0;
  double sum = 0;
  for (int i = 0; i < kVariationTimes; ++i) {
    const double time =
        kVariationMargin + (1 - 2 * kVariationMargin) * i / (kVariationTimes - 1);  // of the record
    std::complex<double> envelope = 0;
    for (int j = -kVariationBins; j <= kVariationBins; ++j) {
      envelope += HannBin(bins, centre + j) * std::polar(1.0, 2 * std::numbers::pi * j * time);
    }
    const double window = std::pow(std::sin(std::numbers::pi * time), 2);
    const double amplitude = std::abs(envelope) / window;
    lowest = std::min(lowest, amplitude);
    highest = std::max(highest, amplitude);
    sum += amplitude;
  }
  if (!(sum > 0)) return kNotKnown;
  return static_cast<float>(100 * (highest - lowest) * kVariationTimes / sum);
}

PhaseBalance PhaseBalanceOf(const std::array<std::complex<double>, 3>& phases) {
  const double mean = (std::abs(phases[0]) + std::abs(phases[1]) + std::abs(phases[2])) / 3.0;
  if (!(mean > 0)) return {kNotKnown, kNotKnown, kNotKnown, kNotKnown};
  double deviation = 0;
  for (const auto& phase : phases) {
    deviation = std::max(deviation, std::abs(std::abs(phase) - mean));
  }
  const std::complex<double> turn = std::polar(1.0, 2.0 * std::numbers::pi / 3.0);
  const double one = std::abs(phases[0] + turn * phases[1] + turn * turn * phases[2]) / 3;
  const double other = std::abs(phases[0] + turn * turn * phases[1] + turn * phases[2]) / 3;
  const double zero = std::abs(phases[0] + phases[1] + phases[2]) / 3;
  const double positive = std::max(one, other);
  const auto percent = [](double part, double whole) {
    return static_cast<float>(100.0 * part / whole);
  };
  return {.unbalance_percent = percent(deviation, mean),
          .negative_sequence_percent = percent(std::min(one, other), positive),
          .zero_sequence_percent = percent(zero, positive),
          .positive_sequence = static_cast<float>(positive)};
}

}  // namespace auscult::features
