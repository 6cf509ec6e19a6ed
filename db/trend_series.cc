#include "db/trend_series.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace auscult::db {
namespace {

// Saturates: a period may span all of time.
int64_t WidthOf(Period extent, int max_points) {
  const int64_t span_us = std::max<int64_t>(extent.end_us - 1 - extent.start_us, 0);
  return span_us / max_points + 1;
}

// What stands for a rollup among records.
float MostExtreme(const ValueRollup& value) {
  const float mean = value.mean();
  return mean - value.min > value.max - mean ? value.min : value.max;
}

}  // namespace

TrendCollector::TrendCollector(Period extent, int max_points, Decimation decimation)
    : low_us_(extent.start_us),
      width_us_(WidthOf(extent, max_points)),
      max_points_(static_cast<size_t>(max_points)),
      decimation_(decimation) {}

void TrendCollector::Add(int64_t at_us, const ValueRollup& value) {
  if (value.count == 0) return;
  Sample sample{.at_us = at_us, .value = value};
  sample.time_sum_us = static_cast<double>(at_us - low_us_) * value.count;
  if (bucketed_) {
    AddToBucket(sample);
    return;
  }
  samples_.push_back(sample);
  // Rollups of two feature sets may share their time: there may be more before they are merged.
  if (decimation_ == Decimation::kLttb || samples_.size() <= 2 * max_points_) return;
  std::vector<Sample> all(max_points_);
  std::swap(all, samples_);
  bucketed_ = true;
  for (const Sample& each : all) AddToBucket(each);
}

void TrendCollector::AddToBucket(const Sample& sample) {
  const int64_t place = std::clamp<int64_t>((sample.at_us - low_us_) / width_us_, 0,
                                            static_cast<int64_t>(max_points_) - 1);
  Sample& bucket = samples_[static_cast<size_t>(place)];
  const bool later = bucket.value.count == 0 || sample.at_us >= bucket.at_us;
  const float last = later ? sample.value.last : bucket.value.last;
  bucket.value.Add(sample.value);
  bucket.value.last = last;
  if (later) bucket.at_us = sample.at_us;
  bucket.time_sum_us += sample.time_sum_us;
}

void TrendCollector::MergeEqualTimes() {
  std::stable_sort(samples_.begin(), samples_.end(),
                   [](const Sample& a, const Sample& b) { return a.at_us < b.at_us; });
  size_t kept = 0;
  for (size_t i = 0; i < samples_.size(); ++i) {
    if (kept > 0 && samples_[kept - 1].at_us == samples_[i].at_us) {
      samples_[kept - 1].value.Add(samples_[i].value);
      samples_[kept - 1].time_sum_us += samples_[i].time_sum_us;
    } else {
      samples_[kept++] = samples_[i];
    }
  }
  samples_.resize(kept);
}

// Steinarsson 2013: of each bucket the sample that makes the largest triangle with the one chosen
// before and the mean of the bucket after; the first and the last sample stay.
void TrendCollector::KeepShape() {
  const size_t count = samples_.size();
  if (max_points_ < 3) {
    samples_ = max_points_ == 1 ? std::vector<Sample>{samples_.front()}
                                : std::vector<Sample>{samples_.front(), samples_.back()};
    return;
  }
  const auto value_of = [this](size_t i) {
    return static_cast<double>(MostExtreme(samples_[i].value));
  };
  const auto time_of = [this](size_t i) {
    return static_cast<double>(samples_[i].at_us - low_us_);
  };
  const size_t buckets = max_points_ - 2;
  const auto begin_of = [&](size_t bucket) {
    return bucket >= buckets ? count - 1 : 1 + bucket * (count - 2) / buckets;
  };
  std::vector<Sample> chosen = {samples_.front()};
  size_t before = 0;
  for (size_t bucket = 0; bucket < buckets; ++bucket) {
    const size_t next_begin = begin_of(bucket + 1);
    const size_t next_end = bucket + 1 >= buckets ? count : begin_of(bucket + 2);
    double next_time = 0, next_value = 0;
    for (size_t i = next_begin; i < next_end; ++i) {
      next_time += time_of(i);
      next_value += value_of(i);
    }
    const auto next_count = static_cast<double>(next_end - next_begin);
    next_time /= next_count;
    next_value /= next_count;
    size_t best = begin_of(bucket);
    double best_area = -1;
    for (size_t i = begin_of(bucket); i < next_begin; ++i) {
      const double area =
          std::abs((time_of(before) - next_time) * (value_of(i) - value_of(before)) -
                   (time_of(before) - time_of(i)) * (next_value - value_of(before)));
      if (area > best_area) best = i;
      best_area = std::max(best_area, area);
    }
    chosen.push_back(samples_[best]);
    before = best;
  }
  chosen.push_back(samples_.back());
  samples_ = std::move(chosen);
}

TrendSeries TrendCollector::Finish() && {
  TrendSeries series;
  if (!bucketed_) MergeEqualTimes();
  for (const Sample& sample : samples_) series.record_count += sample.value.count;
  if (decimation_ == Decimation::kLttb) {
    if (samples_.size() > max_points_) KeepShape();
    for (const Sample& sample : samples_) {
      series.time_us.push_back(sample.at_us);
      series.value.push_back(MostExtreme(sample.value));
      series.last.push_back(sample.value.last);
      series.count.push_back(sample.value.count);
    }
    return series;
  }
  if (!bucketed_ && samples_.size() > max_points_) {
    std::vector<Sample> all(max_points_);
    std::swap(all, samples_);
    for (const Sample& each : all) AddToBucket(each);
  }
  const bool single = std::all_of(samples_.begin(), samples_.end(),
                                  [](const Sample& sample) { return sample.value.count <= 1; });
  for (const Sample& sample : samples_) {
    const ValueRollup& value = sample.value;
    if (value.count == 0) continue;
    series.time_us.push_back(low_us_ +
                             static_cast<int64_t>(std::llround(sample.time_sum_us / value.count)));
    series.value.push_back(value.mean());
    series.last.push_back(value.last);
    series.count.push_back(value.count);
    if (single) continue;
    series.min.push_back(value.min);
    series.max.push_back(value.max);
  }
  return series;
}

}  // namespace auscult::db
