#include "db/rollup_portion.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "db/counted_score.h"
#include "db/reading_rollup.h"
#include "db/rollup.h"

// Of $1 asset, $2 point: rows that were measured from $3 to before $4.
#define OF_SPAN " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"

namespace auscult::db {
namespace {

constexpr int kRecordsAtOnce = 1000;
// An hour of more is read in pages, for a point may have been sent any number of records in it.
constexpr int kPageRecords = 4000;

std::vector<Param> ValuesOf(const RollupOwner& owner, RollSpan span) {
  return {Int(owner.asset_id), Int(owner.point_id), TimeUs(span.start_us), TimeUs(span.end_us)};
}

RollupRow& RowOf(Rollups& rollups, int64_t start_us, int16_t feature_set) {
  RollupRow& row = rollups[{start_us, feature_set}];
  row.start_us = start_us;
  row.feature_set = feature_set;
  return row;
}

// Adds the next page of the span. Where the one after it starts; none: that was the last.
absl::StatusOr<std::optional<int64_t>> RollUpPage(Connection& connection, const RollupOwner& owner,
                                                  RollSpan span, Rollups& rollups) {
  std::vector<Param> values = ValuesOf(owner, span);
  values.push_back(Int(kPageRecords));
  const auto trends =
      connection.QueryBinary("SELECT measured_at, feature_set, features FROM trend" OF_SPAN
                             " ORDER BY measured_at LIMIT $5",
                             values);
  if (!trends.ok()) return trends.status();
  std::optional<int64_t> next_us;
  if (trends->count() == kPageRecords) next_us = trends->TimeUs(kPageRecords - 1, 0) + 1;
  values = ValuesOf(owner, {span.start_us, next_us.value_or(span.end_us)});
  const auto scores = connection.QueryBinary(
      "SELECT DISTINCT ON (measured_at) measured_at, health, severity, condition FROM score" OF_SPAN
      " AND " COUNTED_SCORE " ORDER BY measured_at, run DESC",
      values);
  if (!scores.ok()) return scores.status();
  std::vector<float> features;
  int score = 0;
  for (int row = 0; row < trends->count(); ++row) {
    const int64_t at_us = trends->TimeUs(row, 0);
    while (score < scores->count() && scores->TimeUs(score, 0) < at_us) ++score;
    const bool scored = score < scores->count() && scores->TimeUs(score, 0) == at_us;
    RollupRow::Judged judged{};
    if (scored) {
      judged = {.health = scores->Float32(score, 1),
                .severity = scores->Float32(score, 2),
                .condition = static_cast<models::Condition>(scores->Int16(score, 3))};
    }
    trends->FloatArray(row, 2, features);
    RowOf(rollups, HourOf(at_us), trends->Int16(row, 1)).Add(features, scored ? &judged : nullptr);
  }
  return next_us;
}

struct RollupTable {
  Sql counts, clear, copy;
};
#define TABLE_OF(name)                                                                \
  {                                                                                   \
    "SELECT measured_at, sum(record_count)::bigint FROM " name OF_SPAN " GROUP BY 1", \
        "DELETE FROM " name OF_SPAN " AND measured_at = ANY ($5::timestamptz[])",     \
        "COPY " name " (" ROLLUP_COLUMNS ") FROM STDIN (FORMAT binary)"               \
  }
constexpr RollupTable kHours = TABLE_OF("rollup_hour");
constexpr RollupTable kDays = TABLE_OF("rollup_day");

// Puts `rollups` in the place of what the table has of the span, unless a period counts more there.
absl::Status Replace(Connection& connection, const RollupTable& table, const RollupOwner& owner,
                     std::vector<Param> values, const Rollups& rollups) {
  const auto counts = connection.QueryBinary(table.counts, values);
  if (!counts.ok()) return counts.status();
  std::map<int64_t, int64_t> lacking;  // records, by period
  for (int row = 0; row < counts->count(); ++row) {
    lacking[counts->TimeUs(row, 0)] = counts->Int64(row, 1);
  }
  const bool any_before = !lacking.empty();
  for (const auto& [key, row] : rollups) {
    if (any_before) lacking[key.first] -= row.record_count;
  }
  CopyBuffer buffer;
  std::vector<Param> replaced;
  for (const auto& [key, row] : rollups) {
    if (any_before && lacking[key.first] > 0) continue;
    if (any_before) replaced.push_back(TimeUs(key.first));
    AppendTo(buffer, owner, row);
  }
  if (!replaced.empty()) {
    values.push_back(Array(replaced));
    const absl::Status cleared = connection.Execute(table.clear, values);
    if (!cleared.ok()) return cleared;
  }
  if (buffer.row_count() == 0) return absl::OkStatus();
  return connection.CopyIn(table.copy, buffer.Finish());
}

}  // namespace

absl::StatusOr<RollPart> FirstPart(Connection& connection, const RollupOwner& owner,
                                   RollSpan span) {
  std::vector<Param> values = ValuesOf(owner, span);
  values.push_back(Int(kRecordsAtOnce));
  const auto next =
      owner.point_id == 0
          ? connection.QueryBinary(
                "SELECT measured_at FROM reading WHERE asset_id = $1 AND $2::bigint = 0"
                " AND measured_at >= $3 AND measured_at < $4 ORDER BY measured_at"
                " OFFSET $5::int LIMIT 1",
                values)
          : connection.QueryBinary("SELECT measured_at FROM trend" OF_SPAN
                                   " ORDER BY measured_at OFFSET $5::int LIMIT 1",
                                   values);
  if (!next.ok()) return next.status();
  if (next->count() == 0) return RollPart{.span = span};
  const int64_t hour_us = HourOf(next->TimeUs(0, 0));
  if (hour_us > span.start_us) return RollPart{.span = {span.start_us, hour_us}};
  return RollPart{.span = {span.start_us, span.start_us + kHourUs}, .dense = owner.point_id != 0};
}

absl::StatusOr<Rollups> MakeHours(Connection& connection, const RollupOwner& owner, RollSpan span) {
  Rollups rollups;
  if (owner.point_id == 0) return rollups;
  for (std::optional<int64_t> next_us = span.start_us; next_us;) {
    auto page = RollUpPage(connection, owner, {*next_us, span.end_us}, rollups);
    if (!page.ok()) return page.status();
    next_us = *page;
  }
  return rollups;
}

absl::Status StoreHours(Connection& connection, const RollupOwner& owner, RollSpan span,
                        const Rollups& hours) {
  if (owner.point_id == 0) return RollReadingHours(connection, owner, span);
  return Replace(connection, kHours, owner, ValuesOf(owner, span), hours);
}

absl::Status RollDays(Connection& connection, const RollupOwner& owner, RollSpan days) {
  if (owner.point_id == 0) return RollReadingDays(connection, owner, days);
  const std::vector<Param> values = ValuesOf(owner, days);
  const auto hours = connection.QueryBinary(
      "SELECT measured_at, feature_set, record_count, value_counts, minima, means, maxima, lasts,"
      " health, severity, worst_condition FROM rollup_hour" OF_SPAN " ORDER BY measured_at",
      values);
  if (!hours.ok()) return hours.status();
  Rollups rollups;
  for (int row = 0; row < hours->count(); ++row) {
    const RollupRow hour = ReadRollupRow(*hours, row);
    RowOf(rollups, DayOf(hour.start_us), hour.feature_set).Add(hour);
  }
  return Replace(connection, kDays, owner, values, rollups);
}

}  // namespace auscult::db
