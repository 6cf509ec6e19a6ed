#include "features/high_frequency.h"

#include <cmath>
#include <limits>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr Band kBand{5000, std::numeric_limits<double>::infinity()};
constexpr double kSmallestWidthHz = 1000;
// A peak must not be that of the step between the record's ends.
constexpr int kEndPeriods = 64;

}  // namespace

HighFrequency::HighFrequency(int length, double sample_rate_hz)
    : band_(kBand, length, sample_rate_hz, kEndPeriods),
      measurable_(band_.measurable() && sample_rate_hz / 2 >= kBand.low_hz + kSmallestWidthHz) {}

HighFrequencyLevel HighFrequency::Level(std::span<const std::complex<float>> bins,
                                        std::span<std::complex<float>> band_bins,
                                        std::span<std::complex<float>> analytic) const {
  if (!measurable_) return {kNotKnown, kNotKnown};
  const EnvelopePower power = EnvelopePowerOf(band_.Demodulate(bins, band_bins, analytic));
  if (!(power.mean > kEnvelopeRounding)) return {kNotKnown, kNotKnown};
  return {.rms = static_cast<float>(std::sqrt(power.mean / 2)), .peak = std::sqrt(power.highest)};
}

}  // namespace auscult::features
