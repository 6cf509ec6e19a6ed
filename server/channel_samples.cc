#include "server/channel_samples.h"

#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "features/waveform.h"
#include "nlohmann/json.hpp"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using features::Encoding;
using features::EncodingName;
using features::SampleBytes;
using features::Waveform;

static_assert(std::endian::native == std::endian::little,
              "packed floats are taken as octets as they lie in memory");

std::string FieldOf(int position) { return absl::StrCat("waveform.channels[", position, "]"); }

absl::Status Invalid(std::string_view reason, std::string field, std::string message,
                     std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, {.reason = reason,
                                                        .message = std::move(message),
                                                        .remedy = std::move(remedy),
                                                        .field = std::move(field)});
}

// "H, V", or "one channel without a name".
std::string ChannelList(const DirectoryEntry& entry) {
  if (entry.channels.size() == 1 && entry.channels[0].id.empty()) return "one without a name";
  std::string list;
  for (const DirectoryEntry::Channel& channel : entry.channels) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", channel.id);
  }
  return list;
}

absl::Status ChannelMismatch(const DirectoryEntry& entry, std::string field, std::string message) {
  return Invalid("CHANNEL_MISMATCH", std::move(field), std::move(message),
                 absl::StrCat("send the channels of the point ", entry.name, ": ",
                              ChannelList(entry), "; all of one length"));
}

// Which channel of the point the channel at `position` of the message is.
absl::StatusOr<int> IndexOf(const v1::Waveform& message, int position,
                            const DirectoryEntry& entry) {
  const std::string& id = message.channels(position).id();
  if (id.empty()) return position;
  for (size_t i = 0; i < entry.channels.size(); ++i) {
    if (entry.channels[i].id == id) return static_cast<int>(i);
  }
  return ChannelMismatch(entry, FieldOf(position) + ".id",
                         absl::StrCat("the point has no channel ", Quoted(id)));
}

absl::StatusOr<features::Unit> UnitOf(const v1::ChannelSamples& sent, int position,
                                      const DirectoryEntry::Channel& channel) {
  if (sent.unit().empty()) return channel.unit;
  const absl::StatusOr<features::Unit> unit = features::ParseUnit(sent.unit());
  if (!unit.ok()) {
    return Invalid("UNKNOWN_UNIT", FieldOf(position) + ".unit",
                   absl::StrCat("unit ", Quoted(sent.unit()), " is not known"),
                   "use a unit of the channel's quantity such as g, m/s2, mm/s, um, A or V");
  }
  if (unit->quantity != channel.quantity) {
    return Invalid("UNIT_MISMATCH", FieldOf(position) + ".unit",
                   absl::StrFormat("unit %s is one of %s, but the channel measures %s",
                                   Quoted(sent.unit()), features::QuantityName(unit->quantity),
                                   features::QuantityName(channel.quantity)),
                   absl::StrFormat("send the channel in a unit of %s such as %s, or correct the "
                                   "channel of the point",
                                   features::QuantityName(channel.quantity),
                                   features::SiUnit(channel.quantity)));
  }
  return *unit;
}

std::optional<Encoding> EncodingOf(v1::SampleEncoding encoding) {
  switch (encoding) {
    case v1::SAMPLE_ENCODING_FLOAT32_LE:
      return Encoding::kFloat32Le;
    case v1::SAMPLE_ENCODING_INT16_LE:
      return Encoding::kInt16Le;
    case v1::SAMPLE_ENCODING_INT32_LE:
      return Encoding::kInt32Le;
    default:
      return std::nullopt;
  }
}

absl::Status TakeEncoded(const v1::EncodedSamples& encoded, const std::string& field,
                         SentChannel& channel) {
  const std::optional<Encoding> encoding = EncodingOf(encoded.encoding());
  if (!encoding) {
    return Invalid("BAD_ENCODING", field + ".encoding",
                   absl::StrCat("encoding ", static_cast<int>(encoded.encoding()), " is not known"),
                   "use SAMPLE_ENCODING_FLOAT32_LE, INT16_LE or INT32_LE");
  }
  if (encoded.octets().size() % SampleBytes(*encoding) != 0) {
    return Invalid("BAD_ENCODING", field + ".octets",
                   absl::StrCat(encoded.octets().size(), " bytes are no multiple of the ",
                                SampleBytes(*encoding), " bytes of one sample"),
                   "check the encoding and that the record is complete");
  }
  if (!std::isfinite(encoded.scale()) || !std::isfinite(encoded.offset())) {
    return Invalid(
        "BAD_SCALE", field + ".scale",
        absl::StrFormat("scale is %g and offset is %g", encoded.scale(), encoded.offset()),
        "send finite numbers, value = raw * scale + offset; scale 0 means 1");
  }
  channel.encoding = *encoding;
  channel.calibration.scale = encoded.scale() == 0 ? 1.0 : encoded.scale();
  channel.calibration.offset = encoded.offset();
  channel.octets = encoded.octets();
  return absl::OkStatus();
}

absl::StatusOr<SentChannel> TakeChannel(const v1::Waveform& message, int position,
                                        const DirectoryEntry::Channel& definition) {
  const v1::ChannelSamples& sent = message.channels(position);
  const absl::StatusOr<features::Unit> unit = UnitOf(sent, position, definition);
  if (!unit.ok()) return unit.status();
  SentChannel channel;
  channel.position = position;
  channel.id = definition.id;
  channel.unit = *unit;
  if (sent.has_encoded()) {
    if (absl::Status status = TakeEncoded(sent.encoded(), FieldOf(position) + ".encoded", channel);
        !status.ok()) {
      return status;
    }
  } else {
    channel.octets = {reinterpret_cast<const char*>(sent.floats().values().data()),
                      sizeof(float) * static_cast<size_t>(sent.floats().values_size())};
  }
  return channel;
}

absl::Status CheckLength(size_t count, int position) {
  if (count >= Waveform::kMinSamples && count <= Waveform::kMaxSamples) return absl::OkStatus();
  const std::string_view reason = count == 0                      ? "NO_SAMPLES"
                                  : count < Waveform::kMinSamples ? "TOO_FEW_SAMPLES"
                                                                  : "TOO_MANY_SAMPLES";
  return Invalid(reason, FieldOf(position),
                 absl::StrCat("channel ", position, " has ", count, " samples"),
                 absl::StrCat("send ", Waveform::kMinSamples, " to ", Waveform::kMaxSamples,
                              " for each channel"));
}

}  // namespace

size_t SentChannel::sample_count() const { return octets.size() / SampleBytes(encoding); }

absl::StatusOr<std::vector<SentChannel>> ArrangeChannels(const v1::Waveform& message,
                                                         const DirectoryEntry& entry) {
  if (message.channels().empty()) {
    return Invalid("NO_SAMPLES", "waveform.channels", "the record has no channels",
                   absl::StrCat("send the channels of the point: ", ChannelList(entry)));
  }
  if (static_cast<size_t>(message.channels_size()) != entry.channels.size()) {
    return ChannelMismatch(entry, "waveform.channels",
                           absl::StrCat("the record has ", message.channels_size(),
                                        " channels, the point ", entry.channels.size()));
  }
  std::vector<SentChannel> channels(entry.channels.size());
  std::vector<bool> taken(entry.channels.size());
  for (int position = 0; position < message.channels_size(); ++position) {
    const absl::StatusOr<int> index = IndexOf(message, position, entry);
    if (!index.ok()) return index.status();
    if (taken[*index]) {
      return ChannelMismatch(
          entry, FieldOf(position),
          absl::StrCat("channel ", Quoted(entry.channels[*index].id), " was sent twice"));
    }
    taken[*index] = true;
    absl::StatusOr<SentChannel> channel = TakeChannel(message, position, entry.channels[*index]);
    if (!channel.ok()) return channel.status();
    if (absl::Status status = CheckLength(channel->sample_count(), position); !status.ok()) {
      return status;
    }
    channels[*index] = *std::move(channel);
  }
  for (const SentChannel& channel : channels) {
    if (channel.sample_count() == channels[0].sample_count()) continue;
    return ChannelMismatch(entry, FieldOf(channel.position),
                           absl::StrCat("channel ", Quoted(channel.id), " has ",
                                        channel.sample_count(), " samples, channel ",
                                        Quoted(channels[0].id), " ", channels[0].sample_count()));
  }
  return channels;
}

std::string DescribeChannels(const std::vector<SentChannel>& channels) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const SentChannel& channel : channels) {
    list.push_back({{"id", channel.id},
                    {"unit", std::string(channel.unit.symbol)},
                    {"encoding", std::string(EncodingName(channel.encoding))},
                    {"scale", channel.calibration.scale},
                    {"offset", channel.calibration.offset},
                    {"samples", channel.sample_count()}});
  }
  return list.dump();
}

}  // namespace auscult::server
