#include "db/baseline_store.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "features/quality.h"

namespace auscult::db {
namespace {

constexpr features::QualityFlags kNotLearntFrom = features::kUnscorable |
                                                  Bit(features::QualityFlag::kStopped) |
                                                  Bit(features::QualityFlag::kLate);

std::string NameOf(int64_t asset_id, int64_t point_id, int version) {
  return absl::StrCat("baseline ", version, " of point ", point_id, " of asset ", asset_id);
}

#define BASELINE_COLUMNS                                             \
  " version, feature_set, unix_us(learnt_from), unix_us(learnt_to)," \
  " unix_us(create_time), origin FROM baseline"

BaselineVersion VersionAt(const Rows& rows, int row) {
  return {.version = static_cast<int>(rows.Int(row, 0)),
          .set_id = static_cast<int16_t>(rows.Int(row, 1)),
          .learnt_from_us = rows.Int(row, 2),
          .learnt_to_us = rows.Int(row, 3),
          .create_time_us = rows.Int(row, 4),
          .origin = std::string(rows.Text(row, 5))};
}

}  // namespace

absl::StatusOr<models::LearningWindow> ReadLearningWindow(Connection& connection, PointKey point,
                                                          const LearningPeriod& period,
                                                          int16_t set_id, int channel_count) {
  const features::FeatureSet* const set = features::FindFeatureSet(set_id);
  assert(set != nullptr);
  std::vector<Param> sets, sizes;
  for (const features::FeatureSet& known : features::FeatureSets()) {
    if (known.signal != set->signal) continue;
    sets.push_back(Int(known.id));
    sizes.push_back(Int(static_cast<int64_t>(known.features.size()) * channel_count));
  }
  const features::QualityFlags refused =
      period.with_late ? kNotLearntFrom & ~Bit(features::QualityFlag::kLate) : kNotLearntFrom;
  const Param values[] = {
      Int(point.first), Int(point.second), TimeUs(period.until_us), Int(refused),
      Array(sets),      Array(sizes),      Int(period.limit),       TimeUs(period.after_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(measured_at), features, quality, speed_rpm, load_percent, feature_set"
      " FROM trend"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at <= $3 AND measured_at > $8"
      " AND quality & $4::int = 0 AND cardinality(features) ="
      "  ($6::int[])[array_position($5::smallint[], feature_set)]"
      " ORDER BY measured_at DESC LIMIT $7",
      values);
  if (!rows.ok()) return rows.status();
  models::LearningWindow window;
  for (int row = rows->count() - 1; row >= 0; --row) {
    window.measured_at_us.push_back(rows->Int(row, 0));
    window.records.push_back({.set_id = static_cast<int16_t>(rows->Int(row, 5)),
                              .channel_count = channel_count,
                              .values = rows->FloatArray(row, 1),
                              .quality = static_cast<features::QualityFlags>(rows->Int(row, 2)),
                              .speed_rpm = static_cast<float>(rows->Real(row, 3)),
                              .load_percent = static_cast<float>(rows->Real(row, 4))});
    features::BringToNewestSet(window.records.back());
  }
  return window;
}

absl::StatusOr<int> CountLearnable(Connection& connection, PointKey point, int64_t after_us,
                                   int limit) {
  const Param values[] = {Int(point.first), Int(point.second), TimeUs(after_us),
                          Int(kNotLearntFrom), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT count(*) FROM (SELECT FROM trend WHERE asset_id = $1 AND point_id = $2"
      " AND measured_at > $3 AND quality & $4::int = 0 LIMIT $5) AS learnable",
      values);
  if (!rows.ok()) return rows.status();
  return static_cast<int>(rows->Int(0, 0));
}

absl::StatusOr<int> InsertBaseline(Connection& connection, PointKey point,
                                   const models::Baseline& baseline,
                                   const models::LearningWindow& window, std::string_view origin) {
  assert(!window.records.empty());
  const Param values[] = {Int(point.first),
                          Int(point.second),
                          Int(baseline.set_id()),
                          Bytes(baseline.Serialize()),
                          TimeUs(window.measured_at_us.front()),
                          TimeUs(window.measured_at_us.back()),
                          origin.empty() ? Null() : Text(origin)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO baseline (site_id, asset_id, point_id, version, feature_set, model, learnt_from,"
      " learnt_to, origin)"
      " SELECT s.site_id, $1, $2, (SELECT coalesce(max(version), 0) + 1 FROM baseline"
      "  WHERE asset_id = $1 AND point_id = $2), $3, $4::bytea, $5::timestamptz, $6::timestamptz,"
      " coalesce($7::text, CASE WHEN s.learn_since IS NULL THEN 'first'"
      "  WHEN EXISTS (SELECT FROM maintenance m WHERE m.asset_id = $1"
      "   AND m.performed_at = s.learn_since AND NOT m.keep_baseline) THEN 'after maintenance'"
      "  ELSE 'asked for' END)"
      " FROM point_state s WHERE s.asset_id = $1 AND s.point_id = $2 RETURNING version",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) {
    return absl::NotFoundError(
        absl::StrCat("point ", point.second, " of asset ", point.first, " does not exist"));
  }
  return static_cast<int>(rows->Int(0, 0));
}

absl::StatusOr<models::Baseline> LoadBaseline(Connection& connection, int64_t asset_id,
                                              int64_t point_id, int version) {
  const Param values[] = {Int(asset_id), Int(point_id), Int(version)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT model FROM baseline WHERE asset_id = $1 AND point_id = $2 AND version = $3", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) {
    return absl::NotFoundError(NameOf(asset_id, point_id, version) + " does not exist");
  }
  absl::StatusOr<models::Baseline> baseline = models::Baseline::Parse(rows->Bytes(0, 0));
  if (baseline.ok()) return baseline;
  return absl::Status(baseline.status().code(), absl::StrCat(NameOf(asset_id, point_id, version),
                                                             ": ", baseline.status().message()));
}

absl::StatusOr<int> ActiveVersion(Connection& connection, PointKey point) {
  const Param values[] = {Int(point.first), Int(point.second)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT model_version FROM point_state WHERE asset_id = $1 AND point_id = $2", values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 0 ? 0 : static_cast<int>(rows->Int(0, 0));
}

absl::StatusOr<std::vector<BaselineVersion>> ListBaselines(Connection& connection, PointKey point,
                                                           int before_version, int limit) {
  const Param values[] = {Int(point.first), Int(point.second), Int(before_version), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" BASELINE_COLUMNS
      " WHERE asset_id = $1 AND point_id = $2 AND ($3::int = 0 OR version < $3::int)"
      " ORDER BY version DESC LIMIT $4",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<BaselineVersion> versions;
  for (int row = 0; row < rows->count(); ++row) versions.push_back(VersionAt(*rows, row));
  return versions;
}

absl::StatusOr<BaselineVersion> GetBaseline(Connection& connection, PointKey point, int version) {
  const Param values[] = {Int(point.first), Int(point.second), Int(version)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" BASELINE_COLUMNS " WHERE asset_id = $1 AND point_id = $2 AND version = $3", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) {
    return absl::NotFoundError(NameOf(point.first, point.second, version) + " does not exist");
  }
  return VersionAt(*rows, 0);
}

}  // namespace auscult::db
