#include "db/waveform_store.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "absl/strings/str_cat.h"
#include "features/decode.h"
#include "features/quality.h"
#include "features/waveform.h"
#include "nlohmann/json.hpp"

// What a WaveformEntry is made of, in the order of EntryOf.
#define ENTRY_COLUMNS                                                              \
  "unix_us(w.measured_at), w.kept_for::bigint, w.sample_rate_hz, w.channels::text" \
  ", octet_length(w.samples)::bigint"
// Also the rest. Of records that came before their conditions were kept: what the trend still says.
#define WAVEFORM_COLUMNS                                                                      \
  ENTRY_COLUMNS                                                                               \
  ", w.content_hash, w.codec::bigint, w.samples, coalesce(w.conditions::text,"                \
  "  jsonb_strip_nulls(jsonb_build_object("                                                   \
  "   'speed_rpm', CASE WHEN t.quality & $5::int = 0 THEN t.speed_rpm END,"                   \
  "   'load_percent', t.load_percent, 'others', t.conditions))::text)"                        \
  " FROM waveform w LEFT JOIN trend t ON t.asset_id = w.asset_id AND t.point_id = w.point_id" \
  "  AND t.measured_at = w.measured_at AND t.measured_at BETWEEN $3 AND $4"

namespace auscult::db {
namespace {

constexpr int kListedAtOnce = 500;
constexpr int64_t kReadAtOnceBytes = 4 << 20;
constexpr size_t kReadAtOnce = 64;

absl::StatusOr<std::vector<StoredChannel>> ChannelsOf(std::string_view json) {
  const auto list = nlohmann::json::parse(json, nullptr, false);
  std::vector<StoredChannel> channels;
  const auto damaged = [] {
    return absl::DataLossError("the description of the stored samples is damaged");
  };
  if (!list.is_array()) return damaged();
  for (const auto& item : list) {
    StoredChannel channel;
    std::string encoding;
    try {
      channel.id = item.at("id").get<std::string>();
      channel.unit = item.at("unit").get<std::string>();
      channel.scale = item.at("scale").get<double>();
      channel.offset = item.at("offset").get<double>();
      channel.layout.samples = item.at("samples").get<size_t>();
      encoding = item.at("encoding").get<std::string>();
    } catch (const nlohmann::json::exception&) {
      return damaged();
    }
    const std::optional<features::Encoding> known = features::EncodingNamed(encoding);
    if (!known || channel.layout.samples > features::Waveform::kMaxSamples) return damaged();
    channel.layout.encoding = *known;
    channels.push_back(std::move(channel));
  }
  return channels;
}

absl::Status OfRecord(const absl::Status& status, PointKey point, int64_t at_us) {
  return absl::Status(status.code(),
                      absl::StrCat("record of point ", point.second, " of asset ", point.first,
                                   " at ", *TimeUs(at_us), ": ", std::string(status.message())));
}

absl::StatusOr<WaveformEntry> EntryOf(const BinaryRows& rows, int row) {
  absl::StatusOr<std::vector<StoredChannel>> channels = ChannelsOf(rows.Text(row, 3));
  if (!channels.ok()) return channels.status();
  return WaveformEntry{.measured_at_us = rows.Int64(row, 0),
                       .kept_for = static_cast<KeptFor>(rows.Int64(row, 1)),
                       .sample_rate_hz = rows.Float64(row, 2),
                       .channels = *std::move(channels),
                       .stored_bytes = rows.Int64(row, 4)};
}

absl::StatusOr<StoredWaveform> WaveformOf(const BinaryRows& rows, int row) {
  absl::StatusOr<WaveformEntry> entry = EntryOf(rows, row);
  if (!entry.ok()) return entry.status();
  StoredWaveform waveform{.entry = *std::move(entry),
                          .content_hash = std::string(rows.Text(row, 5)),
                          .conditions = std::string(rows.Text(row, 8)),
                          .samples = {}};
  const std::string_view stored = rows.Text(row, 7);
  switch (static_cast<SampleCodec>(rows.Int64(row, 6))) {
    case SampleCodec::kAsSent:
      waveform.samples = stored;
      if (static_cast<int64_t>(stored.size()) != waveform.entry.size_bytes()) {
        return absl::DataLossError("the stored samples are not as many as they should be");
      }
      return waveform;
    case SampleCodec::kPacked: {
      std::vector<ChannelLayout> layout;
      for (const StoredChannel& channel : waveform.entry.channels) {
        layout.push_back(channel.layout);
      }
      absl::StatusOr<std::string> samples = UnpackSamples(layout, stored);
      if (!samples.ok()) return samples.status();
      waveform.samples = *std::move(samples);
      return waveform;
    }
  }
  return absl::DataLossError("the samples are stored in a way that this release does not know");
}

Param TimeArray(std::span<const int64_t> times_us) {
  std::vector<Param> times;
  for (const int64_t time_us : times_us) times.push_back(TimeUs(time_us));
  return Array(times);
}

// Those with samples of some instants, ascending and at least one, in time order.
absl::StatusOr<std::vector<WaveformHistory::Item>> ReadAt(Connection& connection, PointKey point,
                                                          std::span<const int64_t> times_us) {
  const Param values[] = {Int(point.first),
                          Int(point.second),
                          TimeUs(times_us.front()),
                          TimeUs(times_us.back()),
                          Int(Bit(features::QualityFlag::kSpeedEstimated)),
                          TimeArray(times_us)};
  absl::StatusOr<BinaryRows> rows = connection.QueryBinary(
      "SELECT " WAVEFORM_COLUMNS
      " WHERE w.asset_id = $1 AND w.point_id = $2 AND w.measured_at BETWEEN $3 AND $4"
      " AND w.measured_at = ANY ($6::timestamptz[]) ORDER BY w.measured_at",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<WaveformHistory::Item> items;
  items.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    absl::StatusOr<StoredWaveform> waveform = WaveformOf(*rows, row);
    const int64_t at_us = rows->Int64(row, 0);
    if (!waveform.ok()) waveform = OfRecord(waveform.status(), point, at_us);
    items.push_back({at_us, std::move(waveform)});
  }
  return items;
}

absl::StatusOr<std::vector<WaveformEntry>> EntriesOf(const absl::StatusOr<BinaryRows>& rows,
                                                     PointKey point) {
  if (!rows.ok()) return rows.status();
  std::vector<WaveformEntry> entries;
  for (int row = 0; row < rows->count(); ++row) {
    absl::StatusOr<WaveformEntry> entry = EntryOf(*rows, row);
    if (!entry.ok()) return OfRecord(entry.status(), point, rows->Int64(row, 0));
    entries.push_back(*std::move(entry));
  }
  return entries;
}

absl::Status NoSamples() { return absl::NotFoundError("there are no such samples"); }

}  // namespace

int64_t WaveformEntry::sample_count() const {
  return channels.empty() ? 0 : static_cast<int64_t>(channels[0].layout.samples);
}

int64_t WaveformEntry::size_bytes() const {
  size_t bytes = 0;
  for (const StoredChannel& channel : channels) bytes += channel.layout.bytes();
  return static_cast<int64_t>(bytes);
}

absl::StatusOr<StoredWaveform> ReadWaveform(Connection& connection, PointKey point,
                                            std::optional<int64_t> at_us) {
  if (!at_us) {
    const Param values[] = {Int(point.first), Int(point.second)};
    absl::StatusOr<Rows> newest = connection.Query(
        "SELECT unix_us(measured_at) FROM waveform WHERE asset_id = $1 AND point_id = $2"
        " ORDER BY measured_at DESC LIMIT 1",
        values);
    if (!newest.ok()) return newest.status();
    if (newest->count() == 0) return NoSamples();
    at_us = newest->Int(0, 0);
  }
  auto items = ReadAt(connection, point, std::span(&*at_us, 1));
  if (!items.ok()) return items.status();
  if (items->empty()) return NoSamples();
  return std::move(items->front().waveform);
}

absl::StatusOr<std::vector<WaveformEntry>> ListWaveforms(Connection& connection, PointKey point,
                                                         Period period, int limit) {
  const Param values[] = {Int(point.first), Int(point.second), TimeUs(period.start_us),
                          TimeUs(period.end_us), Int(limit)};
  return EntriesOf(connection.QueryBinary("SELECT " ENTRY_COLUMNS " FROM waveform w"
                                          " WHERE asset_id = $1 AND point_id = $2"
                                          " AND measured_at >= $3 AND measured_at < $4"
                                          " ORDER BY measured_at DESC LIMIT $5",
                                          values),
                   point);
}

absl::StatusOr<std::vector<int64_t>> ListWaveformTimes(Connection& connection, PointKey point,
                                                       Period period) {
  const Param values[] = {Int(point.first), Int(point.second), TimeUs(period.start_us),
                          TimeUs(period.end_us)};
  absl::StatusOr<BinaryRows> rows = connection.QueryBinary(
      "SELECT unix_us(measured_at) FROM waveform WHERE asset_id = $1 AND point_id = $2"
      " AND measured_at >= $3 AND measured_at < $4 ORDER BY measured_at",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> times_us;
  times_us.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) times_us.push_back(rows->Int64(row, 0));
  return times_us;
}

absl::StatusOr<WaveformEntry> KeepWaveform(Connection& connection, PointKey point, int64_t at_us) {
  const Param values[] = {Int(point.first), Int(point.second), TimeUs(at_us),
                          Int(static_cast<int>(KeptFor::kRequest))};
  auto entries = EntriesOf(
      connection.QueryBinary("UPDATE waveform w SET kept_for = $4::smallint WHERE asset_id = $1"
                             " AND point_id = $2 AND measured_at = $3 RETURNING " ENTRY_COLUMNS,
                             values),
      point);
  if (!entries.ok()) return entries.status();
  if (entries->empty()) return NoSamples();
  return std::move(entries->front());
}

void WaveformHistory::List(const BinaryRows& rows) {
  for (int row = 0; row < rows.count(); ++row) {
    listed_.push_back({rows.Int64(row, 0), rows.Int64(row, 1)});
  }
}

absl::Status WaveformHistory::ListMore(Connection& connection) {
  const Param values[] = {Int(point_.first), Int(point_.second), TimeUs(period_.start_us),
                          TimeUs(period_.end_us), Int(kListedAtOnce)};
  absl::StatusOr<BinaryRows> rows = connection.QueryBinary(
      "SELECT unix_us(measured_at), octet_length(samples)::bigint FROM waveform"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
      " ORDER BY measured_at LIMIT $5",
      values);
  if (!rows.ok()) return rows.status();
  List(*rows);
  period_.start_us =
      rows->count() < kListedAtOnce ? period_.end_us : listed_.back().measured_at_us + 1;
  return absl::OkStatus();
}

absl::Status WaveformHistory::ListMoreChosen(Connection& connection) {
  const auto next = std::span(chosen_).subspan(next_chosen_);
  const auto times_us = next.first(std::min<size_t>(next.size(), kListedAtOnce));
  next_chosen_ += times_us.size();
  const Param values[] = {Int(point_.first), Int(point_.second), TimeUs(times_us.front()),
                          TimeUs(times_us.back()), TimeArray(times_us)};
  absl::StatusOr<BinaryRows> rows = connection.QueryBinary(
      "SELECT unix_us(measured_at), octet_length(samples)::bigint FROM waveform"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at BETWEEN $3 AND $4"
      " AND measured_at = ANY ($5::timestamptz[]) ORDER BY measured_at",
      values);
  if (!rows.ok()) return rows.status();
  List(*rows);
  return absl::OkStatus();
}

absl::Status WaveformHistory::ReadMore(Connection& connection) {
  int64_t bytes = 0;
  std::vector<int64_t> times_us;
  while (!listed_.empty() && times_us.size() < kReadAtOnce &&
         (times_us.empty() || bytes + listed_.front().bytes <= kReadAtOnceBytes)) {
    bytes += listed_.front().bytes;
    times_us.push_back(listed_.front().measured_at_us);
    listed_.pop_front();
  }
  auto items = ReadAt(connection, point_, times_us);
  if (!items.ok()) return items.status();
  std::move(items->begin(), items->end(), std::back_inserter(read_));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<WaveformHistory::Item>> WaveformHistory::Next(Connection& connection) {
  while (read_.empty()) {
    absl::Status status;
    if (!listed_.empty()) {
      status = ReadMore(connection);
    } else if (next_chosen_ < chosen_.size()) {
      status = ListMoreChosen(connection);
    } else if (period_.start_us < period_.end_us) {
      status = ListMore(connection);
    } else {
      return std::nullopt;
    }
    if (!status.ok()) return status;
  }
  Item item = std::move(read_.front());
  read_.pop_front();
  return item;
}

}  // namespace auscult::db
