#include "server/stored_waveform.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

v1::SampleEncoding EncodingOf(features::Encoding encoding) {
  switch (encoding) {
    case features::Encoding::kFloat32Le:
      return v1::SAMPLE_ENCODING_FLOAT32_LE;
    case features::Encoding::kInt16Le:
      return v1::SAMPLE_ENCODING_INT16_LE;
    case features::Encoding::kInt32Le:
      return v1::SAMPLE_ENCODING_INT32_LE;
  }
  return v1::SAMPLE_ENCODING_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<v1::Waveform> WaveformMessage(db::StoredWaveform stored, const std::string& point) {
  v1::Waveform message;
  message.set_point(point);
  *message.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(stored.entry.measured_at_us);
  message.set_sample_rate_hz(stored.entry.sample_rate_hz);
  const auto read =
      google::protobuf::util::JsonStringToMessage(stored.conditions, message.mutable_conditions());
  if (!read.ok()) {
    return absl::DataLossError(
        absl::StrCat("the stored conditions of the record of ", point, " cannot be read"));
  }
  const bool single = stored.entry.channels.size() == 1;
  size_t at = 0;
  for (const db::StoredChannel& channel : stored.entry.channels) {
    v1::ChannelSamples& samples = *message.add_channels();
    samples.set_id(channel.id);
    samples.set_unit(channel.unit);
    v1::EncodedSamples& encoded = *samples.mutable_encoded();
    encoded.set_encoding(EncodingOf(channel.layout.encoding));
    encoded.set_scale(channel.scale);
    encoded.set_offset(channel.offset);
    const size_t size = channel.layout.bytes();
    encoded.set_octets(single ? std::move(stored.samples) : stored.samples.substr(at, size));
    at += size;
  }
  return message;
}

v1::StoredWaveform StoredWaveformMessage(const db::WaveformEntry& entry) {
  v1::StoredWaveform message;
  *message.mutable_measured_at() = TimeUtil::MicrosecondsToTimestamp(entry.measured_at_us);
  message.set_kept_for(static_cast<v1::KeptFor>(entry.kept_for));
  message.set_sample_rate_hz(entry.sample_rate_hz);
  message.set_sample_count(static_cast<int32_t>(entry.sample_count()));
  for (const db::StoredChannel& channel : entry.channels) message.add_channels(channel.id);
  message.set_size_bytes(entry.size_bytes());
  message.set_stored_bytes(entry.stored_bytes);
  return message;
}

}  // namespace auscult::server
