#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "features/units.h"

namespace auscult::features {

// The running condition a record was taken in. NaN = not known.
struct Conditions {
  float speed_rpm = std::numeric_limits<float>::quiet_NaN();  // of the shaft the point belongs to
  float load_percent = std::numeric_limits<float>::quiet_NaN();
  // Share by which speed_rpm may be off, 0 .. 0.2. 0: measured with the record. Above: a nominal
  // speed, around which the record's own lines decide.
  float speed_tolerance = 0;
};

// One calibrated recording of 1..kMaxChannels channels that share clock and rate, in SI units.
// Create is the only validation of samples in the system: holding a Waveform proves that every
// sample is finite and within
// +-kMaxMagnitude, that there are kMinSamples..kMaxSamples of them on every channel and that the
// rate is between kMinRateHz and kMaxRateHz. Immutable, so any thread may read it.
class Waveform {
 public:
  static constexpr int kMaxChannels = 16;
  static constexpr int kMinSamples = 256;
  static constexpr int kMaxSamples = 4 << 20;
  static constexpr double kMinRateHz = 1.0;
  static constexpr double kMaxRateHz = 1e6;
  static constexpr float kMaxMagnitude = 1e12f;
  static constexpr float kMaxSpeedRpm = 1e6f;
  static constexpr float kMaxLoadPercent = 1000.0f;  // either sign
  static constexpr float kMaxSpeedTolerance = 0.2f;

  struct Channel {
    std::string name;  // "" where the point has one channel, else "H", "V", "A", ...
    Quantity quantity;
  };

  // `samples` is channel-major: all of channel 0, then all of channel 1, ... INVALID_ARGUMENT says
  // which channel and sample index is wrong, and what to send instead.
  static absl::StatusOr<Waveform> Create(std::vector<float> samples, std::vector<Channel> channels,
                                         double sample_rate_hz, Conditions conditions);

  std::span<const float> samples(int channel) const;
  const Channel& channel(int index) const { return channels_[index]; }
  int channel_count() const { return static_cast<int>(channels_.size()); }
  int sample_count() const { return static_cast<int>(samples_.size() / channels_.size()); }
  double sample_rate_hz() const { return sample_rate_hz_; }
  double duration_s() const { return sample_count() / sample_rate_hz_; }
  const Conditions& conditions() const { return conditions_; }

  // Gives the sample buffer back, so that a worker can fill it with the next record.
  std::vector<float> ReleaseSamples() && { return std::move(samples_); }

 private:
  Waveform() = default;
  std::vector<float> samples_;
  std::vector<Channel> channels_;
  double sample_rate_hz_ = 0;
  Conditions conditions_;
};

}  // namespace auscult::features
