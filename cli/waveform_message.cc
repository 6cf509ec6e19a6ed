#include "cli/waveform_message.h"

#include <bit>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/channel_choice.h"
#include "cli/command.h"
#include "cli/health_text.h"

namespace auscult::cli {

static_assert(std::endian::native == std::endian::little, "samples are sent as they lie in memory");

void SetSamples(std::span<const float> samples, v1::ChannelSamples& channel) {
  v1::EncodedSamples& encoded = *channel.mutable_encoded();
  encoded.set_encoding(v1::SAMPLE_ENCODING_FLOAT32_LE);
  encoded.set_octets(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
}

absl::StatusOr<v1::Waveform> WaveformOf(const Recording& recording, const SendOptions& options,
                                        absl::Time measured_at) {
  absl::StatusOr<std::vector<size_t>> indices = FindChannels(recording, options.channels);
  if (!indices.ok()) return indices.status();
  v1::Waveform waveform;
  waveform.set_point(options.point);
  *waveform.mutable_measured_at() = TimestampOf(measured_at);
  const double rate_hz = options.rate_hz > 0 ? options.rate_hz : recording.sample_rate_hz;
  if (!recording.clock_problem.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(recording.source, ": ", recording.clock_problem));
  }
  if (!(rate_hz > 0)) {
    return WrongUse(absl::StrCat(
        recording.source, ": the file does not say its sampling rate; give it with --rate-hz"));
  }
  waveform.set_sample_rate_hz(rate_hz);
  for (const size_t index : *indices) {
    const RecordedChannel& channel = recording.channels[index];
    v1::ChannelSamples& samples = *waveform.add_channels();
    samples.set_unit(options.unit.empty() ? channel.unit : options.unit);
    SetSamples(channel.samples, samples);
  }
  // A nominal speed belongs to the machine data: sent with the record it would pass for measured.
  const float file_speed_rpm = recording.speed_is_nominal ? std::nanf("") : recording.speed_rpm;
  const float speed_rpm = options.speed_rpm >= 0 ? options.speed_rpm : file_speed_rpm;
  const float load_percent =
      std::isnan(options.load_percent) ? recording.load_percent : options.load_percent;
  if (!std::isnan(speed_rpm)) waveform.mutable_conditions()->set_speed_rpm(speed_rpm);
  if (!std::isnan(load_percent)) waveform.mutable_conditions()->set_load_percent(load_percent);
  return waveform;
}

}  // namespace auscult::cli
