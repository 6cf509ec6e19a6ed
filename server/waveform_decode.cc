#include "server/waveform_decode.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "features/decode.h"
#include "server/channel_samples.h"
#include "server/content_hash.h"
#include "server/errors.h"
#include "server/record_check.h"

namespace auscult::server {
namespace {

using features::Waveform;

constexpr char kPlace[] = "waveform";
constexpr double kRateTolerance = 0.01;

absl::Status Invalid(std::string_view reason, std::string field, std::string message,
                     std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, {.reason = reason,
                                                        .message = std::move(message),
                                                        .remedy = std::move(remedy),
                                                        .field = std::move(field)});
}

absl::Status CheckRate(double rate_hz, const DirectoryEntry& entry) {
  if (!(rate_hz >= Waveform::kMinRateHz && rate_hz <= Waveform::kMaxRateHz)) {
    return Invalid("RATE_OUT_OF_RANGE", "waveform.sample_rate_hz",
                   absl::StrFormat("sample_rate_hz is %g", rate_hz),
                   absl::StrFormat("send the sensor's rate in Hz, %g to %g", Waveform::kMinRateHz,
                                   Waveform::kMaxRateHz));
  }
  if (entry.sample_rate_hz > 0 &&
      std::abs(rate_hz - entry.sample_rate_hz) > kRateTolerance * entry.sample_rate_hz) {
    return Invalid("RATE_MISMATCH", "waveform.sample_rate_hz",
                   absl::StrFormat("sample_rate_hz is %g, but the point %s is recorded at %g Hz",
                                   rate_hz, entry.name, entry.sample_rate_hz),
                   "send the rate of the record, or set the rate of the point to 0 to take any");
  }
  return absl::OkStatus();
}

std::string HashOf(double rate_hz, const CheckedConditions& conditions,
                   const std::vector<SentChannel>& channels) {
  ContentHash hash("waveform/1");
  hash.AddReal(rate_hz);
  hash.AddReal(conditions.running.speed_rpm);
  hash.AddReal(conditions.running.load_percent);
  hash.AddOctets(conditions.others);
  hash.AddInteger(channels.size());
  for (const SentChannel& channel : channels) {
    hash.AddOctets(channel.unit.symbol);
    hash.AddInteger(static_cast<uint64_t>(channel.encoding));
    hash.AddReal(channel.calibration.scale);
    hash.AddReal(channel.calibration.offset);
    hash.AddOctets(channel.octets);
  }
  return hash.Digest();
}

absl::Status DecodeAll(const std::vector<SentChannel>& channels, std::vector<float>& samples) {
  samples.clear();
  samples.reserve(channels.size() * channels[0].sample_count());
  for (const SentChannel& channel : channels) {
    const absl::Status status = features::DecodeSamples(
        channel.octets, channel.encoding, channel.calibration, channel.unit.to_si, samples);
    if (!status.ok()) {
      return Invalid("BAD_ENCODING", absl::StrCat("waveform.channels[", channel.position, "]"),
                     std::string(status.message()), "");
    }
  }
  return absl::OkStatus();
}

// Waveform::Create refused, and everything but the samples had been checked before: find the sample
// to blame. Decodes once more, for the first copy went into Create.
absl::Status BlameSample(const std::vector<SentChannel>& channels, const absl::Status& refusal) {
  for (const SentChannel& channel : channels) {
    std::vector<float> samples;
    if (!DecodeAll({channel}, samples).ok()) continue;
    for (size_t i = 0; i < samples.size(); ++i) {
      if (std::abs(samples[i]) <= Waveform::kMaxMagnitude) continue;
      const std::string field = absl::StrCat("waveform.channels[", channel.position, "]");
      const std::string sample = absl::StrCat("sample ", i, " of channel ", channel.position);
      if (std::isfinite(samples[i])) {
        return Invalid("VALUE_OUT_OF_RANGE", field,
                       absl::StrFormat("%s is %g in SI units, beyond +-%g", sample, samples[i],
                                       Waveform::kMaxMagnitude),
                       "check unit, scale and encoding");
      }
      return Invalid("NOT_FINITE", field,
                     absl::StrCat(sample, " is ", std::isnan(samples[i]) ? "NaN" : "infinite"),
                     "send only measured values, and leave a record with gaps out");
    }
  }
  return Invalid("BAD_WAVEFORM", kPlace, std::string(refusal.message()), "");
}

std::vector<db::ChannelLayout> LayoutOf(const std::vector<SentChannel>& channels) {
  std::vector<db::ChannelLayout> layout;
  layout.reserve(channels.size());
  for (const SentChannel& channel : channels) {
    layout.push_back({channel.encoding, channel.sample_count()});
  }
  return layout;
}

// The samples of a record of one channel are not copied: they may be megabytes.
std::string TakeOctets(v1::Waveform& message, const std::vector<SentChannel>& channels) {
  if (channels.size() == 1 && message.channels(0).has_encoded()) {
    return std::move(*message.mutable_channels(0)->mutable_encoded()->mutable_octets());
  }
  std::string octets;
  size_t size = 0;
  for (const SentChannel& channel : channels) size += channel.octets.size();
  octets.reserve(size);
  for (const SentChannel& channel : channels) octets += channel.octets;
  return octets;
}

}  // namespace

absl::StatusOr<DecodedWaveform> WaveformDecoder::Decode(v1::Waveform& message,
                                                        const DirectoryEntry& entry,
                                                        int64_t now_us) {
  const absl::StatusOr<int64_t> measured_at_us =
      CheckMeasuredAt(message.has_measured_at() ? &message.measured_at() : nullptr, now_us, kPlace);
  if (!measured_at_us.ok()) return measured_at_us.status();
  const double rate_hz = message.sample_rate_hz();
  if (absl::Status status = CheckRate(rate_hz, entry); !status.ok()) return status;
  absl::StatusOr<CheckedConditions> conditions = CheckConditions(message.conditions(), kPlace);
  if (!conditions.ok()) return conditions.status();
  const absl::StatusOr<std::vector<SentChannel>> channels = ArrangeChannels(message, entry);
  if (!channels.ok()) return channels.status();
  if (absl::Status status = DecodeAll(*channels, samples_); !status.ok()) return status;

  std::vector<Waveform::Channel> descriptions;
  for (const SentChannel& channel : *channels) {
    descriptions.push_back({channel.id, channel.unit.quantity});
  }
  absl::StatusOr<Waveform> waveform =
      Waveform::Create(std::move(samples_), std::move(descriptions), rate_hz, conditions->running);
  if (!waveform.ok()) return BlameSample(*channels, waveform.status());

  DecodedWaveform decoded{.measured_at_us = *measured_at_us,
                          .waveform = *std::move(waveform),
                          .content_hash = HashOf(rate_hz, *conditions, *channels),
                          .other_conditions = {},
                          .raw = {.sample_rate_hz = rate_hz,
                                  .channels = DescribeChannels(*channels),
                                  .samples = {},
                                  .conditions = JsonOf(*conditions),
                                  .layout = LayoutOf(*channels)}};
  decoded.other_conditions = std::move(conditions->others);
  decoded.raw.samples = TakeOctets(message, *channels);
  return decoded;
}

void WaveformDecoder::Recycle(features::Waveform&& waveform) {
  samples_ = std::move(waveform).ReleaseSamples();
}

}  // namespace auscult::server
