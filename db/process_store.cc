#include "db/process_store.h"

#include <utility>

namespace auscult::db {
namespace {

#define SUMMARY_COLUMNS                                                                     \
  " p.condition, p.health, unix_us(p.since), unix_us(p.last_measured_at), p.model_version," \
  " p.learning_progress, p.detail"

ProcessSummary SummaryAt(const Rows& rows, int row, int column) {
  ProcessSummary summary;
  if (!rows.IsNull(row, column)) {
    summary.condition = static_cast<models::Condition>(rows.Int(row, column));
  }
  summary.health = static_cast<float>(rows.Real(row, column + 1));
  if (!rows.IsNull(row, column + 2)) summary.since_us = rows.Int(row, column + 2);
  if (!rows.IsNull(row, column + 3)) summary.last_measured_at_us = rows.Int(row, column + 3);
  summary.model_version = static_cast<int>(rows.Int(row, column + 4));
  summary.learning_progress = static_cast<float>(rows.Real(row, column + 5));
  if (!rows.IsNull(row, column + 6)) summary.detail = rows.Text(row, column + 6);
  return summary;
}

absl::StatusOr<Rows> Lock(Connection& connection, int64_t asset_id) {
  const Param values[] = {Int(asset_id)};
  return connection.Query("SELECT p.state, unix_us(p.learn_since)," SUMMARY_COLUMNS
                          " FROM process_state p WHERE p.asset_id = $1 FOR UPDATE",
                          values);
}

absl::StatusOr<std::unordered_map<int64_t, ProcessSummary>> SummariesOf(
    const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::unordered_map<int64_t, ProcessSummary> summaries;
  for (int row = 0; row < rows->count(); ++row) {
    summaries.emplace(rows->Int(row, 0), SummaryAt(*rows, row, 1));
  }
  return summaries;
}

}  // namespace

absl::StatusOr<ProcessRow> LockProcessRow(Connection& connection, int64_t site_id,
                                          int64_t asset_id) {
  absl::StatusOr<Rows> rows = Lock(connection, asset_id);
  if (rows.ok() && rows->count() == 0) {
    const Param values[] = {Int(asset_id), Int(site_id)};
    const absl::Status made = connection.Execute(
        "INSERT INTO process_state (asset_id, site_id)"
        " SELECT asset_id, $2 FROM asset WHERE asset_id = $1 FOR KEY SHARE"
        " ON CONFLICT DO NOTHING",
        values);
    if (!made.ok()) return made;
    rows = Lock(connection, asset_id);
  }
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::NotFoundError("the asset of the readings was deleted");
  ProcessRow row;
  row.asset_id = asset_id;
  row.site_id = site_id;
  if (!rows->IsNull(0, 0)) {
    absl::StatusOr<models::ProcessState> state = models::ProcessState::Parse(rows->Bytes(0, 0));
    if (state.ok()) row.state = *std::move(state);
  }
  if (!rows->IsNull(0, 1)) row.learn_since_us = rows->Int(0, 1);
  row.latest = SummaryAt(*rows, 0, 2);
  return row;
}

absl::Status InsertProcessBaseline(Connection& connection, ProcessRow& row) {
  const Param values[] = {Int(row.asset_id), Int(row.site_id), Bytes(row.state.Serialize()),
                          TimeUs(row.state.learnt_from_us), TimeUs(row.latest.last_measured_at_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO process_baseline (asset_id, version, site_id, model, learnt_from, learnt_to)"
      " SELECT $1, coalesce(max(version), 0) + 1, $2, $3::bytea, $4::timestamptz,"
      " $5::timestamptz FROM process_baseline WHERE asset_id = $1 RETURNING version",
      values);
  if (!rows.ok()) return rows.status();
  row.latest.model_version = static_cast<int>(rows->Int(0, 0));
  return absl::OkStatus();
}

absl::StatusOr<std::unordered_map<int64_t, ProcessSummary>> ListProcessSummaries(
    Connection& connection, const std::string& site, const std::string& asset) {
  const Param values[] = {Text(site), Text(asset)};
  return SummariesOf(connection.Query(
      "SELECT p.asset_id," SUMMARY_COLUMNS
      " FROM process_state p JOIN asset a USING (asset_id) JOIN site s ON s.site_id = a.site_id"
      " WHERE ($1 = '' OR s.slug = $1) AND ($2 = '' OR a.slug = $2)"
      " AND p.condition IS NOT NULL",
      values));
}

absl::StatusOr<std::unordered_map<int64_t, ProcessSummary>> ListProcessSummaries(
    Connection& connection, std::span<const int64_t> asset_ids) {
  const Param values[] = {IntArray(asset_ids)};
  return SummariesOf(connection.Query(
      "SELECT p.asset_id," SUMMARY_COLUMNS
      " FROM process_state p WHERE p.asset_id = ANY ($1::bigint[]) AND p.condition IS NOT NULL",
      values));
}

}  // namespace auscult::db
