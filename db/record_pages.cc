#include "db/record_pages.h"

namespace auscult::db {

absl::Status RecordPages::Ask(Connection& connection) {
  const Param values[] = {Int(asset_id_), Int(point_id_), TimeUs(rest_.start_us),
                          TimeUs(rest_.end_us), Int(page_records_)};
  absl::Status status = connection.Send(
      "SELECT measured_at, feature_set, quality, speed_rpm, load_percent, features FROM trend"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
      " ORDER BY measured_at LIMIT $5::int",
      values);
  asked_ = status.ok();
  return status;
}

absl::StatusOr<std::span<const MeasuredRecord>> RecordPages::Next(Connection& connection) {
  if (rest_.start_us >= rest_.end_us) return std::span<const MeasuredRecord>();
  if (!asked_) {
    if (absl::Status status = Ask(connection); !status.ok()) return status;
  }
  asked_ = false;
  const absl::StatusOr<BinaryRows> rows = connection.Receive();
  if (!rows.ok()) return rows.status();
  const int count = rows->count();
  page_.resize(static_cast<size_t>(count));
  rest_.start_us = count < page_records_ ? rest_.end_us : rows->TimeUs(count - 1, 0) + 1;
  if (rest_.start_us < rest_.end_us) {
    if (absl::Status status = Ask(connection); !status.ok()) return status;
  }
  for (int row = 0; row < count; ++row) {
    MeasuredRecord& record = page_[static_cast<size_t>(row)];
    features::FeatureVector& features = record.features;
    record.measured_at_us = rows->TimeUs(row, 0);
    features.set_id = record.stored_set_id = rows->Int16(row, 1);
    features.quality = static_cast<features::QualityFlags>(rows->Int32(row, 2));
    features.speed_rpm = rows->Float32(row, 3);
    features.load_percent = rows->Float32(row, 4);
    features.values.clear();
    const features::FeatureSet* const set = features::FindFeatureSet(features.set_id);
    if (set == nullptr) continue;
    rows->FloatArray(row, 5, features.values);
    features.channel_count = static_cast<int>(features.values.size() / set->features.size());
    features::BringToNewestSet(features);
  }
  return std::span<const MeasuredRecord>(page_);
}

absl::StatusOr<std::optional<int64_t>> StartOfLast(Connection& connection, int64_t asset_id,
                                                   int64_t point_id, int64_t end_us, int count) {
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(end_us), Int(count)};
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(min(measured_at)) FROM (SELECT measured_at FROM trend WHERE asset_id = $1"
      " AND point_id = $2 AND measured_at < $3 ORDER BY measured_at DESC LIMIT $4) AS last",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->IsNull(0, 0)) return std::nullopt;
  return rows->Int(0, 0);
}

}  // namespace auscult::db
