#include "db/point_row.h"

#include "absl/strings/str_cat.h"

namespace auscult::db {
namespace {

int64_t IntOr(const Rows& rows, int row, int column, int64_t otherwise) {
  return rows.IsNull(row, column) ? otherwise : rows.Int(row, column);
}

void ReadHealth(const Rows& rows, int row, int column, models::Health& health) {
  health.condition = static_cast<models::Condition>(IntOr(rows, row, column, 0));
  health.index = static_cast<float>(rows.Real(row, column + 1));
  health.severity = static_cast<float>(rows.Real(row, column + 2));
  health.zone = static_cast<features::Zone>(IntOr(rows, row, column + 3, 0));
  health.verdict = static_cast<models::Fault>(
      IntOr(rows, row, column + 4, static_cast<int64_t>(models::Fault::kAbstain)));
  health.confidence =
      rows.IsNull(row, column + 5) ? 0 : static_cast<float>(rows.Real(row, column + 5));
}

absl::StatusOr<PointRow> RowAt(const Rows& rows, int row, DamagedState damaged) {
  PointRow point;
  point.asset_id = rows.Int(row, 0);
  point.point_id = rows.Int(row, 1);
  point.model_version = static_cast<int>(rows.Int(row, 2));
  if (!rows.IsNull(row, 3)) {
    absl::StatusOr<models::PointState> state = models::PointState::Parse(rows.Bytes(row, 3));
    if (!state.ok() && damaged == DamagedState::kRefuse) {
      return absl::Status(state.status().code(),
                          absl::StrCat("point ", point.point_id, " of asset ", point.asset_id, ": ",
                                       state.status().message()));
    }
    point.damaged = !state.ok();
    if (state.ok()) point.state = *std::move(state);
  }
  if (!rows.IsNull(row, 4)) point.last_measured_at_us = rows.Int(row, 4);
  point.record_count = rows.Int(row, 5);
  point.quality = static_cast<features::QualityFlags>(rows.Int(row, 6));
  point.since_us = IntOr(rows, row, 7, 0);
  point.state_since_us = IntOr(rows, row, 8, 0);
  point.learning_progress = static_cast<float>(rows.Real(row, 9));
  if (!rows.IsNull(row, 10)) point.detail = rows.Text(row, 10);
  ReadHealth(rows, row, 11, point.health);
  if (point.damaged && point.health.condition <= models::Condition::kAlarm) {
    point.state.condition = point.state.pending = point.health.condition;
  }
  point.sensor_run = static_cast<int>(rows.Int(row, 17));
  point.case_kinds = static_cast<unsigned>(rows.Int(row, 18));
  if (!rows.IsNull(row, 19)) point.learn_since_us = rows.Int(row, 19);
  if (!rows.IsNull(row, 20)) point.rolled_to_us = rows.Int(row, 20);
  if (!rows.IsNull(row, 21)) point.raw_kept_at_us = rows.Int(row, 21);
  return point;
}

// The columns of UPDATE, one array each, in the order of its unnest.
std::vector<Param> ValuesOf(const PointRow& point) {
  const models::Health& health = point.health;
  const auto time = [](int64_t us) { return us == 0 ? Null() : TimeUs(us); };
  return {Int(point.asset_id),
          Int(point.point_id),
          Int(point.model_version),
          Bytes(point.state.Serialize()),
          point.last_measured_at_us ? TimeUs(*point.last_measured_at_us) : Null(),
          Int(point.record_count),
          Int(static_cast<int64_t>(health.condition)),
          time(point.since_us),
          time(point.state_since_us),
          Real(health.index),
          Real(health.severity),
          Int(static_cast<int64_t>(health.zone)),
          Int(static_cast<int64_t>(health.verdict)),
          Real(health.confidence),
          Int(point.quality),
          Real(point.learning_progress),
          point.detail.empty() ? Null() : Text(point.detail),
          Int(point.sensor_run),
          Int(point.case_kinds),
          point.raw_kept_at_us ? TimeUs(*point.raw_kept_at_us) : Null()};
}

}  // namespace

absl::StatusOr<std::vector<PointRow>> LockPointRows(Connection& connection,
                                                    std::span<const PointKey> keys,
                                                    DamagedState damaged) {
  std::vector<Param> assets, points;
  for (const auto& [asset_id, point_id] : keys) {
    assets.push_back(Int(asset_id));
    points.push_back(Int(point_id));
  }
  const Param values[] = {Array(assets), Array(points)};
  // Rows are locked as they leave the sort, hence in key order.
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT s.asset_id, s.point_id, s.model_version, s.state, unix_us(s.last_measured_at),"
      " s.record_count, s.quality, unix_us(s.since), unix_us(s.state_since), s.learning_progress,"
      " s.detail, s.condition, s.health, s.severity, s.zone, s.verdict, s.confidence,"
      " s.sensor_run, s.case_kinds,"
      " unix_us(s.learn_since), unix_us(s.rolled_to), unix_us(s.raw_kept_at)"
      " FROM unnest($1::bigint[], $2::bigint[]) AS key (asset_id, point_id)"
      " JOIN point_state s USING (asset_id, point_id)"
      " ORDER BY s.asset_id, s.point_id FOR UPDATE OF s",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<PointRow> locked;
  for (int row = 0; row < rows->count(); ++row) {
    absl::StatusOr<PointRow> point = RowAt(*rows, row, damaged);
    if (!point.ok()) return point.status();
    locked.push_back(*std::move(point));
  }
  return locked;
}

absl::Status UpdatePointRows(Connection& connection, std::span<const PointRow> rows) {
  constexpr size_t kColumns = 20;
  std::vector<std::vector<Param>> columns(kColumns);
  for (const PointRow& point : rows) {
    if (!point.changed) continue;
    std::vector<Param> values = ValuesOf(point);
    for (size_t i = 0; i < kColumns; ++i) columns[i].push_back(std::move(values[i]));
  }
  if (columns[0].empty()) return absl::OkStatus();
  std::vector<Param> arrays;
  arrays.reserve(kColumns);
  for (const std::vector<Param>& column : columns) arrays.push_back(Array(column));
  return connection.Execute(
      "UPDATE point_state AS s SET model_version = n.model_version, state = n.state,"
      " last_measured_at = n.last_measured_at, record_count = n.record_count,"
      " condition = n.condition, since = n.since, state_since = n.state_since, health = n.health,"
      " severity = n.severity, zone = n.zone, verdict = n.verdict, confidence = n.confidence,"
      " quality = n.quality, learning_progress = n.learning_progress, detail = n.detail,"
      " sensor_run = n.sensor_run, case_kinds = n.case_kinds, raw_kept_at = n.raw_kept_at,"
      " received_at = now()"
      " FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bytea[], $5::timestamptz[],"
      "  $6::bigint[], $7::smallint[], $8::timestamptz[], $9::timestamptz[], $10::real[],"
      "  $11::real[], $12::smallint[], $13::smallint[], $14::real[], $15::int[], $16::real[],"
      "  $17::json[], $18::smallint[], $19::smallint[], $20::timestamptz[])"
      " AS n (asset_id, point_id, model_version, state, last_measured_at, record_count, condition,"
      "  since, state_since, health, severity, zone, verdict, confidence, quality,"
      "  learning_progress, detail, sensor_run, case_kinds, raw_kept_at)"
      " WHERE s.asset_id = n.asset_id AND s.point_id = n.point_id",
      arrays);
}

}  // namespace auscult::db
