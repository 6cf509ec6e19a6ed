#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "db/rollup_row.h"

namespace auscult::db {

struct Period {
  int64_t start_us = 0;
  int64_t end_us = 0;  // exclusive
};

enum class TrendResolution { kChosen = 0, kRecords = 1, kHours = 2, kDays = 3 };

enum class Decimation {
  kExtremes,  // minimum, mean and maximum of buckets of equal duration
  kLttb,      // largest triangle three buckets (Steinarsson 2013)
};

// Parallel arrays, oldest first; `min` and `max` are empty where every value is that of one record.
struct TrendSeries {
  std::vector<int64_t> time_us;
  std::vector<float> value, min, max, last;
  std::vector<int64_t> count;
  int64_t record_count = 0;
  TrendResolution resolution = TrendResolution::kRecords;
};

// Takes the values of a series in any order, and keeps no more of them than are shown, unless it is
// to choose among them (kLttb).
class TrendCollector {
 public:
  // What is taken lies within `extent`, which sets the width of buckets.
  TrendCollector(Period extent, int max_points, Decimation decimation);

  // A record's value, or a rollup's at the middle of its period. Left out if it counts none.
  void Add(int64_t at_us, const ValueRollup& value);

  // At most `max_points`. The time of a bucket is the mean of its records'. For kLttb a rollup
  // stands for that extreme of it which is further from its mean.
  TrendSeries Finish() &&;

 private:
  struct Sample {
    int64_t at_us = 0;  // of a bucket the last one's
    ValueRollup value;
    double time_sum_us = 0;  // of a bucket, counted from low_us_, weighted with the counts
  };
  void AddToBucket(const Sample& sample);
  void MergeEqualTimes();
  void KeepShape();

  const int64_t low_us_, width_us_;
  const size_t max_points_;
  const Decimation decimation_;
  bool bucketed_ = false;
  std::vector<Sample> samples_;  // or the buckets, some of them empty
};

}  // namespace auscult::db
