#include "db/record_export.h"

#include <utility>

#include "db/counted_score.h"

namespace auscult::db {
namespace {

constexpr int kRecordsAtOnce = 200;

ExportRow RowAt(const Rows& rows, int row) {
  ExportRow record{.measured_at_us = rows.Int(row, 0), .features = {}, .health = {}};
  features::FeatureVector& features = record.features;
  features.set_id = static_cast<int16_t>(rows.Int(row, 1));
  features.quality = static_cast<features::QualityFlags>(rows.Int(row, 2));
  features.speed_rpm = static_cast<float>(rows.Real(row, 3));
  features.load_percent = static_cast<float>(rows.Real(row, 4));
  features.values = rows.FloatArray(row, 5);
  features.channel_count = 0;
  if (const features::FeatureSet* set = features::FindFeatureSet(features.set_id)) {
    features.channel_count = static_cast<int>(features.values.size() / set->features.size());
  }
  record.scored = !rows.IsNull(row, 6);
  if (!record.scored) return record;
  record.health.condition = static_cast<models::Condition>(rows.Int(row, 6));
  record.health.index = static_cast<float>(rows.Real(row, 7));
  record.health.severity = static_cast<float>(rows.Real(row, 8));
  record.health.zone = static_cast<features::Zone>(rows.Int(row, 9));
  record.health.verdict = static_cast<models::Fault>(rows.Int(row, 10));
  record.health.confidence = static_cast<float>(rows.Real(row, 11));
  return record;
}

}  // namespace

absl::StatusOr<std::vector<ExportRow>> RecordExport::Next(Connection& connection) {
  std::vector<ExportRow> records;
  if (period_.start_us >= period_.end_us) return records;
  const Param values[] = {Int(point_.first), Int(point_.second), TimeUs(period_.start_us),
                          TimeUs(period_.end_us), Int(kRecordsAtOnce)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(t.measured_at), t.feature_set, t.quality, t.speed_rpm, t.load_percent,"
      " t.features, s.condition, s.health, s.severity, s.zone, s.verdict, s.confidence"
      " FROM trend t LEFT JOIN LATERAL (SELECT * FROM score"
      "  WHERE score.asset_id = t.asset_id AND score.point_id = t.point_id"
      "  AND score.measured_at = t.measured_at"
      "  AND score.measured_at >= $3 AND score.measured_at < $4 AND " COUNTED_SCORE
      "  ORDER BY run DESC LIMIT 1) AS s ON true"
      " WHERE t.asset_id = $1 AND t.point_id = $2"
      " AND t.measured_at >= $3 AND t.measured_at < $4"
      " ORDER BY t.measured_at LIMIT $5",
      values);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->count(); ++row) records.push_back(RowAt(*rows, row));
  period_.start_us =
      rows->count() < kRecordsAtOnce ? period_.end_us : records.back().measured_at_us + 1;
  return records;
}

}  // namespace auscult::db
