#pragma once

#include <cmath>
#include <complex>
#include <span>

#include "features/fft.h"
#include "features/spectrum.h"
#include "features/time_domain.h"
#include "features/waveform.h"

namespace auscult::features {

// One channel of a record, analysed once for every feature. Refers to the memory of the
// RecordTransform that made it and of the waveform.
struct ChannelRecord {
  std::span<const float> samples;
  Range range;
  Moments moments;                            // of the centred record, relative to range.Peak()
  std::span<const std::complex<float>> bins;  // of the centred record / peak; bins[0] = 0
  PowerSpectrum spectrum;                     // Hann, in squared units of the channel
  int transform_length;                       // samples the bins are of: nearly the whole record

  double Rms() const { return range.Peak() * std::sqrt(moments.mean_square); }
  double resolution_hz() const { return spectrum.resolution_hz; }
};

// Plan and memory of the one forward transform of a record. The transform takes the longest
// beginning of the record whose length has no prime factor above 5. One for each thread.
class RecordTransform {
 public:
  RecordTransform(int sample_count, double sample_rate_hz);

  int transform_length() const { return fft_.length(); }
  double resolution_hz() const { return sample_rate_hz_ / fft_.length(); }

  // `samples` is sample_count long. The result is valid until the next call.
  ChannelRecord Analyse(std::span<const float> samples);

 private:
  RealFft fft_;
  double sample_rate_hz_;
  FftVector<float> centred_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> power_;
};

// The channels of one waveform, each analysed when it is asked for. Remembers the one asked for
// last: several stages may look at a record of one channel and pay for its transform once.
class ChannelAnalysis {
 public:
  // Refers to both, whose lengths agree.
  ChannelAnalysis(const Waveform& waveform, RecordTransform& transform)
      : waveform_(waveform), transform_(transform) {}

  const Waveform& waveform() const { return waveform_; }
  // Valid until another channel is asked for.
  const ChannelRecord& Channel(int index);
  // To be called when the transform was used for something else.
  void Forget() { channel_ = -1; }

 private:
  const Waveform& waveform_;
  RecordTransform& transform_;
  int channel_ = -1;
  ChannelRecord record_{};
};

}  // namespace auscult::features
