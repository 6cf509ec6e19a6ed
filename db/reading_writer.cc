#include "db/reading_writer.h"

#include <cmath>
#include <vector>

#include "db/case_writer.h"
#include "db/process_scoring.h"
#include "db/store_status.h"

namespace auscult::db {
namespace {

absl::Status Check(std::span<const Reading> readings) {
  for (const Reading& reading : readings) {
    const std::string name =
        "reading " + reading.quantity + " at " + *TimeUs(reading.measured_at_us);
    if (reading.measured_at_us < kEarliestUs || reading.measured_at_us >= kLatestUs) {
      return absl::InvalidArgumentError(
          name + " lies outside the years 1990 to 2099; set the clock of the sender");
    }
    // NaN fails the comparison too.
    if (!(std::abs(reading.value) <= kLargestReading)) {
      return absl::InvalidArgumentError(name +
                                        " is not a number of at most 1e30; leave out what was not "
                                        "measured");
    }
  }
  return absl::OkStatus();
}

std::vector<CaseReport> ReportsOf(int64_t asset_id, const ProcessAdvance& advance) {
  std::vector<CaseReport> reports;
  for (const ProcessTurn& turn : advance.turns) {
    CaseReport& report = reports.emplace_back();
    report.asset_id = asset_id;
    report.report.kind = models::CaseKind::kProcess;
    report.report.condition = turn.condition;
    report.report.measured_at_us = turn.measured_at_us;
    report.report.summary = turn.summary;
    report.report.detail = turn.detail;
  }
  return reports;
}

absl::Status RefuseOtherValues(Connection& connection, std::span<const Param> values) {
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT sent.quantity, sent.measured_at::text, sent.value, stored.value"
      " FROM unnest($2::text[], $3::timestamptz[], $4::float8[]) WITH ORDINALITY"
      "  AS sent (quantity, measured_at, value, place)"
      " JOIN reading stored ON stored.asset_id = $1 AND stored.quantity = sent.quantity"
      "  AND stored.measured_at = sent.measured_at"
      " WHERE stored.value <> sent.value ORDER BY place LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::OkStatus();
  return absl::AlreadyExistsError(std::string("reading ")
                                      .append(rows->Text(0, 0))
                                      .append(" at ")
                                      .append(rows->Text(0, 1))
                                      .append(" is stored as ")
                                      .append(rows->Text(0, 3))
                                      .append(", not ")
                                      .append(rows->Text(0, 2))
                                      .append("; a reading never changes, send the new value "
                                              "under its own time"));
}

// What was sent, as arrays.
struct Columns {
  std::vector<int64_t> instants_us;
  std::vector<Param> quantities, instants, numbers;
};

Columns ColumnsOf(std::span<const Reading> readings) {
  Columns columns;
  for (const Reading& reading : readings) {
    columns.instants_us.push_back(reading.measured_at_us);
    columns.quantities.push_back(Text(reading.quantity));
    columns.instants.push_back(TimeUs(reading.measured_at_us));
    columns.numbers.push_back(Real(reading.value));
  }
  return columns;
}

// Stores what is new of the readings, and the row of their asset; answers how many were new. In one
// statement: a call of few readings is mostly round trips.
absl::StatusOr<int> StoreReadings(Connection& connection, const ProcessRow& row,
                                  std::span<const Param> readings) {
  const ProcessSummary& latest = row.latest;
  const auto time = [](int64_t us) { return us == 0 ? Null() : TimeUs(us); };
  std::vector<Param> values(readings.begin(), readings.end());
  values.insert(values.end(),
                {Int(row.site_id), Int(latest.model_version), Bytes(row.state.Serialize()),
                 time(latest.last_measured_at_us),
                 latest.condition ? Int(static_cast<int64_t>(*latest.condition)) : Null(),
                 time(latest.since_us), Real(latest.health), Real(latest.learning_progress),
                 latest.detail.empty() ? Null() : Text(latest.detail)});
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH stored AS ("
      " INSERT INTO reading (asset_id, quantity, measured_at, value, site_id)"
      "  SELECT $1::bigint, quantity, measured_at, value, $5::bigint"
      "  FROM unnest($2::text[], $3::timestamptz[], $4::float8[])"
      "   AS sent (quantity, measured_at, value)"
      "  ON CONFLICT (asset_id, quantity, measured_at) DO NOTHING RETURNING measured_at),"
      // What came late changes rollups that are made.
      " due AS ("
      " INSERT INTO rollup_due (asset_id, point_id, hour, site_id)"
      "  SELECT DISTINCT $1::bigint, 0, date_trunc('hour', stored.measured_at, 'UTC'), $5::bigint"
      "  FROM stored JOIN process_state ON process_state.asset_id = $1::bigint"
      "  AND stored.measured_at < rolled_to ON CONFLICT DO NOTHING)"
      " UPDATE process_state SET model_version = $6::int, state = $7::bytea,"
      "  last_measured_at = $8::timestamptz, condition = $9::smallint, since = $10::timestamptz,"
      "  health = $11::real, learning_progress = $12::real, detail = $13::json"
      " WHERE asset_id = $1::bigint RETURNING (SELECT count(*) FROM stored)",
      values);
  if (!rows.ok()) return rows.status();
  return static_cast<int>(rows->Int(0, 0));
}

}  // namespace

absl::StatusOr<ReadingsWritten> WriteReadings(Connection& connection, PartitionCache& partitions,
                                              int64_t site_id, int64_t asset_id,
                                              std::span<const Reading> readings) {
  if (readings.empty()) return ReadingsWritten{};
  if (absl::Status status = Check(readings); !status.ok()) return status;
  const Columns columns = ColumnsOf(readings);
  if (absl::Status status = partitions.EnsureFor(connection, columns.instants_us); !status.ok()) {
    return status;
  }
  const Param values[] = {Int(asset_id), Array(columns.quantities), Array(columns.instants),
                          Array(columns.numbers)};
  ReadingsWritten written;
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    // Held until the end, so that the asset is not deleted under its new readings.
    absl::StatusOr<ProcessRow> row = LockProcessRow(connection, site_id, asset_id);
    if (!row.ok()) return row.status();
    const ProcessAdvance advance = AdvanceReadings(*row, readings);
    if (advance.learnt) {
      if (absl::Status kept = InsertProcessBaseline(connection, *row); !kept.ok()) return kept;
    }
    const absl::StatusOr<int> stored = StoreReadings(connection, *row, values);
    if (!stored.ok()) return stored.status();
    written.accepted = *stored;
    written.duplicates = static_cast<int>(readings.size()) - written.accepted;
    written.health = row->latest;
    if (written.duplicates > 0) {
      if (absl::Status same = RefuseOtherValues(connection, values); !same.ok()) return same;
    }
    return UpdateCases(connection, ReportsOf(asset_id, advance));
  });
  if (!status.ok()) return status;
  return written;
}

}  // namespace auscult::db
