#include "db/case_statistics.h"

#include <algorithm>

#include "db/store_status.h"

namespace auscult::db {
namespace {

constexpr double kDefaultFalseAlarmsPerPointYear = 0.1;
constexpr double kWeeksPerYear = 365.25 / 7;

std::optional<double> RealOrNothing(const Rows& rows, int column) {
  return rows.IsNull(0, column) ? std::nullopt : std::optional(rows.Real(0, column));
}

}  // namespace

absl::StatusOr<CaseStatistics> CountCases(Connection& connection, const std::string& site,
                                          Period opened) {
  const Param values[] = {Text(site), TimeUs(opened.start_us), TimeUs(opened.end_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT count(*), count(*) FILTER (WHERE c.closed_at IS NULL),"
      " count(*) FILTER (WHERE c.finding = 1), count(*) FILTER (WHERE c.finding = 2),"
      " count(*) FILTER (WHERE c.finding = 3),"
      " count(*) FILTER (WHERE c.finding = 0 AND c.closed_at IS NOT NULL),"
      " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM"
      "  c.closed_at - c.opened_at)) FILTER (WHERE c.finding = 1),"
      " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM"
      "  c.acknowledged_at - c.create_time))"
      " FROM alarm c JOIN site s USING (site_id)"
      " WHERE ($1 = '' OR s.slug = $1) AND c.kind IN (1, 4)"
      " AND c.opened_at >= $2::timestamptz AND c.opened_at < $3::timestamptz",
      values);
  if (!rows.ok()) return rows.status();
  const auto count = [&](int column) { return static_cast<int>(rows->Int(0, column)); };
  return CaseStatistics{.opened = count(0),
                        .open = count(1),
                        .confirmed = count(2),
                        .false_alarms = count(3),
                        .other_causes = count(4),
                        .without_finding = count(5),
                        .median_lead_s = RealOrNothing(*rows, 6),
                        .median_acknowledge_s = RealOrNothing(*rows, 7)};
}

absl::StatusOr<FalseAlarmBudget> GetFalseAlarmBudget(Connection& connection,
                                                     const std::string& site) {
  const Param values[] = {Text(site)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT s.false_alarms_per_point_year, s.alarm_budget_per_week,"
      " (SELECT count(*) FROM asset a JOIN point p USING (asset_id)"
      "  WHERE $1 = '' OR a.site_id = s.site_id)"
      " FROM (SELECT) always LEFT JOIN site s ON s.slug = $1 WHERE $1 = '' OR s.slug = $1",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(ResourceName({"sites", site}));
  return FalseAlarmBudget{.false_alarms_per_point_year = RealOrNothing(*rows, 0),
                          .alarms_per_week = RealOrNothing(*rows, 1),
                          .point_count = static_cast<int>(rows->Int(0, 2))};
}

double FalseAlarmsPerPointYear(const FalseAlarmBudget& budget) {
  const double rate = budget.false_alarms_per_point_year.value_or(kDefaultFalseAlarmsPerPointYear);
  if (!budget.alarms_per_week || budget.point_count == 0) return rate;
  return std::min(rate, *budget.alarms_per_week * kWeeksPerYear / budget.point_count);
}

}  // namespace auscult::db
