#include "server/record_spectra.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "features/fft.h"
#include "features/velocity.h"

namespace auscult::server {
namespace {

using features::Quantity;

constexpr int kFlatTopLobe = 5;
constexpr int kPlainLobe = 2;

}  // namespace

void Convert(Quantity from, const features::Unit& to, LineSpectrum& spectrum) {
  const int times = from == to.quantity ? 0
                                        : features::DerivativesOfDisplacement(to.quantity) -
                                              features::DerivativesOfDisplacement(from);
  const double scale = 1 / to.to_si;
  if (times != 0) spectrum.measured = spectrum.values;
  for (size_t k = 0; k < spectrum.values.size(); ++k) {
    const double radians_per_s = 2 * std::numbers::pi * static_cast<double>(k) * spectrum.bin_hz;
    const bool leaks = times < 0 && k <= static_cast<size_t>(spectrum.lobe_bins);
    const double factor = leaks ? 0 : scale * std::pow(radians_per_s, times);
    spectrum.values[k] = static_cast<float>(static_cast<double>(spectrum.values[k]) * factor);
  }
}

LineSpectrum RecordSpectra::Amplitude(std::span<const float> samples, double sample_rate_hz) {
  const int length = features::SmoothLengthAtMost(static_cast<int>(samples.size()));
  if (length != welch_length_) welch_.emplace(features::Welch::Kind::kAmplitude, length);
  welch_length_ = length;
  welch_->Compute(samples.first(static_cast<size_t>(length)), sample_rate_hz, averaged_);
  return {.values = averaged_.values, .bin_hz = averaged_.resolution_hz, .lobe_bins = kFlatTopLobe};
}

LineSpectrum RecordSpectra::Envelope(std::span<const float> samples, double sample_rate_hz,
                                     features::Band band, double max_hz) {
  if (samples.size() != transform_samples_ || sample_rate_hz != transform_rate_hz_) {
    transform_.emplace(static_cast<int>(samples.size()), sample_rate_hz);
    transform_samples_ = samples.size();
    transform_rate_hz_ = sample_rate_hz;
  }
  const features::ChannelRecord record = transform_->Analyse(samples);
  LineSpectrum spectrum{
      .values = {}, .bin_hz = transform_->resolution_hz(), .lobe_bins = kPlainLobe};
  const int bins = static_cast<int>(record.bins.size());
  features::BinRange range;
  range.first = std::clamp(static_cast<int>(std::ceil(band.low_hz / spectrum.bin_hz)), 1, bins - 1);
  range.count =
      std::min(static_cast<int>(band.high_hz / spectrum.bin_hz), bins - 1) - range.first + 1;
  assert(range.count >= 1);
  const int needed = std::max(1, static_cast<int>(max_hz / spectrum.bin_hz) + 1);
  envelope_.Demodulate(record.bins, range, needed);
  const std::span<const float> power = envelope_.SquaredPower();
  const float scale = 2 / static_cast<float>(envelope_.envelope_length());
  spectrum.values.reserve(power.size());
  for (const float value : power) spectrum.values.push_back(scale * std::sqrt(value));
  if (!spectrum.values.empty()) spectrum.values[0] = 0;  // the mean, of which all is a share
  return spectrum;
}

}  // namespace auscult::server
