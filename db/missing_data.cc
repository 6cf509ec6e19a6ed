#include "db/missing_data.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "db/case_reports.h"
#include "db/case_writer.h"

namespace auscult::db {
namespace {

constexpr int kPointsAtOnce = 500;

std::string Silence(std::string_view point, int64_t last_measured_at_us, int64_t stale_after_s) {
  return absl::StrCat(
      "no record of ", absl::string_view(point.data(), point.size()), " since ",
      absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixMicros(last_measured_at_us),
                       absl::UTCTimeZone()),
      ", longer than ", absl::FormatDuration(absl::Seconds(stale_after_s)));
}

// Some of the silent points, locked as a writer of their records would. A point that is locked is
// getting a record.
absl::StatusOr<Rows> LockSilentPoints(Connection& connection) {
  const Param values[] = {Int(static_cast<int64_t>(models::Condition::kStopped)),
                          Int(CaseBit(models::CaseKind::kMissingData)), Int(kDefaultStaleAfterS),
                          Int(kPointsAtOnce)};
  return connection.Query(
      "SELECT t.asset_id, t.point_id, p.slug, unix_us(t.last_measured_at), stale.after_s,"
      " unix_us(greatest(t.last_measured_at, t.received_at)"
      "  + stale.after_s * '1 second'::interval)"
      " FROM point_state t JOIN point p USING (asset_id, point_id), LATERAL (SELECT coalesce("
      "  nullif((p.definition->>'stale_after_s')::bigint, 0), $3) AS after_s) stale"
      " WHERE t.last_measured_at IS NOT NULL AND t.condition <> $1 AND t.case_kinds & $2 = 0"
      " AND greatest(t.last_measured_at, t.received_at) < now() - stale.after_s *"
      "  '1 second'::interval"
      " ORDER BY t.asset_id, t.point_id LIMIT $4 FOR UPDATE OF t SKIP LOCKED",
      values);
}

absl::Status Mark(Connection& connection, const Rows& silent) {
  std::vector<Param> assets, points;
  for (int row = 0; row < silent.count(); ++row) {
    assets.push_back(Int(silent.Int(row, 0)));
    points.push_back(Int(silent.Int(row, 1)));
  }
  const Param values[] = {Array(assets), Array(points),
                          Int(CaseBit(models::CaseKind::kMissingData))};
  return connection.Execute(
      "UPDATE point_state AS t SET case_kinds = case_kinds | $3::smallint"
      " FROM unnest($1::bigint[], $2::bigint[]) AS key (asset_id, point_id)"
      " WHERE t.asset_id = key.asset_id AND t.point_id = key.point_id",
      values);
}

// Answers how many points it took.
absl::StatusOr<int64_t> OpenSome(Connection& connection) {
  int64_t found = 0;
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const Param names[] = {Text("missing data")};
    const absl::StatusOr<Rows> turn = connection.Query(
        "SELECT pg_try_advisory_xact_lock(hashtext('auscult'), hashtext($1))", names);
    if (!turn.ok()) return turn.status();
    if (!turn->Bool(0, 0)) return absl::OkStatus();
    const absl::StatusOr<Rows> silent = LockSilentPoints(connection);
    if (!silent.ok()) return silent.status();
    std::vector<CaseReport> reports;
    for (int row = 0; row < silent->count(); ++row) {
      reports.push_back({.asset_id = silent->Int(row, 0),
                         .report = {.kind = models::CaseKind::kMissingData,
                                    .point_id = silent->Int(row, 1),
                                    .condition = models::Condition::kAlert,
                                    .measured_at_us = silent->Int(row, 5),
                                    .summary = Silence(silent->Text(row, 2), silent->Int(row, 3),
                                                       silent->Int(row, 4)),
                                    .detail = ""}});
    }
    if (reports.empty()) return absl::OkStatus();
    if (absl::Status marked = Mark(connection, *silent); !marked.ok()) return marked;
    found = silent->count();
    return UpdateCases(connection, reports);
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace

absl::StatusOr<int64_t> OpenMissingDataCases(Connection& connection) {
  int64_t found = 0;
  for (;;) {
    const absl::StatusOr<int64_t> some = OpenSome(connection);
    if (!some.ok()) return some.status();
    found += *some;
    if (*some < kPointsAtOnce) return found;
  }
}

}  // namespace auscult::db
