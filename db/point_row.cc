#include "db/point_row.h"

#include <array>
#include <cassert>
#include <map>

#include "absl/strings/str_cat.h"

namespace auscult::db {
namespace {

int16_t Int16Or(const BinaryRows& rows, int row, int column, int16_t otherwise) {
  return rows.IsNull(row, column) ? otherwise : rows.Int16(row, column);
}

std::optional<int64_t> TimeAt(const BinaryRows& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  return rows.TimeUs(row, column);
}

void ReadHealth(const BinaryRows& rows, int row, int column, models::Health& health) {
  health.condition = static_cast<models::Condition>(Int16Or(rows, row, column, 0));
  health.index = rows.Float32(row, column + 1);
  health.severity = rows.Float32(row, column + 2);
  health.zone = static_cast<features::Zone>(Int16Or(rows, row, column + 3, 0));
  health.verdict = static_cast<models::Fault>(
      Int16Or(rows, row, column + 4, static_cast<int16_t>(models::Fault::kAbstain)));
  health.confidence = rows.IsNull(row, column + 5) ? 0 : rows.Float32(row, column + 5);
}

// Of SELECT in LockPointRows.
absl::StatusOr<PointRow> RowAt(const BinaryRows& rows, int row, DamagedState damaged) {
  PointRow point;
  point.asset_id = rows.Int64(row, 0);
  point.point_id = rows.Int64(row, 1);
  point.model_version = rows.Int32(row, 2);
  if (!rows.IsNull(row, 3)) {
    absl::StatusOr<models::PointState> state = models::PointState::Parse(rows.Text(row, 3));
    if (!state.ok() && damaged == DamagedState::kRefuse) {
      return absl::Status(state.status().code(),
                          absl::StrCat("point ", point.point_id, " of asset ", point.asset_id, ": ",
                                       state.status().message()));
    }
    point.damaged = !state.ok();
    if (state.ok()) point.state = *std::move(state);
  }
  point.last_measured_at_us = TimeAt(rows, row, 4);
  point.record_count = rows.Int64(row, 5);
  point.quality = static_cast<features::QualityFlags>(rows.Int32(row, 6));
  point.since_us = TimeAt(rows, row, 7).value_or(0);
  point.state_since_us = TimeAt(rows, row, 8).value_or(0);
  point.learning_progress = rows.Float32(row, 9);
  ReadHealth(rows, row, 10, point.health);
  if (point.damaged && point.health.condition <= models::Condition::kAlarm) {
    point.state.condition = point.state.pending = point.health.condition;
  }
  point.sensor_run = rows.Int16(row, 16);
  point.case_kinds = static_cast<unsigned>(rows.Int16(row, 17));
  point.learn_since_us = TimeAt(rows, row, 18);
  point.rolled_to_us = TimeAt(rows, row, 19);
  point.raw_kept_at_us = TimeAt(rows, row, 20);
  return point;
}

// asset_id and point_id.
template <typename Keys, typename KeyOf>
std::array<ArrayParam, 2> KeyArrays(const Keys& keys, const KeyOf& key_of) {
  std::array<ArrayParam, 2> arrays = {ArrayParam(ArrayParam::Of::kInt64),
                                      ArrayParam(ArrayParam::Of::kInt64)};
  for (const auto& key : keys) {
    const PointKey point = key_of(key);
    arrays[0].Int64(point.first);
    arrays[1].Int64(point.second);
  }
  return arrays;
}

// The columns of UPDATE, in the order of its unnest.
class Columns {
 public:
  void Add(const PointRow& point) {
    const models::Health& health = point.health;
    at_ = columns_.begin();
    (at_++)->Int64(point.asset_id);
    (at_++)->Int64(point.point_id);
    (at_++)->Int32(point.model_version);
    (at_++)->Bytes(point.state.Serialize());
    AddTime(point.last_measured_at_us);
    (at_++)->Int64(point.record_count);
    AddNumber(health.condition);
    AddTime(point.since_us == 0 ? std::nullopt : std::optional(point.since_us));
    AddTime(point.state_since_us == 0 ? std::nullopt : std::optional(point.state_since_us));
    for (const float value : {health.index, health.severity}) (at_++)->Float32OrNull(value);
    AddNumber(health.zone);
    AddNumber(health.verdict);
    (at_++)->Float32OrNull(health.confidence);
    (at_++)->Int32(static_cast<int32_t>(point.quality));
    (at_++)->Float32OrNull(point.learning_progress);
    if (point.detail.value_or("").empty()) {
      (at_++)->Null();
    } else {
      (at_++)->Text(*point.detail);
    }
    AddNumber(point.sensor_run);
    AddNumber(point.case_kinds);
    AddTime(point.raw_kept_at_us);
    assert(at_ == columns_.end());
    any_ = true;
  }
  bool any() const { return any_; }
  std::span<const ArrayParam> columns() const { return columns_; }

 private:
  template <typename Number>
  void AddNumber(Number value) {
    (at_++)->Int16(static_cast<int16_t>(value));
  }
  void AddTime(std::optional<int64_t> us) {
    if (us) {
      (at_++)->TimeUs(*us);
    } else {
      (at_++)->Null();
    }
  }

  using Of = ArrayParam::Of;
  std::array<ArrayParam, 20> columns_ = {
      ArrayParam(Of::kInt64),   ArrayParam(Of::kInt64),   ArrayParam(Of::kInt32),
      ArrayParam(Of::kBytes),   ArrayParam(Of::kTime),    ArrayParam(Of::kInt64),
      ArrayParam(Of::kInt16),   ArrayParam(Of::kTime),    ArrayParam(Of::kTime),
      ArrayParam(Of::kFloat32), ArrayParam(Of::kFloat32), ArrayParam(Of::kInt16),
      ArrayParam(Of::kInt16),   ArrayParam(Of::kFloat32), ArrayParam(Of::kInt32),
      ArrayParam(Of::kFloat32), ArrayParam(Of::kText),    ArrayParam(Of::kInt16),
      ArrayParam(Of::kInt16),   ArrayParam(Of::kTime)};
  std::array<ArrayParam, 20>::iterator at_ = columns_.begin();
  bool any_ = false;
};

}  // namespace

absl::StatusOr<std::vector<PointRow>> LockPointRows(Connection& connection,
                                                    std::span<const PointKey> keys,
                                                    DamagedState damaged) {
  // Rows are locked as they leave the sort, hence in key order.
  absl::StatusOr<BinaryRows> rows = connection.QueryArrays(
      "SELECT s.asset_id, s.point_id, s.model_version, s.state, s.last_measured_at,"
      " s.record_count, s.quality, s.since, s.state_since, s.learning_progress,"
      " s.condition, s.health, s.severity, s.zone, s.verdict, s.confidence,"
      " s.sensor_run, s.case_kinds, s.learn_since, s.rolled_to, s.raw_kept_at"
      " FROM unnest($1::bigint[], $2::bigint[]) AS key (asset_id, point_id)"
      " JOIN point_state s USING (asset_id, point_id)"
      " ORDER BY s.asset_id, s.point_id FOR UPDATE OF s",
      KeyArrays(keys, [](const PointKey& key) { return key; }));
  if (!rows.ok()) return rows.status();
  std::vector<PointRow> locked;
  locked.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    absl::StatusOr<PointRow> point = RowAt(*rows, row, damaged);
    if (!point.ok()) return point.status();
    locked.push_back(*std::move(point));
  }
  return locked;
}

absl::Status LoadDetails(Connection& connection, std::span<PointRow* const> rows) {
  if (rows.empty()) return absl::OkStatus();
  const auto key_of = [](const PointRow* row) { return PointKey(row->asset_id, row->point_id); };
  const absl::StatusOr<BinaryRows> details = connection.QueryArrays(
      "SELECT s.asset_id, s.point_id, s.detail"
      " FROM unnest($1::bigint[], $2::bigint[]) AS key (asset_id, point_id)"
      " JOIN point_state s USING (asset_id, point_id)",
      KeyArrays(rows, key_of));
  if (!details.ok()) return details.status();
  std::map<PointKey, std::string> found;
  for (int row = 0; row < details->count(); ++row) {
    if (details->IsNull(row, 2)) continue;
    found.emplace(PointKey(details->Int64(row, 0), details->Int64(row, 1)), details->Text(row, 2));
  }
  for (PointRow* row : rows) {
    if (!row->detail) row->detail = found[key_of(row)];
  }
  return absl::OkStatus();
}

absl::Status UpdatePointRows(Connection& connection, std::span<const PointRow> rows) {
  Columns columns;
  for (const PointRow& point : rows) {
    if (point.changed) columns.Add(point);
  }
  if (!columns.any()) return absl::OkStatus();
  return connection
      .QueryArrays(
          "UPDATE point_state AS s SET model_version = n.model_version, state = n.state,"
          " last_measured_at = n.last_measured_at, record_count = n.record_count,"
          " condition = n.condition, since = n.since, state_since = n.state_since,"
          " health = n.health, severity = n.severity, zone = n.zone, verdict = n.verdict,"
          " confidence = n.confidence, quality = n.quality,"
          " learning_progress = n.learning_progress, detail = coalesce(n.detail, s.detail),"
          " sensor_run = n.sensor_run, case_kinds = n.case_kinds, raw_kept_at = n.raw_kept_at,"
          " received_at = now()"
          " FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bytea[], $5::timestamptz[],"
          "  $6::bigint[], $7::smallint[], $8::timestamptz[], $9::timestamptz[], $10::real[],"
          "  $11::real[], $12::smallint[], $13::smallint[], $14::real[], $15::int[], $16::real[],"
          "  $17::text[], $18::smallint[], $19::smallint[], $20::timestamptz[])"
          " AS n (asset_id, point_id, model_version, state, last_measured_at, record_count,"
          "  condition, since, state_since, health, severity, zone, verdict, confidence, quality,"
          "  learning_progress, detail, sensor_run, case_kinds, raw_kept_at)"
          " WHERE s.asset_id = n.asset_id AND s.point_id = n.point_id",
          columns.columns())
      .status();
}

}  // namespace auscult::db
