#include "features/record_transform.h"

namespace auscult::features {

RecordTransform::RecordTransform(int sample_count, double sample_rate_hz)
    : fft_(SmoothLengthAtMost(sample_count)),
      sample_rate_hz_(sample_rate_hz),
      centred_(static_cast<size_t>(sample_count)),
      bins_(static_cast<size_t>(fft_.bin_count())),
      power_(static_cast<size_t>(fft_.bin_count())) {}

ChannelRecord RecordTransform::Analyse(std::span<const float> samples) {
  const Range range = RangeOf(samples);
  const Moments moments = Centre(samples, range, centred_);
  fft_.Forward(std::span<const float>(centred_).first(static_cast<size_t>(fft_.length())), bins_);
  // The mean of the whole record was taken away; what is left at DC belongs to the samples that the
  // transform leaves out.
  bins_[0] = 0;
  const double peak = range.Peak();
  return {.samples = samples,
          .range = range,
          .moments = moments,
          .bins = bins_,
          .spectrum = HannPower(bins_, fft_.length(), sample_rate_hz_, peak * peak, power_),
          .transform_length = fft_.length()};
}

const ChannelRecord& ChannelAnalysis::Channel(int index) {
  if (index != channel_) record_ = transform_.Analyse(waveform_.samples(index));
  channel_ = index;
  return record_;
}

}  // namespace auscult::features
