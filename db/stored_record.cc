#include "db/stored_record.h"

#include <algorithm>
#include <vector>

namespace auscult::db {

absl::StatusOr<std::map<RecordKey, StoredRecord>> FindStored(Connection& connection,
                                                             std::span<const RecordKey> keys) {
  std::map<RecordKey, StoredRecord> stored;
  if (keys.empty()) return stored;
  std::vector<Param> assets, points, instants;
  int64_t first_us = std::get<2>(keys.front()), last_us = first_us;
  for (const auto& [asset_id, point_id, measured_at_us] : keys) {
    assets.push_back(Int(asset_id));
    points.push_back(Int(point_id));
    instants.push_back(TimeUs(measured_at_us));
    first_us = std::min(first_us, measured_at_us);
    last_us = std::max(last_us, measured_at_us);
  }
  // The bounds tell the planner which partitions to leave alone.
  const Param values[] = {Array(assets), Array(points), Array(instants), TimeUs(first_us),
                          TimeUs(last_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id, point_id, unix_us(measured_at), t.content_hash, t.source, w.content_hash"
      " FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])"
      "  AS key (asset_id, point_id, measured_at)"
      " JOIN trend t USING (asset_id, point_id, measured_at)"
      " LEFT JOIN waveform w USING (asset_id, point_id, measured_at)"
      " WHERE t.measured_at BETWEEN $4 AND $5"
      " AND (w.measured_at IS NULL OR w.measured_at BETWEEN $4 AND $5)",
      values);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->count(); ++row) {
    StoredRecord record{.content_hash = rows->Bytes(row, 3),
                        .source = static_cast<Source>(rows->Int(row, 4)),
                        .raw_hash = std::nullopt};
    if (!rows->IsNull(row, 5)) record.raw_hash = rows->Bytes(row, 5);
    stored.emplace(RecordKey(rows->Int(row, 0), rows->Int(row, 1), rows->Int(row, 2)),
                   std::move(record));
  }
  return stored;
}

}  // namespace auscult::db
