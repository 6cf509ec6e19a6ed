#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "db/postgres.h"
#include "models/condition.h"

namespace auscult::db {

// Count, extremes, mean and last of the finite values of one quantity, added in time order.
struct ValueRollup {
  int32_t count = 0;
  float min = 0, max = 0, last = 0;
  double sum = 0;

  void Add(float value);  // NaN and infinite values are left out
  void Add(const ValueRollup& later);
  // NaN where there is none.
  float mean() const;
};

// A row of rollup_hour or rollup_day: the records of one feature set in one period.
struct RollupRow {
  int64_t start_us = 0;
  int16_t feature_set = 0;
  int32_t record_count = 0;
  std::vector<ValueRollup> features;
  ValueRollup health, severity;
  models::Condition worst_condition = models::Condition::kLearning;

  // What a record was judged as; NaN where there is nothing to say.
  struct Judged {
    float health, severity;
    models::Condition condition;
  };
  // In time order. `judged` null: no score.
  void Add(std::span<const float> values, const Judged* judged);
  void Add(const RollupRow& later);
};

// Column list that AppendTo and ReadRollups follow.
#define ROLLUP_COLUMNS                                                                  \
  "asset_id, point_id, measured_at, feature_set, site_id, record_count, value_counts, " \
  "minima, means, maxima, lasts, health, severity, worst_condition"

struct RollupOwner {
  int64_t asset_id = 0, point_id = 0, site_id = 0;
};
void AppendTo(CopyBuffer& buffer, const RollupOwner& owner, const RollupRow& row);

// Of SELECT measured_at, feature_set, record_count, value_counts, minima, means, maxima, lasts,
// health, severity, worst_condition.
RollupRow ReadRollupRow(const BinaryRows& rows, int row);

}  // namespace auscult::db
