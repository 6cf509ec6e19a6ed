#include "db/record_deletion.h"

namespace auscult::db {
namespace {

absl::Status Delete(Connection& connection, Sql lock, std::initializer_list<Sql> deletions,
                    std::span<const Param> values) {
  // Years of records take longer than any statement should.
  absl::Status status = connection.Execute("SET LOCAL statement_timeout = '15min'");
  if (status.ok()) status = connection.Execute(lock, values);
  for (const Sql deletion : deletions) {
    if (status.ok()) status = connection.Execute(deletion, values);
  }
  return status;
}

}  // namespace

absl::Status DeleteRecordsOfPoint(Connection& connection, int64_t asset_id, int64_t point_id) {
  const Param values[] = {Int(asset_id), Int(point_id)};
  return Delete(connection,
                "SELECT FROM point_state WHERE asset_id = $1 AND point_id = $2 FOR UPDATE",
                // First: whoever stores scores of a re-scoring holds its row.
                {"DELETE FROM rescore_shard WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM waveform WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM event WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM score WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM extraction WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM trend WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM rollup_hour WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM rollup_day WHERE asset_id = $1 AND point_id = $2",
                 "DELETE FROM rollup_due WHERE asset_id = $1 AND point_id = $2"},
                values);
}

absl::Status DeleteRecordsOfAssets(Connection& connection, const std::vector<int64_t>& asset_ids) {
  std::vector<Param> ids;
  ids.reserve(asset_ids.size());
  for (const int64_t id : asset_ids) ids.push_back(Int(id));
  const Param values[] = {Array(ids)};
  return Delete(connection,
                "SELECT FROM point_state WHERE asset_id = ANY ($1::bigint[])"
                " ORDER BY asset_id, point_id FOR UPDATE",
                {"DELETE FROM rescore_shard WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM waveform WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM event WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM score WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM trend WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM extraction WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM rollup_hour WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM rollup_day WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM rollup_due WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM retention_policy WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM reading WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM reading_rollup_hour WHERE asset_id = ANY ($1::bigint[])",
                 "DELETE FROM reading_rollup_day WHERE asset_id = ANY ($1::bigint[])"},
                values);
}

}  // namespace auscult::db
