#include "db/rollup_row.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace auscult::db {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// The worse one, of equally bad ones the later.
models::Condition Worse(models::Condition earlier, models::Condition later) {
  return RankOf(earlier) > RankOf(later) ? earlier : later;
}

// Count, minimum, mean, maximum, last.
void AppendFive(CopyBuffer& buffer, const ValueRollup& value) {
  const bool any = value.count > 0;
  const float five[] = {static_cast<float>(value.count), any ? value.min : kNone, value.mean(),
                        any ? value.max : kNone, any ? value.last : kNone};
  buffer.FloatArray(five);
}

ValueRollup ReadFive(const BinaryRows& rows, int row, int column) {
  std::vector<float> five;
  rows.FloatArray(row, column, five);
  if (five.size() != 5 || !(five[0] > 0)) return {};
  const auto count = static_cast<int32_t>(five[0]);
  return {.count = count,
          .min = five[1],
          .max = five[3],
          .last = five[4],
          .sum = static_cast<double>(five[2]) * count};
}

}  // namespace

void ValueRollup::Add(float value) {
  if (!std::isfinite(value)) return;
  min = count == 0 ? value : std::min(min, value);
  max = count == 0 ? value : std::max(max, value);
  sum += static_cast<double>(value);
  last = value;
  ++count;
}

void ValueRollup::Add(const ValueRollup& later) {
  if (later.count == 0) return;
  min = count == 0 ? later.min : std::min(min, later.min);
  max = count == 0 ? later.max : std::max(max, later.max);
  sum += later.sum;
  last = later.last;
  count += later.count;
}

float ValueRollup::mean() const { return count == 0 ? kNone : static_cast<float>(sum / count); }

void RollupRow::Add(std::span<const float> values, const Judged* judged) {
  if (features.size() < values.size()) features.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) features[i].Add(values[i]);
  if (judged != nullptr) {
    health.Add(judged->health);
    severity.Add(judged->severity);
    worst_condition =
        record_count == 0 ? judged->condition : Worse(worst_condition, judged->condition);
  }
  ++record_count;
}

void RollupRow::Add(const RollupRow& later) {
  if (features.size() < later.features.size()) features.resize(later.features.size());
  for (size_t i = 0; i < later.features.size(); ++i) features[i].Add(later.features[i]);
  health.Add(later.health);
  severity.Add(later.severity);
  worst_condition =
      record_count == 0 ? later.worst_condition : Worse(worst_condition, later.worst_condition);
  record_count += later.record_count;
}

void AppendTo(CopyBuffer& buffer, const RollupOwner& owner, const RollupRow& row) {
  std::vector<int32_t> counts;
  std::vector<float> minima, means, maxima, lasts;
  bool complete = true;
  for (const ValueRollup& value : row.features) {
    const bool any = value.count > 0;
    complete = complete && value.count == row.record_count;
    counts.push_back(value.count);
    minima.push_back(any ? value.min : kNone);
    means.push_back(value.mean());
    maxima.push_back(any ? value.max : kNone);
    lasts.push_back(any ? value.last : kNone);
  }
  buffer.StartRow(14);
  buffer.Int64(owner.asset_id);
  buffer.Int64(owner.point_id);
  buffer.TimeUs(row.start_us);
  buffer.Int16(row.feature_set);
  buffer.Int64(owner.site_id);
  buffer.Int32(row.record_count);
  if (complete) {
    buffer.Null();
  } else {
    buffer.IntArray(counts);
  }
  buffer.FloatArray(minima);
  buffer.FloatArray(means);
  buffer.FloatArray(maxima);
  buffer.FloatArray(lasts);
  AppendFive(buffer, row.health);
  AppendFive(buffer, row.severity);
  buffer.Int16(static_cast<int16_t>(row.worst_condition));
}

RollupRow ReadRollupRow(const BinaryRows& rows, int row) {
  RollupRow read{.start_us = rows.TimeUs(row, 0),
                 .feature_set = rows.Int16(row, 1),
                 .record_count = rows.Int32(row, 2),
                 .features = {},
                 .health = ReadFive(rows, row, 8),
                 .severity = ReadFive(rows, row, 9),
                 .worst_condition = static_cast<models::Condition>(rows.Int16(row, 10))};
  std::vector<int32_t> counts;
  std::vector<float> minima, means, maxima, lasts;
  if (!rows.IsNull(row, 3)) rows.IntArray(row, 3, counts);
  rows.FloatArray(row, 4, minima);
  rows.FloatArray(row, 5, means);
  rows.FloatArray(row, 6, maxima);
  rows.FloatArray(row, 7, lasts);
  counts.resize(minima.size(), read.record_count);
  for (size_t i = 0; i < minima.size(); ++i) {
    read.features.push_back({.count = counts[i],
                             .min = minima[i],
                             .max = maxima[i],
                             .last = lasts[i],
                             .sum = static_cast<double>(means[i]) * counts[i]});
    if (counts[i] == 0) read.features.back() = {};
  }
  return read;
}

}  // namespace auscult::db
