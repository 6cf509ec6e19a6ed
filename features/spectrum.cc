#include "features/spectrum.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace auscult::features {
namespace {

// S2 / N of the periodic Hann window.
constexpr double kHannPower = 3.0 / 8.0;
constexpr size_t kBlock = 1024;

// Bins whose cells [k - 1/2, k + 1/2] overlap a band: the two at the edges by a share.
struct BinSpan {
  int first = 0;
  int last = -1;
  double first_share = 0;
  double last_share = 0;
};

BinSpan SpanOf(const PowerSpectrum& spectrum, Band band, int lowest_bin) {
  const double low = std::max(band.low_hz / spectrum.resolution_hz, lowest_bin - 0.5);
  const double high = std::min(band.high_hz / spectrum.resolution_hz, spectrum.bin_count() - 0.5);
  if (!(high > low)) return {};
  BinSpan range;
  range.first = static_cast<int>(std::floor(low + 0.5));
  range.last = std::min(static_cast<int>(std::floor(high + 0.5)), spectrum.bin_count() - 1);
  range.first_share = std::min(range.first + 0.5, high) - low;
  range.last_share = std::min(high - (range.last - 0.5), 1.0);
  return range;
}

// Weighs each bin by `weight`(k) before it is added up.
template <typename Weight>
double WeighedSum(const PowerSpectrum& spectrum, Band band, int lowest_bin, Weight weight) {
  const BinSpan range = SpanOf(spectrum, band, lowest_bin);
  if (range.last < range.first) return 0;
  const float* const power = spectrum.relative.data();
  double total = range.first_share * static_cast<double>(power[range.first] * weight(range.first));
  if (range.last > range.first) {
    total += range.last_share * static_cast<double>(power[range.last] * weight(range.last));
  }
  for (int begin = range.first + 1; begin < range.last; begin += static_cast<int>(kBlock)) {
    const int end = std::min(begin + static_cast<int>(kBlock), range.last);
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int k = begin; k < end; ++k) sum += power[k] * weight(k);
    total += static_cast<double>(sum);
  }
  return total;
}

}  // namespace

double PowerSpectrum::Amplitude(int bin) const {
  // Peak amplitude is 2|X|/S1 and the mean square of the bin 2|X|^2/(N S2): their ratio for Hann.
  return std::sqrt(3.0 * relative[bin] * reference);
}

PowerSpectrum HannPower(std::span<const std::complex<float>> bins, int length,
                        double sample_rate_hz, double reference, std::span<float> memory) {
  assert(static_cast<int>(bins.size()) == length / 2 + 1 && memory.size() == bins.size());
  assert(length >= 4 && bins[0] == 0.0f);
  const int last = static_cast<int>(bins.size()) - 1;
  const double n = length;
  const auto doubled = static_cast<float>(2.0 / (n * n * kHannPower));
  const float single = doubled / 2;
  const float* const x = reinterpret_cast<const float*>(bins.data());
  for (int k = 1; k < last; ++k) {
    const float real = 0.5f * x[2 * k] - 0.25f * (x[2 * k - 2] + x[2 * k + 2]);
    const float imag = 0.5f * x[2 * k + 1] - 0.25f * (x[2 * k - 1] + x[2 * k + 3]);
    memory[k] = doubled * (real * real + imag * imag);
  }
  // Beyond both ends the spectrum goes on with its complex conjugate.
  memory[0] = single * 0.25f * bins[1].real() * bins[1].real();
  const bool has_nyquist = length % 2 == 0;
  const std::complex<float> beyond = std::conj(has_nyquist ? bins[last - 1] : bins[last]);
  const std::complex<float> edge = 0.5f * bins[last] - 0.25f * (bins[last - 1] + beyond);
  memory[last] = (has_nyquist ? single : doubled) * std::norm(edge);
  return {memory, reference, sample_rate_hz / n};
}

double BandPower(const PowerSpectrum& spectrum, Band band) {
  return spectrum.reference * WeighedSum(spectrum, band, 0, [](int) { return 1.0f; });
}

double BandRms(const PowerSpectrum& spectrum, Band band) {
  return std::sqrt(BandPower(spectrum, band));
}

double DerivativeBandPower(const PowerSpectrum& spectrum, Band band, int times) {
  assert(times >= -2 && times <= 2);
  // Frequencies count in units of the lower edge, so that no float leaves its range.
  const double unit_bins = std::max(1.0, band.low_hz / spectrum.resolution_hz);
  const auto sum = [&](auto weight) {
    return WeighedSum(spectrum, band, 1,
                      [weight, per_bin = static_cast<float>(1 / unit_bins)](int k) {
                        const float f = static_cast<float>(k) * per_bin;
                        return weight(f * f);
                      });
  };
  const double omega = 2.0 * std::numbers::pi * spectrum.resolution_hz * unit_bins;
  const double scale = spectrum.reference * std::pow(omega, 2 * times);
  switch (times) {
    case -2:
      return scale * sum([](float square) { return 1.0f / (square * square); });
    case -1:
      return scale * sum([](float square) { return 1.0f / square; });
    case 1:
      return scale * sum([](float square) { return square; });
    case 2:
      return scale * sum([](float square) { return square * square; });
    default:
      return scale * sum([](float) { return 1.0f; });
  }
}

int StrongestBin(const PowerSpectrum& spectrum, Band band) {
  const int first = std::max(0, static_cast<int>(std::ceil(band.low_hz / spectrum.resolution_hz)));
  const int last = std::min(spectrum.bin_count() - 1,
                            static_cast<int>(std::floor(band.high_hz / spectrum.resolution_hz)));
  if (last < first) return -1;
  const auto begin = spectrum.relative.begin();
  return static_cast<int>(std::max_element(begin + first, begin + last + 1) - begin);
}

double InterpolatedFrequency(const PowerSpectrum& spectrum, int bin) {
  if (bin < 1 || bin + 1 >= spectrum.bin_count()) return bin * spectrum.resolution_hz;
  const float below = spectrum.relative[bin - 1];
  const float above = spectrum.relative[bin + 1];
  const bool upwards = above >= below;
  const double neighbour = std::sqrt(static_cast<double>(upwards ? above : below));
  const double centre = std::sqrt(static_cast<double>(spectrum.relative[bin]));
  if (!(centre > 0)) return bin * spectrum.resolution_hz;
  const double ratio = neighbour / centre;
  const double offset = std::clamp((2.0 * ratio - 1.0) / (ratio + 1.0), -0.5, 0.5);
  return (bin + (upwards ? offset : -offset)) * spectrum.resolution_hz;
}

float AmplitudeDb(double amplitude) {
  return amplitude > 0 ? static_cast<float>(20.0 * std::log10(amplitude))
                       : std::numeric_limits<float>::quiet_NaN();
}

float PowerDb(double mean_square) { return AmplitudeDb(std::sqrt(mean_square)); }

float BandDb(const PowerSpectrum& spectrum, Band band) {
  const bool resolved = band.high_hz - band.low_hz >= spectrum.resolution_hz;
  return resolved ? PowerDb(BandPower(spectrum, band)) : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace auscult::features
