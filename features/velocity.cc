#include "features/velocity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "features/iso20816.h"
#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr double kVelocityHighHz = 1000.0;
constexpr double kAccelerationHighHz = 10000.0;
constexpr double kLowestNyquistHz = 800.0;
constexpr double kBinsBelowBand = 4.0;
constexpr double kMmPerM = 1e3;
constexpr double kUmPerM = 1e6;
// Samples per period of the highest frequency. Machines displace at frequencies far below it, where
// the crest lies between samples by no more than a fraction of a percent.
constexpr int kSamplesPerPeriod = 4;

// NaN where the record does not resolve the velocity band.
float RmsWhereResolved(const PowerSpectrum& spectrum, float speed_rpm, double unit, double power) {
  const Band band = VelocityBand(speed_rpm);
  if (!ResolvesVelocity(spectrum.resolution_hz, spectrum.nyquist_hz(), band)) return kNotKnown;
  return static_cast<float>(unit * std::sqrt(power));
}

int HighestBin(int length, double sample_rate_hz) {
  const int bin = static_cast<int>(kVelocityHighHz * length / sample_rate_hz);
  return std::clamp(bin, 1, length / 2 - 1);
}

}  // namespace

int DerivativesOfDisplacement(Quantity quantity) {
  switch (quantity) {
    case Quantity::kAcceleration:
      return 2;
    case Quantity::kVelocity:
      return 1;
    default:
      return 0;
  }
}

double AccelerationPower(const PowerSpectrum& spectrum, Quantity quantity, Band band) {
  return DerivativeBandPower(spectrum, band, 2 - DerivativesOfDisplacement(quantity));
}

double VelocityPower(const PowerSpectrum& spectrum, Quantity quantity, Band band) {
  return DerivativeBandPower(spectrum, band, 1 - DerivativesOfDisplacement(quantity));
}

double DisplacementPower(const PowerSpectrum& spectrum, Quantity quantity, Band band) {
  return DerivativeBandPower(spectrum, band, -DerivativesOfDisplacement(quantity));
}

Band VelocityBand(float speed_rpm) { return {VelocityBandLowHz(speed_rpm), kVelocityHighHz}; }

bool ResolvesVelocity(double resolution_hz, double nyquist_hz, Band band) {
  return band.low_hz >= kBinsBelowBand * resolution_hz && nyquist_hz >= kLowestNyquistHz;
}

float VelocityRmsMmS(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm) {
  return RmsWhereResolved(spectrum, speed_rpm, kMmPerM,
                          VelocityPower(spectrum, quantity, VelocityBand(speed_rpm)));
}

float DisplacementRmsUm(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm) {
  return RmsWhereResolved(spectrum, speed_rpm, kUmPerM,
                          DisplacementPower(spectrum, quantity, VelocityBand(speed_rpm)));
}

float AccelerationRmsMS2(const PowerSpectrum& spectrum, Quantity quantity, float speed_rpm) {
  const Band band{VelocityBand(speed_rpm).low_hz, kAccelerationHighHz};
  return RmsWhereResolved(spectrum, speed_rpm, 1, AccelerationPower(spectrum, quantity, band));
}

Displacement::Displacement(int length, double sample_rate_hz)
    : length_(length),
      resolution_hz_(sample_rate_hz / length),
      nyquist_hz_(sample_rate_hz / 2),
      last_bin_(HighestBin(length, sample_rate_hz)),
      inverse_(SmoothLengthAtLeast(kSamplesPerPeriod * (last_bin_ + 1))),
      bins_(static_cast<size_t>(inverse_.bin_count())),
      displacement_(static_cast<size_t>(inverse_.length())),
      unwindow_(static_cast<size_t>(inverse_.length() / 2)) {
  const int first = inverse_.length() / 4;
  for (size_t i = 0; i < unwindow_.size(); ++i) {
    const double turn = (first + static_cast<double>(i)) / inverse_.length();
    unwindow_[i] = static_cast<float>(1.0 / (0.5 - 0.5 * std::cos(2 * std::numbers::pi * turn)));
  }
}

float Displacement::PeakToPeakUm(std::span<const std::complex<float>> bins, double scale,
                                 Quantity quantity, Band band) {
  if (!ResolvesVelocity(resolution_hz_, nyquist_hz_, band)) return kNotKnown;
  const int integrations = DerivativesOfDisplacement(quantity);
  const int first = static_cast<int>(std::ceil(band.low_hz / resolution_hz_));
  std::fill(bins_.begin(), bins_.end(), std::complex<float>());
  for (int k = first; k <= last_bin_; ++k) {
    // 1 / (j w)^n up to a sign, in units of the lowest bin so that no float is lost to the scale.
    const float gain = static_cast<float>(first) / static_cast<float>(k);
    const std::complex<float> x = 0.5f * bins[k] - 0.25f * (bins[k - 1] + bins[k + 1]);
    bins_[k] = integrations == 1 ? std::complex<float>(x.imag() * gain, -x.real() * gain)
                                 : x * (integrations == 2 ? gain * gain : 1.0f);
  }
  inverse_.Inverse(bins_, displacement_);
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -lowest;
  const float* const middle = displacement_.data() + inverse_.length() / 4;
  for (size_t i = 0; i < unwindow_.size(); ++i) {
    const float value = middle[i] * unwindow_[i];
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const double omega = 2.0 * std::numbers::pi * first * resolution_hz_;
  const double unit = scale / length_ / std::pow(omega, integrations);
  return static_cast<float>(kUmPerM * unit * static_cast<double>(highest - lowest));
}

}  // namespace auscult::features
