#include "db/rescore_store.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/store_status.h"

#define SELECT_RESCORES                                                                          \
  "SELECT r.operation_id, r.scope, unix_us(r.start_time), unix_us(r.end_time), r.plan,"          \
  " r.classifier_version, r.description, r.schedule_id, coalesce(site.slug, ''),"                \
  " coalesce(schedule.slug, ''), unix_us(r.create_time), r.planned, unix_us(r.adopt_time),"      \
  " unix_us(coalesce(o.done_time, CASE WHEN o IS NULL THEN r.create_time END)),"                 \
  " coalesce(o.paused, false), coalesce(o.cancel_requested, false), o.metadata, o.error,"        \
  " points, points_done, records, records_done, records_left_out, failed, coalesce(problem, '')" \
  " FROM rescore r LEFT JOIN operation o USING (operation_id)"                                   \
  " LEFT JOIN schedule USING (schedule_id) LEFT JOIN site USING (site_id)"                       \
  " CROSS JOIN LATERAL (SELECT count(*) AS points, count(done_time) AS points_done,"             \
  "  coalesce(sum(record_count), 0)::bigint AS records,"                                         \
  "  coalesce(sum(s.records_done), 0)::bigint AS records_done,"                                  \
  "  coalesce(sum(s.records_left_out), 0)::bigint AS records_left_out,"                          \
  "  count(*) FILTER (WHERE s.problem <> '') AS failed,"                                         \
  "  min(s.problem) FILTER (WHERE s.problem <> '') AS problem"                                   \
  "  FROM rescore_shard s WHERE s.operation_id = r.operation_id) AS shards"

namespace auscult::db {
namespace {

absl::Status NoSuchRescore(int64_t id) {
  return NoSuch(ResourceName({"rescores", absl::StrCat(id)}));
}

std::string BytesOrEmpty(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? "" : rows.Bytes(row, column);
}

std::optional<int64_t> IntOrNothing(const Rows& rows, int row, int column) {
  if (rows.IsNull(row, column)) return std::nullopt;
  return rows.Int(row, column);
}

Rescore RescoreAt(const Rows& rows, int row) {
  return {.id = rows.Int(row, 0),
          .scope = std::string(rows.Text(row, 1)),
          .period = {.start_us = rows.Int(row, 2), .end_us = rows.Int(row, 3)},
          .plan = std::string(rows.Text(row, 4)),
          .classifier_version = static_cast<int>(rows.Int(row, 5)),
          .description = std::string(rows.Text(row, 6)),
          .schedule_id = IntOrNothing(rows, row, 7),
          .schedule_site = std::string(rows.Text(row, 8)),
          .schedule_slug = std::string(rows.Text(row, 9)),
          .create_time_us = rows.Int(row, 10),
          .planned = rows.Bool(row, 11),
          .adopt_time_us = IntOrNothing(rows, row, 12),
          .done_time_us = IntOrNothing(rows, row, 13),
          .paused = rows.Bool(row, 14),
          .cancel_requested = rows.Bool(row, 15),
          .metadata = BytesOrEmpty(rows, row, 16),
          .error = BytesOrEmpty(rows, row, 17),
          .counts = {.points = rows.Int(row, 18),
                     .points_done = rows.Int(row, 19),
                     .records = rows.Int(row, 20),
                     .records_done = rows.Int(row, 21),
                     .records_left_out = rows.Int(row, 22),
                     .failed_points = rows.Int(row, 23),
                     .problem = std::string(rows.Text(row, 24))}};
}

absl::StatusOr<std::vector<Rescore>> RescoresOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Rescore> rescores;
  rescores.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) rescores.push_back(RescoreAt(*rows, row));
  return rescores;
}

// The shard is held until the transaction ends, so that no portion of it is stored meanwhile.
absl::Status DeleteShard(Connection& connection, int64_t id, const Rows& keys, int row) {
  const Param values[] = {Int(keys.Int(row, 0)), Int(keys.Int(row, 1)), Int(id)};
  return InTransaction(connection, [&]() -> absl::Status {
    absl::Status status = connection.Execute(
        "DELETE FROM rescore_shard WHERE asset_id = $1 AND point_id = $2 AND operation_id = $3",
        values);
    if (status.ok()) {
      status = connection.Execute(
          "DELETE FROM score WHERE asset_id = $1 AND point_id = $2 AND run = $3", values);
    }
    if (!status.ok()) return status;
    return connection.Execute(
        "DELETE FROM extraction WHERE asset_id = $1 AND point_id = $2 AND run = $3", values);
  });
}

}  // namespace

absl::Status AddRescore(Connection& connection, const Rescore& rescore) {
  const Param values[] = {Int(rescore.id),
                          Text(rescore.scope),
                          TimeUs(rescore.period.start_us),
                          TimeUs(rescore.period.end_us),
                          Text(rescore.plan),
                          Int(rescore.classifier_version),
                          Text(rescore.description),
                          rescore.schedule_id ? Int(*rescore.schedule_id) : Null()};
  return connection.Execute(
      "INSERT INTO rescore (operation_id, scope, start_time, end_time, plan, classifier_version,"
      " description, schedule_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      values);
}

absl::StatusOr<Rescore> GetRescore(Connection& connection, int64_t id) {
  const Param values[] = {Int(id)};
  auto found = RescoresOf(connection.Query(SELECT_RESCORES " WHERE r.operation_id = $1", values));
  if (!found.ok()) return found.status();
  if (found->empty()) return NoSuchRescore(id);
  return std::move(found->front());
}

absl::StatusOr<std::vector<Rescore>> ListRescores(Connection& connection, int64_t before,
                                                  int limit) {
  const Param values[] = {Int(before), Int(limit)};
  return RescoresOf(connection.Query(
      SELECT_RESCORES " WHERE r.operation_id < $1 ORDER BY r.operation_id DESC LIMIT $2", values));
}

absl::StatusOr<std::vector<Rescore>> ListOpenRescores(Connection& connection) {
  return RescoresOf(connection.Query(SELECT_RESCORES
                                     " WHERE r.planned AND o.operation_id IS NOT NULL"
                                     " AND o.done_time IS NULL ORDER BY r.operation_id"));
}

absl::StatusOr<std::optional<int64_t>> FindUnplannedRescore(Connection& connection) {
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT operation_id FROM operation JOIN rescore USING (operation_id)"
      " WHERE done_time IS NULL AND NOT paused AND NOT planned"
      " AND coalesce(lease_until <= clock_timestamp(), true) ORDER BY 1 LIMIT 1");
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return std::nullopt;
  return rows->Int(0, 0);
}

absl::Status PauseRescore(Connection& connection, int64_t id, bool paused) {
  const Param values[] = {Int(id), Bool(paused)};
  absl::StatusOr<Rows> rows = connection.Query(
      "UPDATE operation SET paused = $2 WHERE operation_id = $1 AND kind = 'rescore'"
      " AND done_time IS NULL",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->affected() > 0) return absl::OkStatus();
  if (absl::Status status = GetRescore(connection, id).status(); !status.ok()) return status;
  return absl::FailedPreconditionError(absl::StrCat("rescores/", id, " is done"));
}

absl::Status StorePlan(Connection& connection, int64_t id, std::span<const PlannedShard> shards) {
  std::vector<Param> assets, points, starts, ends, counts;
  for (const PlannedShard& shard : shards) {
    assets.push_back(Int(shard.asset_id));
    points.push_back(Int(shard.point_id));
    starts.push_back(TimeUs(shard.period.start_us));
    ends.push_back(TimeUs(shard.period.end_us));
    counts.push_back(Int(shard.record_count));
  }
  const Param values[] = {Int(id),       Array(assets), Array(points),
                          Array(starts), Array(ends),   Array(counts)};
  absl::Status status = connection.Execute(
      "INSERT INTO rescore_shard (asset_id, point_id, operation_id, site_id, start_time, end_time,"
      " record_count)"
      " SELECT asset_id, point_id, $1, site_id, start_time, end_time, record_count"
      " FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[])"
      "  AS planned (asset_id, point_id, start_time, end_time, record_count)"
      " JOIN point USING (asset_id, point_id)",
      values);
  if (!status.ok()) return status;
  const Param of[] = {Int(id)};
  return connection.Execute("UPDATE rescore SET planned = true WHERE operation_id = $1", of);
}

absl::StatusOr<int64_t> CountRecords(Connection& connection, int64_t asset_id, int64_t point_id,
                                     Period period) {
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(period.start_us),
                          TimeUs(period.end_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT count(*) FROM trend WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3"
      " AND measured_at < $4",
      values);
  if (!rows.ok()) return rows.status();
  return rows->Int(0, 0);
}

absl::Status DeleteRescore(Connection& connection, int64_t id,
                           const std::function<absl::Status()>& go_on) {
  const Param values[] = {Int(id)};
  const absl::StatusOr<Rows> keys = connection.Query(
      "SELECT asset_id, point_id FROM rescore_shard WHERE operation_id = $1 ORDER BY 1, 2", values);
  if (!keys.ok()) return keys.status();
  for (int row = 0; row < keys->count(); ++row) {
    absl::Status status = go_on();
    if (status.ok()) status = DeleteShard(connection, id, *keys, row);
    if (!status.ok()) return status;
  }
  absl::StatusOr<Rows> deleted = connection.Query(
      "WITH gone AS (DELETE FROM operation WHERE operation_id = $1)"
      " DELETE FROM rescore WHERE operation_id = $1",
      values);
  if (!deleted.ok()) return deleted.status();
  return deleted->affected() == 0 ? NoSuchRescore(id) : absl::OkStatus();
}

}  // namespace auscult::db
