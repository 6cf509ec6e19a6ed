#include "db/rescore_shard.h"

#define OF_CLAIM                                                                               \
  " WHERE asset_id = $1 AND point_id = $2 AND operation_id = $3 AND fence = $4 AND done_time " \
  "IS NULL"

namespace auscult::db {
namespace {

ShardClaim ClaimAt(const Rows& rows) {
  ShardClaim claim{.site_id = rows.Int(0, 0),
                   .asset_id = rows.Int(0, 1),
                   .point_id = rows.Int(0, 2),
                   .run = rows.Int(0, 3),
                   .site = std::string(rows.Text(0, 4)),
                   .asset = std::string(rows.Text(0, 5)),
                   .point = std::string(rows.Text(0, 6)),
                   .period = {.start_us = rows.Int(0, 7), .end_us = rows.Int(0, 8)},
                   .record_count = rows.Int(0, 9),
                   .plan = std::string(rows.Text(0, 10)),
                   .classifier_version = static_cast<int>(rows.Int(0, 11)),
                   .scored_to_us = std::nullopt,
                   .state = "",
                   .records_done = rows.Int(0, 14),
                   .records_left_out = rows.Int(0, 15),
                   .fence = rows.Int(0, 16),
                   .attempts = static_cast<int>(rows.Int(0, 17))};
  if (!rows.IsNull(0, 12)) claim.scored_to_us = rows.Int(0, 12);
  if (!rows.IsNull(0, 13)) claim.state = rows.Bytes(0, 13);
  return claim;
}

}  // namespace

absl::StatusOr<std::optional<ShardClaim>> ClaimShard(Connection& connection,
                                                     std::chrono::milliseconds lease) {
  const Param values[] = {Int(lease.count())};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH open AS MATERIALIZED (SELECT o.operation_id, (SELECT count(*) FROM rescore_shard h"
      "   WHERE h.operation_id = o.operation_id AND h.done_time IS NULL"
      "   AND h.lease_until > clock_timestamp()) AS held"
      "  FROM operation o WHERE o.kind = 'rescore' AND o.done_time IS NULL AND NOT o.paused"
      "  AND NOT o.cancel_requested),"
      " free AS MATERIALIZED (SELECT s.asset_id, s.point_id, s.operation_id"
      "  FROM open JOIN rescore_shard s USING (operation_id)"
      "  WHERE s.done_time IS NULL AND coalesce(s.lease_until <= clock_timestamp(), true)"
      "  ORDER BY held, s.operation_id, s.record_count DESC LIMIT 1 FOR UPDATE OF s SKIP LOCKED)"
      " UPDATE rescore_shard s SET fence = fence + 1, attempts = attempts + 1,"
      "  lease_until = clock_timestamp() + $1::bigint * interval '1 ms'"
      " FROM free, rescore r, site, asset, point"
      " WHERE s.asset_id = free.asset_id AND s.point_id = free.point_id"
      "  AND s.operation_id = free.operation_id AND r.operation_id = s.operation_id"
      "  AND site.site_id = s.site_id AND asset.asset_id = s.asset_id"
      "  AND point.asset_id = s.asset_id AND point.point_id = s.point_id"
      " RETURNING s.site_id, s.asset_id, s.point_id, s.operation_id, site.slug, asset.slug,"
      "  point.slug, unix_us(s.start_time), unix_us(s.end_time), s.record_count, r.plan,"
      "  r.classifier_version, unix_us(s.scored_to), s.state, s.records_done, s.records_left_out,"
      "  s.fence, s.attempts",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return std::nullopt;
  return ClaimAt(*rows);
}

absl::StatusOr<ShardFate> StorePortion(Connection& connection, const ShardClaim& claim,
                                       ShardPortion& portion, std::chrono::milliseconds lease) {
  const Param values[] = {
      Int(claim.asset_id),       Int(claim.point_id),           Int(claim.run),
      Int(claim.fence),          TimeUs(portion.scored_to_us),  Bytes(portion.state),
      Int(portion.records_done), Int(portion.records_left_out), Int(lease.count())};
  ShardFate fate = ShardFate::kLost;
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<Rows> moved = connection.Query(
        "UPDATE rescore_shard s SET scored_to = $5, state = $6, records_done = records_done + $7,"
        " records_left_out = records_left_out + $8, attempts = 0,"
        " lease_until = clock_timestamp() + $9::bigint * interval '1 ms'" OF_CLAIM
        " AND EXISTS (SELECT FROM operation o WHERE o.operation_id = s.operation_id"
        "  AND o.done_time IS NULL)"
        " RETURNING (SELECT paused OR cancel_requested FROM operation o"
        "  WHERE o.operation_id = s.operation_id)",
        values);
    if (!moved.ok()) return moved.status();
    if (moved->count() == 0) return absl::OkStatus();
    if (absl::Status copied = portion.rows.Copy(connection); !copied.ok()) return copied;
    fate = moved->Bool(0, 0) ? ShardFate::kRest : ShardFate::kGoOn;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return fate;
}

absl::Status FinishShard(Connection& connection, const ShardClaim& claim,
                         std::string_view problem) {
  const Param values[] = {Int(claim.asset_id), Int(claim.point_id), Int(claim.run),
                          Int(claim.fence), Text(problem)};
  return connection.Execute(
      "UPDATE rescore_shard SET done_time = clock_timestamp(), lease_until = NULL, state = NULL,"
      " problem = $5, records_left_out = CASE WHEN $5 = '' THEN"
      "  greatest(records_left_out, record_count - records_done) ELSE records_left_out "
      "END" OF_CLAIM,
      values);
}

absl::Status ReleaseShard(Connection& connection, const ShardClaim& claim,
                          std::chrono::milliseconds pause, bool orderly) {
  const Param values[] = {Int(claim.asset_id), Int(claim.point_id), Int(claim.run),
                          Int(claim.fence),    Int(pause.count()),  Bool(orderly)};
  return connection.Execute(
      "UPDATE rescore_shard SET fence = fence + 1,"
      " lease_until = clock_timestamp() + $5::bigint * interval '1 ms',"
      " attempts = attempts - CASE WHEN $6 AND attempts > 0 THEN 1 ELSE 0 END" OF_CLAIM,
      values);
}

}  // namespace auscult::db
