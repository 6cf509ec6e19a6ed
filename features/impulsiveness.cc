#include "features/impulsiveness.h"

#include <cmath>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr double kSmallestShare = 0.4;
constexpr int kEndPeriods = 4;

}  // namespace

BandImpulsiveness::BandImpulsiveness(Band band, int length, double sample_rate_hz)
    : band_(band, length, sample_rate_hz, kEndPeriods),
      measurable_(band_.measurable() &&
                  band_.width_hz() >= kSmallestShare * (band.high_hz - band.low_hz)) {}

float BandImpulsiveness::Db(std::span<const std::complex<float>> bins,
                            std::span<std::complex<float>> band_bins,
                            std::span<std::complex<float>> analytic) const {
  if (!measurable_) return kNotKnown;
  const EnvelopePower power = EnvelopePowerOf(band_.Demodulate(bins, band_bins, analytic));
  if (!(power.mean > kEnvelopeRounding)) return kNotKnown;
  return static_cast<float>(10.0 * std::log10(power.mean_square / (power.mean * power.mean) / 2.0));
}

}  // namespace auscult::features
