#include "db/retention.h"

namespace auscult::db {
namespace {

// Few rows a transaction, so that it neither runs into the time limit nor holds up vacuum.
constexpr int64_t kRowsAtOnce = 2000;

struct Kept {
  const char* table;
  const char* days;  // of the policy
};
constexpr Kept kTables[] = {{"waveform", "waveform_days"},
                            {"trend", "trend_days"},
                            {"extraction", "trend_days"},
                            {"score", "score_days"},
                            {"event", "score_days"},
                            {"reading", "reading_days"},
                            {"rollup_hour", "hourly_rollup_days"},
                            {"reading_rollup_hour", "hourly_rollup_days"}};

// Drops until there is nothing left to drop, or somebody writes.
absl::Status DropPast(Connection& connection, std::span<const Param> values, Sql drop,
                      const std::function<bool()>& go_on, Removed& removed) {
  while (go_on()) {
    const absl::StatusOr<Rows> rows = connection.Query(drop, values);
    // Partitions can wait for the next time.
    if (absl::IsAborted(rows.status())) return absl::OkStatus();
    if (!rows.ok()) return rows.status();
    const auto dropped = static_cast<int>(rows->Int(0, 0));
    removed.partitions += dropped;
    if (dropped == 0) break;
  }
  return absl::OkStatus();
}

absl::Status DeleteExpired(Connection& connection, const Kept& kept,
                           const std::function<bool()>& go_on, Removed& removed) {
  const Param values[] = {Text(kept.table), Text(kept.days), Int(kRowsAtOnce)};
  int64_t deleted = kRowsAtOnce;
  while (deleted == kRowsAtOnce && go_on()) {
    const absl::StatusOr<Rows> rows =
        connection.Query("SELECT delete_expired($1, $2, $3::int)", values);
    // Another server was at the same rows.
    if (absl::IsAborted(rows.status())) return absl::OkStatus();
    if (!rows.ok()) return rows.status();
    deleted = rows->Int(0, 0);
    removed.rows += deleted;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Removed> ApplyRetention(Connection& connection, int64_t recent_raw_s,
                                       const std::function<bool()>& go_on) {
  Removed removed;
  for (const Kept& kept : kTables) {
    const Param values[] = {Text(kept.table), Text(kept.days), Int(recent_raw_s)};
    absl::Status status =
        DropPast(connection, values,
                 "SELECT coalesce(drop_partitions($1, least(min(since), CASE WHEN $1 = 'waveform'"
                 "  THEN now() - $3::float8 * interval '1 second' END), false), 0)"
                 " FROM kept_since($2)",
                 go_on, removed);
    if (status.ok()) status = DeleteExpired(connection, kept, go_on, removed);
    if (status.ok()) {
      status = DropPast(connection, std::span(values).first(2),
                        "SELECT coalesce(drop_partitions($1, max(since), true), 0)"
                        " FROM kept_since($2)",
                        go_on, removed);
    }
    if (!status.ok()) return status;
  }
  return removed;
}

}  // namespace auscult::db
