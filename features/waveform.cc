#include "features/waveform.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace auscult::features {
namespace {

std::string ChannelLabel(const std::vector<Waveform::Channel>& channels, size_t index) {
  std::string label = absl::StrCat("channel ", index);
  if (!channels[index].name.empty()) absl::StrAppend(&label, " (", channels[index].name, ")");
  return label;
}

absl::Status CheckShape(size_t sample_count, const std::vector<Waveform::Channel>& channels) {
  if (channels.empty() || channels.size() > Waveform::kMaxChannels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the record has ", channels.size(), " channels; send 1 to ", Waveform::kMaxChannels));
  }
  for (size_t i = 0; i < channels.size(); ++i) {
    const int quantity = static_cast<int>(channels[i].quantity);
    if (quantity < static_cast<int>(Quantity::kAcceleration) ||
        quantity > static_cast<int>(Quantity::kTachometer)) {
      return absl::InvalidArgumentError(absl::StrCat(
          ChannelLabel(channels, i),
          " has no quantity; say acceleration, velocity, displacement, current, voltage or "
          "tachometer"));
    }
  }
  if (sample_count % channels.size() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(sample_count, " samples do not divide into ", channels.size(),
                     " channels; send the same number of samples for every channel"));
  }
  const size_t per_channel = sample_count / channels.size();
  if (per_channel < Waveform::kMinSamples || per_channel > Waveform::kMaxSamples) {
    return absl::InvalidArgumentError(
        absl::StrCat("the record has ", per_channel, " samples per channel; send ",
                     Waveform::kMinSamples, " to ", Waveform::kMaxSamples));
  }
  return absl::OkStatus();
}

absl::Status CheckConditions(double sample_rate_hz, const Conditions& conditions) {
  if (!(sample_rate_hz >= Waveform::kMinRateHz && sample_rate_hz <= Waveform::kMaxRateHz)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("sample_rate_hz is %g; send the sensor's rate in Hz, between %g and %g",
                        sample_rate_hz, Waveform::kMinRateHz, Waveform::kMaxRateHz));
  }
  if (!std::isnan(conditions.speed_rpm) &&
      !(conditions.speed_rpm >= 0 && conditions.speed_rpm <= Waveform::kMaxSpeedRpm)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "speed_rpm is %g; send the speed without its direction, 0 to %g, or leave it out",
        conditions.speed_rpm, Waveform::kMaxSpeedRpm));
  }
  if (!std::isnan(conditions.load_percent) &&
      !(std::abs(conditions.load_percent) <= Waveform::kMaxLoadPercent)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("load_percent is %g; send the load in percent of the rated one, within "
                        "+-%g, or leave it out",
                        conditions.load_percent, Waveform::kMaxLoadPercent));
  }
  if (!(conditions.speed_tolerance >= 0 &&
        conditions.speed_tolerance <= Waveform::kMaxSpeedTolerance)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "speed_tolerance is %g; send the share by which the speed may be off, 0 to %g",
        conditions.speed_tolerance, Waveform::kMaxSpeedTolerance));
  }
  return absl::OkStatus();
}

// One branch-free pass that vectorises; the search for the culprit happens only if there is one.
bool AllWithinRange(const std::vector<float>& samples) {
  unsigned bad = 0;
  for (const float sample : samples) {
    // A NaN fails every comparison, so it counts as out of range.
    bad |= static_cast<unsigned>(!(std::abs(sample) <= Waveform::kMaxMagnitude));
  }
  return bad == 0;
}

absl::Status CheckSamples(const std::vector<float>& samples,
                          const std::vector<Waveform::Channel>& channels) {
  if (AllWithinRange(samples)) return absl::OkStatus();
  const auto culprit = std::find_if(samples.begin(), samples.end(), [](float sample) {
    return !(std::abs(sample) <= Waveform::kMaxMagnitude);
  });
  const size_t position = static_cast<size_t>(culprit - samples.begin());
  const size_t per_channel = samples.size() / channels.size();
  const std::string place = absl::StrCat(ChannelLabel(channels, position / per_channel),
                                         ", sample ", position % per_channel);
  if (std::isfinite(*culprit)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s is %g in SI units, beyond +-%g; check unit, scale and encoding", place,
                        *culprit, Waveform::kMaxMagnitude));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place, " is ", std::isnan(*culprit) ? "NaN" : "infinite",
                   "; send only measured values, and leave a record with gaps out"));
}

}  // namespace

absl::StatusOr<Waveform> Waveform::Create(std::vector<float> samples, std::vector<Channel> channels,
                                          double sample_rate_hz, Conditions conditions) {
  if (absl::Status status = CheckShape(samples.size(), channels); !status.ok()) return status;
  if (absl::Status status = CheckConditions(sample_rate_hz, conditions); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckSamples(samples, channels); !status.ok()) return status;
  Waveform waveform;
  waveform.samples_ = std::move(samples);
  waveform.channels_ = std::move(channels);
  waveform.sample_rate_hz_ = sample_rate_hz;
  waveform.conditions_ = conditions;
  return waveform;
}

std::span<const float> Waveform::samples(int channel) const {
  const size_t per_channel = static_cast<size_t>(sample_count());
  return std::span(samples_).subspan(static_cast<size_t>(channel) * per_channel, per_channel);
}

}  // namespace auscult::features
