#include "db/point_history.h"

#include <utility>

namespace auscult::db {
namespace {

constexpr int kRecordsAtOnce = 500;

}  // namespace

absl::StatusOr<std::vector<MeasuredRecord>> PointHistory::Next(Connection& connection) {
  std::vector<MeasuredRecord> records;
  while (records.empty() && period_.start_us < period_.end_us) {
    const Param values[] = {Int(asset_id_), Int(point_id_), TimeUs(period_.start_us),
                            TimeUs(period_.end_us), Int(kRecordsAtOnce)};
    absl::StatusOr<Rows> rows = connection.Query(
        "SELECT unix_us(measured_at), feature_set, quality, speed_rpm, load_percent, features"
        " FROM trend"
        " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
        " ORDER BY measured_at LIMIT $5",
        values);
    if (!rows.ok()) return rows.status();
    period_.start_us =
        rows->count() < kRecordsAtOnce ? period_.end_us : rows->Int(rows->count() - 1, 0) + 1;
    for (int row = 0; row < rows->count(); ++row) {
      MeasuredRecord record;
      record.measured_at_us = rows->Int(row, 0);
      record.features.set_id = static_cast<int16_t>(rows->Int(row, 1));
      const features::FeatureSet* const set = features::FindFeatureSet(record.features.set_id);
      if (set == nullptr) continue;
      record.features.values = rows->FloatArray(row, 5);
      record.features.channel_count =
          static_cast<int>(record.features.values.size() / set->features.size());
      record.features.quality = static_cast<features::QualityFlags>(rows->Int(row, 2));
      record.features.speed_rpm = static_cast<float>(rows->Real(row, 3));
      record.features.load_percent = static_cast<float>(rows->Real(row, 4));
      record.stored_set_id = record.features.set_id;
      features::BringToNewestSet(record.features);
      records.push_back(std::move(record));
    }
  }
  return records;
}

}  // namespace auscult::db
