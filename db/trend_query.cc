#include "db/trend_query.h"

#include <algorithm>

#include "db/trend_plan.h"
#include "db/trend_reader.h"

namespace auscult::db {
namespace {

absl::StatusOr<std::vector<TrendSeries>> ReadAt(Connection& connection, const TrendReader& reader,
                                                size_t series_count, const TrendOptions& options,
                                                const TrendPlan& plan) {
  std::vector<TrendCollector> collectors(
      series_count, TrendCollector(plan.extent, options.max_points, options.decimation));
  using Part = std::pair<TrendResolution, const std::vector<Period>*>;
  for (const auto& [resolution, spans] : {Part{TrendResolution::kDays, &plan.days},
                                          {TrendResolution::kHours, &plan.hours},
                                          {TrendResolution::kRecords, &plan.records}}) {
    for (const Period span : *spans) {
      absl::Status status = reader.Read(connection, resolution, span, collectors);
      if (!status.ok()) return status;
    }
  }
  std::vector<TrendSeries> read;
  for (TrendCollector& collector : collectors) {
    read.push_back(std::move(collector).Finish());
    read.back().resolution = plan.resolution;
  }
  return read;
}

absl::StatusOr<TrendPlan> PlanFor(Connection& connection, const TrendReader& reader,
                                  const TrendOptions& options, TrendResolution wanted) {
  const auto extent =
      reader.Extent(connection, options.period, wanted == TrendResolution::kRecords);
  if (!extent.ok()) return extent.status();
  TrendPlan plan = PlanTrend(options.period, options.max_points, wanted, *extent);
  // Where records are what is needed, it counts how far back they are kept.
  if (wanted == plan.resolution || plan.resolution != TrendResolution::kRecords) return plan;
  return PlanFor(connection, reader, options, TrendResolution::kRecords);
}

absl::StatusOr<std::vector<TrendSeries>> ReadTrends(Connection& connection,
                                                    const TrendReader& reader, size_t series_count,
                                                    const TrendOptions& options) {
  absl::StatusOr<TrendPlan> plan = PlanFor(connection, reader, options, options.resolution);
  if (!plan.ok()) return plan.status();
  auto series = ReadAt(connection, reader, series_count, options, *plan);
  if (!series.ok() || options.resolution != TrendResolution::kChosen ||
      plan->resolution == TrendResolution::kRecords) {
    return series;
  }
  const bool few = std::all_of(series->begin(), series->end(), [&](const TrendSeries& each) {
    return each.record_count <= options.max_points;
  });
  if (!few) return series;
  plan = PlanFor(connection, reader, options, TrendResolution::kRecords);
  if (!plan.ok()) return plan.status();
  return ReadAt(connection, reader, series_count, options, *plan);
}

}  // namespace

absl::StatusOr<std::vector<TrendSeries>> QueryPointTrends(
    Connection& connection, int64_t asset_id, int64_t point_id,
    std::span<const TrendSelection> selections, const TrendOptions& options) {
  TrendOptions resolved = options;
  // Rollups hold what counts.
  if (options.run != 0) resolved.resolution = TrendResolution::kRecords;
  return ReadTrends(connection, PointTrendReader(asset_id, point_id, selections, options.run),
                    selections.size(), resolved);
}

absl::StatusOr<std::vector<TrendSeries>> QueryReadings(Connection& connection, int64_t asset_id,
                                                       std::span<const std::string> quantities,
                                                       const TrendOptions& options) {
  return ReadTrends(connection, ReadingTrendReader(asset_id, quantities), quantities.size(),
                    options);
}

absl::StatusOr<std::vector<std::string>> ListReadingQuantities(Connection& connection,
                                                               int64_t asset_id) {
  // Skips from name to name along the key, however many readings each has.
  const Param values[] = {Int(asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH RECURSIVE name (quantity) AS ("
      " (SELECT quantity FROM reading WHERE asset_id = $1 ORDER BY quantity LIMIT 1)"
      " UNION ALL SELECT (SELECT r.quantity FROM reading r WHERE r.asset_id = $1"
      "  AND r.quantity > name.quantity ORDER BY r.quantity LIMIT 1) FROM name"
      "  WHERE name.quantity IS NOT NULL)"
      " SELECT quantity FROM name WHERE quantity IS NOT NULL ORDER BY quantity",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> quantities;
  quantities.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) quantities.emplace_back(rows->Text(row, 0));
  return quantities;
}

absl::StatusOr<std::vector<ConditionEvent>> QueryEvents(Connection& connection, int64_t asset_id,
                                                        int64_t point_id, Period period,
                                                        int limit) {
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(period.start_us),
                          TimeUs(period.end_us), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(measured_at), from_condition, to_condition, verdict, summary FROM event"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
      " ORDER BY measured_at DESC LIMIT $5",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<ConditionEvent> events;
  events.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) {
    events.push_back({.measured_at_us = rows->Int(row, 0),
                      .from_condition = static_cast<int>(rows->Int(row, 1)),
                      .to_condition = static_cast<int>(rows->Int(row, 2)),
                      .verdict = static_cast<int>(rows->Int(row, 3)),
                      .summary = std::string(rows->Text(row, 4))});
  }
  return events;
}

}  // namespace auscult::db
