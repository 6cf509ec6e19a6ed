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

}  // namespace

absl::StatusOr<models::LearningWindow> ReadLearningWindow(Connection& connection, int64_t asset_id,
                                                          int64_t point_id, int64_t until_us,
                                                          int limit,
                                                          const features::FeatureVector& like) {
  const features::FeatureSet* const set = features::FindFeatureSet(like.set_id);
  assert(set != nullptr);
  std::vector<Param> sets, sizes;
  for (const features::FeatureSet& known : features::FeatureSets()) {
    if (known.signal != set->signal) continue;
    sets.push_back(Int(known.id));
    sizes.push_back(Int(static_cast<int64_t>(known.features.size()) * like.channel_count));
  }
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(until_us), Int(kNotLearntFrom),
                          Array(sets),   Array(sizes),  Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(measured_at), features, quality, speed_rpm, load_percent, feature_set"
      " FROM trend"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at <= $3 AND quality & $4::int = 0"
      " AND cardinality(features) ="
      "  ($6::int[])[array_position($5::smallint[], feature_set)]"
      " ORDER BY measured_at DESC LIMIT $7",
      values);
  if (!rows.ok()) return rows.status();
  models::LearningWindow window;
  for (int row = rows->count() - 1; row >= 0; --row) {
    window.measured_at_us.push_back(rows->Int(row, 0));
    window.records.push_back({.set_id = static_cast<int16_t>(rows->Int(row, 5)),
                              .channel_count = like.channel_count,
                              .values = rows->FloatArray(row, 1),
                              .quality = static_cast<features::QualityFlags>(rows->Int(row, 2)),
                              .speed_rpm = static_cast<float>(rows->Real(row, 3)),
                              .load_percent = static_cast<float>(rows->Real(row, 4))});
    features::BringToNewestSet(window.records.back());
  }
  return window;
}

absl::StatusOr<int> InsertBaseline(Connection& connection, int64_t site_id, int64_t asset_id,
                                   int64_t point_id, const models::Baseline& baseline,
                                   const models::LearningWindow& window) {
  assert(!window.records.empty());
  const Param values[] = {Int(site_id),
                          Int(asset_id),
                          Int(point_id),
                          Int(baseline.set_id()),
                          Bytes(baseline.Serialize()),
                          TimeUs(window.measured_at_us.front()),
                          TimeUs(window.measured_at_us.back())};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO baseline (site_id, asset_id, point_id, version, feature_set, model, learnt_from,"
      " learnt_to)"
      " SELECT $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5::bytea, $6::timestamptz,"
      " $7::timestamptz FROM baseline WHERE asset_id = $2 AND point_id = $3 RETURNING version",
      values);
  if (!rows.ok()) return rows.status();
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

}  // namespace auscult::db
