#include "db/record_query.h"

#include "absl/strings/str_cat.h"
#include "db/counted_score.h"
#include "features/quality.h"

namespace auscult::db {

absl::StatusOr<StoredFeatures> ReadRecord(Connection& connection, PointKey point,
                                          std::optional<int64_t> at_us, bool judged) {
  const features::QualityFlags refused =
      judged ? features::kUnscorable | Bit(features::QualityFlag::kStopped) : 0;
  const Param values[] = {Int(point.first), Int(point.second), at_us ? TimeUs(*at_us) : Null(),
                          Int(refused)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(measured_at), feature_set, features, quality, speed_rpm, load_percent"
      " FROM trend WHERE asset_id = $1 AND point_id = $2"
      " AND ($3::timestamptz IS NULL OR measured_at = $3::timestamptz)"
      " AND quality & $4::int = 0 ORDER BY measured_at DESC LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::NotFoundError("there is no such record");
  StoredFeatures record{
      .measured_at_us = rows->Int(0, 0),
      .features = {.set_id = static_cast<int16_t>(rows->Int(0, 1)),
                   .values = rows->FloatArray(0, 2),
                   .quality = static_cast<features::QualityFlags>(rows->Int(0, 3)),
                   .speed_rpm = static_cast<float>(rows->Real(0, 4)),
                   .load_percent = static_cast<float>(rows->Real(0, 5))}};
  const features::FeatureSet* const set = features::FindFeatureSet(record.features.set_id);
  const size_t size = set == nullptr ? 0 : set->features.size();
  if (size != 0)
    record.features.channel_count = static_cast<int>(record.features.values.size() / size);
  if (record.features.channel_count < 1 || !features::BringToNewestSet(record.features)) {
    return absl::DataLossError(absl::StrCat("the record of point ", point.second, " of asset ",
                                            point.first, " at ", *TimeUs(record.measured_at_us),
                                            " fits no feature set"));
  }
  return record;
}

absl::StatusOr<StoredScore> ReadScore(Connection& connection, PointKey point, int64_t at_us) {
  const Param values[] = {Int(point.first), Int(point.second), TimeUs(at_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT score.severity, coalesce(score.detail::text,"
      "  CASE WHEN s.last_measured_at = score.measured_at THEN s.detail::text END)"
      " FROM score JOIN point_state s USING (asset_id, point_id)"
      " WHERE score.asset_id = $1 AND score.point_id = $2 AND score.measured_at = $3"
      " AND " COUNTED_SCORE " ORDER BY run DESC LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  StoredScore score;
  if (rows->count() == 0) return score;
  score.severity = static_cast<float>(rows->Real(0, 0));
  if (!rows->IsNull(0, 1)) score.detail = rows->Text(0, 1);
  return score;
}

}  // namespace auscult::db
