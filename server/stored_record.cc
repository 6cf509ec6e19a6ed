#include "server/stored_record.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "db/record_query.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/fleet_health.h"
#include "server/names.h"
#include "server/store_errors.h"
#include "server/stored_waveform.h"
#include "server/time_check.h"

namespace auscult::server {

absl::Status WithoutSamples(CallScope& scope, const DirectoryEntry& point,
                            std::optional<int64_t> at_us, const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  const auto record = db::ReadRecord(scope.connection, {point.asset_id, point.point_id}, at_us);
  if (absl::IsNotFound(record.status())) return UnknownRecord(record.status(), point.name);
  return MakeError(
      absl::StatusCode::kNotFound,
      {.reason = "SAMPLES_NOT_KEPT",
       .message = at_us ? Concat("the samples of this record of ", point.name, " are not kept")
                        : Concat("no record of ", point.name, " has its samples"),
       .remedy = point.keep_raw_every < 0
                     ? "the point keeps none: set keep_raw_every of its raw policy to 0 or more"
                     : "ListWaveforms shows which records have theirs; keep_raw_every of the "
                       "point and raw_recent_s of the server decide, and KeepWaveform keeps one"});
}

absl::StatusOr<db::StoredWaveform> FindSamples(CallScope& scope, const DirectoryEntry& point,
                                               const google::protobuf::Timestamp* measured_at) {
  std::optional<int64_t> at_us;
  if (measured_at != nullptr) {
    const absl::StatusOr<int64_t> us = CheckTime(*measured_at, "measured_at");
    if (!us.ok()) return us.status();
    at_us = *us;
  }
  auto stored = db::ReadWaveform(scope.connection, {point.asset_id, point.point_id}, at_us);
  if (!stored.ok()) return WithoutSamples(scope, point, at_us, stored.status());
  return stored;
}

absl::StatusOr<features::Waveform> DecodeStored(db::StoredWaveform stored,
                                                const DirectoryEntry& point,
                                                WaveformDecoder& decoder) {
  DirectoryEntry entry = point;
  entry.sample_rate_hz = 0;
  entry.channels.clear();
  for (const db::StoredChannel& channel : stored.entry.channels) {
    const absl::StatusOr<features::Unit> unit = features::ParseUnit(channel.unit);
    if (!unit.ok()) return absl::DataLossError(std::string(unit.status().message()));
    entry.channels.push_back({channel.id, unit->quantity, *unit});
  }
  absl::StatusOr<v1::Waveform> message = WaveformMessage(std::move(stored), point.name);
  if (!message.ok()) return message.status();
  absl::StatusOr<DecodedWaveform> decoded = decoder.Decode(*message, entry, NowUs());
  if (!decoded.ok()) return decoded.status();
  return std::move(decoded->waveform);
}

absl::StatusOr<int> ChannelIndex(const features::Waveform& waveform, const std::string& id) {
  std::string known;
  for (int i = 0; i < waveform.channel_count(); ++i) {
    const features::Waveform::Channel& channel = waveform.channel(i);
    if (id.empty() ? channel.quantity != features::Quantity::kTachometer : channel.name == id) {
      return i;
    }
    known += (known.empty() ? "" : ", ") + Quoted(channel.name);
  }
  if (id.empty()) return 0;
  // A channel without a name can only be numbered.
  int number = 0;
  if (absl::SimpleAtoi(id, &number) && number >= 1 && number <= waveform.channel_count()) {
    return number - 1;
  }
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_CHANNEL",
                    .message = Concat("the record has no channel ", Quoted(id)),
                    .remedy = Concat("use one of ", known, ", or its number from 1"),
                    .field = "channel"});
}

}  // namespace auscult::server
