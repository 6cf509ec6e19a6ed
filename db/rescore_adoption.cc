#include "db/rescore_adoption.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "db/rollup.h"
#include "db/store_status.h"

namespace auscult::db {
namespace {

using PointOfRun = std::array<Param, 3>;  // asset, point, run

// The roller holds the same row when it stores, so that no hour is kept that was rolled up from
// what counts no more.
absl::Status LockPoint(Connection& connection, const PointOfRun& point) {
  return connection.Execute(
      "SELECT FROM point_state WHERE asset_id = $1 AND point_id = $2 FOR UPDATE",
      std::span(point).first(2));
}

// Hours in which the run has scores, of those that were rolled up.
absl::Status MakeDue(Connection& connection, const PointOfRun& point) {
  return connection.Execute(
      "INSERT INTO rollup_due (asset_id, point_id, hour, site_id)"
      " SELECT DISTINCT s.asset_id, s.point_id, date_trunc('hour', s.measured_at, 'UTC'), s.site_id"
      " FROM point_state p JOIN score s USING (asset_id, point_id)"
      " WHERE p.asset_id = $1 AND p.point_id = $2 AND s.run = $3 AND s.measured_at < p.rolled_to"
      " " BECOMES_DUE_ANEW,
      point);
}

absl::Status AdoptPoint(Connection& connection, const PointOfRun& point) {
  return InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status status = LockPoint(connection, point); !status.ok()) return status;
    const absl::StatusOr<Rows> adopted = connection.Query(
        "INSERT INTO adopted_run (asset_id, point_id, run, site_id, start_time, end_time)"
        " SELECT asset_id, point_id, operation_id, site_id, start_time, end_time"
        " FROM rescore_shard WHERE asset_id = $1 AND point_id = $2 AND operation_id = $3"
        " ON CONFLICT DO NOTHING",
        point);
    if (!adopted.ok()) return adopted.status();
    return adopted->affected() == 0 ? absl::OkStatus() : MakeDue(connection, point);
  });
}

absl::Status RevertPoint(Connection& connection, const PointOfRun& point) {
  return InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status status = LockPoint(connection, point); !status.ok()) return status;
    absl::Status status = MakeDue(connection, point);
    if (!status.ok()) return status;
    return connection.Execute(
        "DELETE FROM adopted_run WHERE asset_id = $1 AND point_id = $2 AND run = $3", point);
  });
}

absl::Status ForEachPoint(Connection& connection, int64_t id, const absl::StatusOr<Rows>& keys,
                          const std::function<absl::Status()>& go_on,
                          absl::Status (*change)(Connection&, const PointOfRun&)) {
  if (!keys.ok()) return keys.status();
  for (int row = 0; row < keys->count(); ++row) {
    if (absl::Status status = go_on(); !status.ok()) return status;
    const PointOfRun point = {Int(keys->Int(row, 0)), Int(keys->Int(row, 1)), Int(id)};
    if (absl::Status status = change(connection, point); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status NoSuchUnless(const absl::StatusOr<Rows>& changed, int64_t id) {
  if (!changed.ok()) return changed.status();
  if (changed->affected() > 0) return absl::OkStatus();
  return NoSuch(ResourceName({"rescores", absl::StrCat(id)}));
}

}  // namespace

absl::Status AdoptRun(Connection& connection, int64_t id,
                      const std::function<absl::Status()>& go_on) {
  const Param values[] = {Int(id)};
  const absl::Status status = ForEachPoint(
      connection, id,
      connection.Query("SELECT asset_id, point_id FROM rescore_shard JOIN point"
                       " USING (asset_id, point_id) WHERE operation_id = $1 AND problem = ''"
                       " AND NOT EXISTS (SELECT FROM adopted_run a WHERE a.asset_id ="
                       "  rescore_shard.asset_id AND a.point_id = rescore_shard.point_id"
                       "  AND a.run = $1) ORDER BY 1, 2",
                       values),
      go_on, AdoptPoint);
  if (!status.ok()) return status;
  return InTransaction(connection, [&]() -> absl::Status {
    // What was touched before the re-scoring began is made good by it.
    absl::Status good = connection.Execute(
        "UPDATE stale_result r SET made_good_by = $1 FROM adopted_run a, rescore"
        " WHERE a.run = $1 AND rescore.operation_id = $1 AND r.made_good_by IS NULL"
        " AND r.asset_id = a.asset_id AND r.point_id = a.point_id"
        " AND NOT EXISTS (SELECT FROM trend t WHERE t.asset_id = r.asset_id"
        "  AND t.point_id = r.point_id AND t.measured_at >= r.start_time"
        "  AND t.measured_at < least(r.end_time, a.start_time))"
        " AND NOT EXISTS (SELECT FROM trend t WHERE t.asset_id = r.asset_id"
        "  AND t.point_id = r.point_id AND t.measured_at >= greatest(r.start_time, a.end_time)"
        "  AND t.measured_at < r.end_time)"
        " AND r.change_time <= rescore.create_time"
        // Another version than the active one would be stale again.
        " AND (r.reason <> 3 OR rescore.classifier_version = coalesce((SELECT version"
        "  FROM model_activation ORDER BY activation_id DESC LIMIT 1), 0))"
        // What the machine has touched is in the samples.
        " AND (r.reason <> 1 OR coalesce(rescore.plan->>'source', '') <> 'SOURCE_FEATURES')",
        values);
    if (!good.ok()) return good;
    return NoSuchUnless(connection.Query("UPDATE rescore SET adopt_time = coalesce(adopt_time,"
                                         " now()) WHERE operation_id = $1",
                                         values),
                        id);
  });
}

absl::Status RevertRun(Connection& connection, int64_t id,
                       const std::function<absl::Status()>& go_on) {
  const Param values[] = {Int(id)};
  const absl::Status status = ForEachPoint(
      connection, id,
      connection.Query("SELECT asset_id, point_id FROM adopted_run WHERE run = $1 ORDER BY 1, 2",
                       values),
      go_on, RevertPoint);
  if (!status.ok()) return status;
  return InTransaction(connection, [&]() -> absl::Status {
    absl::Status open = connection.Execute(
        "UPDATE stale_result SET made_good_by = NULL WHERE made_good_by = $1", values);
    if (!open.ok()) return open;
    return NoSuchUnless(
        connection.Query("UPDATE rescore SET adopt_time = NULL WHERE operation_id = $1", values),
        id);
  });
}

}  // namespace auscult::db
