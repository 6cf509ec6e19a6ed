#include "db/trend_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "db/counted_score.h"
#include "db/rollup.h"

// Of $1 asset, $2 point: what was measured from $3 to before $4.
#define OF_SPAN " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
// Where the value stands in the vectors of each feature set.
#define AT_PLACE " JOIN unnest($5::smallint[], $6::int[]) AS home (set, place) ON set = feature_set"
// The records as the re-scoring `run` saw them: what it extracted anew, else what was measured.
#define SEEN_BY(run)                                                                        \
  " (SELECT measured_at, feature_set, features FROM extraction" OF_SPAN " AND run = " run   \
  "  UNION ALL SELECT measured_at, feature_set, features FROM trend" OF_SPAN                \
  "  AND NOT EXISTS (SELECT FROM extraction e WHERE e.asset_id = $1 AND e.point_id = $2"    \
  "   AND e.measured_at = trend.measured_at AND e.measured_at >= $3 AND e.measured_at < $4" \
  "   AND e.run = " run ")) AS record"
#define ROLLED_FEATURE(table)                                                       \
  "SELECT measured_at, coalesce(value_counts[place], record_count), minima[place]," \
  " means[place], maxima[place], lasts[place] FROM " table AT_PLACE OF_SPAN         \
  " AND place <= cardinality(minima)"
#define ROLLED_HEALTH(table, column)                                              \
  "SELECT measured_at, " column "[1]::int, " column "[2], " column "[3], " column \
  "[4],"                                                                          \
  " " column "[5] FROM " table OF_SPAN " AND " column "[1] > 0"
#define ROLLED_WHOLE(table)                                                                    \
  "SELECT measured_at, feature_set, record_count, value_counts, minima, means, maxima, lasts," \
  " health, severity, worst_condition FROM " table OF_SPAN
#define COUNTED_HEALTH(column)                                                  \
  "SELECT DISTINCT ON (measured_at) measured_at, " column " FROM score" OF_SPAN \
  " AND CASE WHEN $5::bigint = 0 THEN " COUNTED_SCORE                           \
  " ELSE run = $5::bigint END"                                                  \
  " ORDER BY measured_at, run DESC"

namespace auscult::db {
namespace {

// From here on it is cheaper to read whole vectors once than to pick out one value after the other.
constexpr size_t kManyFeatures = 8;

int64_t MiddleOf(TrendResolution resolution) {
  return resolution == TrendResolution::kDays ? kDayUs / 2 : kHourUs / 2;
}

void AddRecords(const BinaryRows& rows, TrendCollector& collector) {
  for (int row = 0; row < rows.count(); ++row) {
    ValueRollup value;
    value.Add(rows.Float32(row, 1));
    collector.Add(rows.TimeUs(row, 0), value);
  }
}

void AddRollups(const BinaryRows& rows, int64_t middle_us, TrendCollector& collector) {
  for (int row = 0; row < rows.count(); ++row) {
    const int32_t count = rows.Int32(row, 1);
    collector.Add(rows.TimeUs(row, 0) + middle_us,
                  {.count = count,
                   .min = rows.Float32(row, 2),
                   .max = rows.Float32(row, 4),
                   .last = rows.Float32(row, 5),
                   .sum = static_cast<double>(rows.Float32(row, 3)) * count});
  }
}

// The statement for each resolution.
struct ByResolution {
  Sql records, hours, days;

  Sql Of(TrendResolution resolution) const {
    if (resolution == TrendResolution::kDays) return days;
    return resolution == TrendResolution::kHours ? hours : records;
  }
};

absl::Status ReadSeries(Connection& connection, const ByResolution& statements,
                        TrendResolution resolution, std::span<const Param> values,
                        TrendCollector& collector) {
  const auto rows = connection.QueryBinary(statements.Of(resolution), values);
  if (!rows.ok()) return rows.status();
  if (resolution == TrendResolution::kRecords) {
    AddRecords(*rows, collector);
  } else {
    AddRollups(*rows, MiddleOf(resolution), collector);
  }
  return absl::OkStatus();
}

std::vector<Param> Texts(std::span<const std::string> names) {
  std::vector<Param> texts;
  for (const std::string& name : names) texts.push_back(Text(name));
  return texts;
}

std::optional<int64_t> TimeAt(const BinaryRows& rows, int column) {
  if (rows.count() == 0 || rows.IsNull(0, column)) return std::nullopt;
  return rows.TimeUs(0, column);
}

// Of rolled_to, last_measured_at, first hour, first day.
TrendExtent ExtentOf(const BinaryRows& rows) {
  TrendExtent extent;
  extent.rolled_to_us = TimeAt(rows, 0);
  extent.last_us = TimeAt(rows, 1);
  extent.first_hour_us = TimeAt(rows, 2);
  extent.first_day_us = TimeAt(rows, 3);
  return extent;
}

absl::Status AddDueHours(Connection& connection, int64_t asset_id, int64_t point_id, Period period,
                         TrendExtent& extent) {
  if (!extent.rolled_to_us) return absl::OkStatus();
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(period.start_us - kHourUs),
                          TimeUs(std::min(period.end_us, *extent.rolled_to_us))};
  const auto rows = connection.QueryBinary(
      "SELECT hour FROM rollup_due WHERE asset_id = $1 AND point_id = $2 AND hour > $3 AND hour < "
      "$4"
      " ORDER BY hour",
      values);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->count(); ++row) extent.due_us.push_back(rows->TimeUs(row, 0));
  return absl::OkStatus();
}

// Where a feature stands in the vectors of the sets that have it, counted from 1: two arrays.
std::pair<Param, Param> PlacesOf(const TrendSelection& selection) {
  std::vector<Param> sets, places;
  for (const features::FeatureSet& set : features::FeatureSets()) {
    const auto size = static_cast<int>(set.features.size());
    if (set.signal != selection.signal || selection.feature >= size) continue;
    sets.push_back(Int(set.id));
    places.push_back(Int(selection.channel * size + selection.feature + 1));
  }
  return {Array(sets), Array(places)};
}

// Where a feature stands in a vector of `set_id`, counted from 0; -1: nowhere.
int PlaceIn(int16_t set_id, const TrendSelection& selection) {
  const features::FeatureSet* set = features::FindFeatureSet(set_id);
  if (set == nullptr || set->signal != selection.signal) return -1;
  const auto size = static_cast<int>(set->features.size());
  return selection.feature < size ? selection.channel * size + selection.feature : -1;
}

bool IsFeature(const TrendSelection& selection) {
  return selection.kind == TrendSelection::Kind::kFeature;
}

}  // namespace

std::vector<Param> PointTrendReader::Values(Period span) const {
  return {Int(asset_id_), Int(point_id_), TimeUs(span.start_us), TimeUs(span.end_us)};
}

absl::StatusOr<TrendExtent> PointTrendReader::Extent(Connection& connection, Period period,
                                                     bool records) const {
  // A period may begin amid an hour or a day.
  const int64_t start_us = std::max<int64_t>(period.start_us, 0);
  const Param values[] = {Int(asset_id_), Int(point_id_), TimeUs(HourOf(start_us)),
                          TimeUs(period.end_us), TimeUs(DayOf(start_us))};
  const auto rows = connection.QueryBinary(
      "SELECT rolled_to, last_measured_at,"
      " (SELECT measured_at FROM rollup_hour WHERE asset_id = $1 AND point_id = $2"
      "  AND measured_at >= $3 AND measured_at < $4 ORDER BY measured_at LIMIT 1),"
      " (SELECT measured_at FROM rollup_day WHERE asset_id = $1 AND point_id = $2"
      "  AND measured_at >= $5 AND measured_at < $4 ORDER BY measured_at LIMIT 1)"
      " FROM point_state WHERE asset_id = $1 AND point_id = $2",
      values);
  if (!rows.ok()) return rows.status();
  TrendExtent extent = ExtentOf(*rows);
  if (records || (!extent.first_hour_us && !extent.first_day_us)) {
    const auto first = connection.QueryBinary(
        "SELECT measured_at FROM trend" OF_SPAN " ORDER BY measured_at LIMIT 1", Values(period));
    if (!first.ok()) return first.status();
    extent.first_record_us = TimeAt(*first, 0);
  }
  const absl::Status due = AddDueHours(connection, asset_id_, point_id_, period, extent);
  if (!due.ok()) return due;
  return extent;
}

absl::Status PointTrendReader::Read(Connection& connection, TrendResolution resolution, Period span,
                                    std::span<TrendCollector> collectors) const {
  const auto feature_count =
      static_cast<size_t>(std::count_if(selections_.begin(), selections_.end(), IsFeature));
  const bool whole = feature_count > kManyFeatures;
  for (size_t i = 0; i < selections_.size(); ++i) {
    if (whole && IsFeature(selections_[i])) continue;
    absl::Status status = ReadOne(connection, resolution, span, selections_[i], collectors[i]);
    if (!status.ok()) return status;
  }
  return whole ? ReadWhole(connection, resolution, span, collectors) : absl::OkStatus();
}

absl::Status PointTrendReader::ReadOne(Connection& connection, TrendResolution resolution,
                                       Period span, const TrendSelection& selection,
                                       TrendCollector& collector) const {
  static constexpr ByResolution kHealth = {COUNTED_HEALTH("health"),
                                           ROLLED_HEALTH("rollup_hour", "health"),
                                           ROLLED_HEALTH("rollup_day", "health")};
  static constexpr ByResolution kSeverity = {COUNTED_HEALTH("severity"),
                                             ROLLED_HEALTH("rollup_hour", "severity"),
                                             ROLLED_HEALTH("rollup_day", "severity")};
  static constexpr ByResolution kFeature = {
      "SELECT measured_at, features[place] FROM trend" AT_PLACE OF_SPAN,
      ROLLED_FEATURE("rollup_hour"), ROLLED_FEATURE("rollup_day")};
  static constexpr Sql kSeenRecords =
      "SELECT measured_at, features[place] FROM" SEEN_BY("$7::bigint") AT_PLACE;
  static constexpr ByResolution kSeenFeature = {kSeenRecords, kSeenRecords, kSeenRecords};
  std::vector<Param> values = Values(span);
  if (IsFeature(selection)) {
    auto [sets, places] = PlacesOf(selection);
    values.push_back(std::move(sets));
    values.push_back(std::move(places));
    if (run_ == 0) return ReadSeries(connection, kFeature, resolution, values, collector);
    values.push_back(Int(run_));
    return ReadSeries(connection, kSeenFeature, resolution, values, collector);
  }
  if (resolution == TrendResolution::kRecords) values.push_back(Int(run_));
  const bool health = selection.kind == TrendSelection::Kind::kHealth;
  return ReadSeries(connection, health ? kHealth : kSeverity, resolution, values, collector);
}

absl::Status PointTrendReader::ReadWhole(Connection& connection, TrendResolution resolution,
                                         Period span, std::span<TrendCollector> collectors) const {
  static constexpr ByResolution kWhole = {
      "SELECT measured_at, feature_set, features FROM trend" OF_SPAN, ROLLED_WHOLE("rollup_hour"),
      ROLLED_WHOLE("rollup_day")};
  std::vector<Param> values = Values(span);
  if (run_ != 0) values.push_back(Int(run_));
  const auto rows =
      run_ == 0
          ? connection.QueryBinary(kWhole.Of(resolution), values)
          : connection.QueryBinary(
                "SELECT measured_at, feature_set, features FROM" SEEN_BY("$5::bigint"), values);
  if (!rows.ok()) return rows.status();
  const bool records = resolution == TrendResolution::kRecords;
  std::vector<float> features;
  RollupRow rollup;
  for (int row = 0; row < rows->count(); ++row) {
    const int64_t at_us = rows->TimeUs(row, 0) + (records ? 0 : MiddleOf(resolution));
    const int16_t set_id = rows->Int16(row, 1);
    if (records) {
      rows->FloatArray(row, 2, features);
    } else {
      rollup = ReadRollupRow(*rows, row);
    }
    const size_t size = records ? features.size() : rollup.features.size();
    for (size_t i = 0; i < selections_.size(); ++i) {
      const int place = IsFeature(selections_[i]) ? PlaceIn(set_id, selections_[i]) : -1;
      if (place < 0 || static_cast<size_t>(place) >= size) continue;
      ValueRollup value;
      if (records) {
        value.Add(features[static_cast<size_t>(place)]);
      } else {
        value = rollup.features[static_cast<size_t>(place)];
      }
      collectors[i].Add(at_us, value);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TrendExtent> ReadingTrendReader::Extent(Connection& connection, Period period,
                                                       bool records) const {
  const Param values[] = {Int(asset_id_), TimeUs(HourOf(std::max<int64_t>(period.start_us, 0))),
                          TimeUs(DayOf(std::max<int64_t>(period.start_us, 0))),
                          TimeUs(period.end_us), Array(Texts(quantities_))};
  const auto rows = connection.QueryBinary(
      "SELECT rolled_to, last_measured_at,"
      " (SELECT min((SELECT measured_at FROM reading_rollup_hour WHERE asset_id = $1"
      "  AND quantity = name AND measured_at >= $2 AND measured_at < $4"
      "  ORDER BY measured_at LIMIT 1)) FROM unnest($5::text[]) AS name),"
      " (SELECT min((SELECT measured_at FROM reading_rollup_day WHERE asset_id = $1"
      "  AND quantity = name AND measured_at >= $3 AND measured_at < $4"
      "  ORDER BY measured_at LIMIT 1)) FROM unnest($5::text[]) AS name)"
      " FROM process_state WHERE asset_id = $1",
      values);
  if (!rows.ok()) return rows.status();
  TrendExtent extent = ExtentOf(*rows);
  if (records || (!extent.first_hour_us && !extent.first_day_us)) {
    const Param span[] = {Int(asset_id_), TimeUs(period.start_us), TimeUs(period.end_us),
                          Array(Texts(quantities_))};
    const auto first = connection.QueryBinary(
        "SELECT min((SELECT measured_at FROM reading WHERE asset_id = $1 AND quantity = name"
        " AND measured_at >= $2 AND measured_at < $3 ORDER BY measured_at LIMIT 1))"
        " FROM unnest($4::text[]) AS name",
        span);
    if (!first.ok()) return first.status();
    extent.first_record_us = TimeAt(*first, 0);
  }
  const absl::Status due = AddDueHours(connection, asset_id_, 0, period, extent);
  if (!due.ok()) return due;
  return extent;
}

absl::Status ReadingTrendReader::Read(Connection& connection, TrendResolution resolution,
                                      Period span, std::span<TrendCollector> collectors) const {
#define OF_QUANTITY \
  " WHERE asset_id = $1 AND quantity = $2 AND measured_at >= $3 AND measured_at < $4"
#define ROLLED_READING(table)                                                             \
  "SELECT measured_at, value_count, minimum::real, mean::real, maximum::real, last::real" \
  " FROM " table OF_QUANTITY
  static constexpr ByResolution kReading = {
      "SELECT measured_at, value::real FROM reading" OF_QUANTITY,
      ROLLED_READING("reading_rollup_hour"), ROLLED_READING("reading_rollup_day")};
  for (size_t i = 0; i < quantities_.size(); ++i) {
    const Param values[] = {Int(asset_id_), Text(quantities_[i]), TimeUs(span.start_us),
                            TimeUs(span.end_us)};
    absl::Status status = ReadSeries(connection, kReading, resolution, values, collectors[i]);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace auscult::db
