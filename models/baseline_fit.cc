#include <algorithm>
#include <cmath>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/baseline.h"
#include "models/robust.h"
#include "models/severity.h"

namespace auscult::models {
namespace {

constexpr float kScatterFloorDb = 0.5f;
// A slope is fitted only where the window spans this much, and kept only where it explains a good
// part of the scatter: else it would follow noise and mislead outside.
constexpr float kMinSpeedOctaves = 0.1f;
constexpr float kMinLoadPercent = 10.0f;
constexpr float kMaxScatterLeft = 0.85f;
constexpr float kMinShareKnown = 0.8f;
constexpr size_t kDecisive = 3;  // the third-largest decline or rise decides
constexpr int kBlocks = 6;

float WidthOfMiddle(std::span<const float> values) {
  return Quantile(values, 0.95f) - Quantile(values, 0.05f);
}

float ShareFinite(std::span<const float> values) {
  const auto finite =
      std::count_if(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  return static_cast<float>(finite) / static_cast<float>(values.size());
}

// Takes the part of `values` that goes with `x` out of it and returns the slope; 0 where x hardly
// varies or explains little.
float TakeOutSlope(std::span<const float> x, float min_width, std::vector<float>& values) {
  if (!(WidthOfMiddle(x) >= min_width)) return 0;
  const float slope = TheilSenSlope(x, values);
  std::vector<float> rest = values;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (std::isfinite(x[i])) rest[i] -= slope * x[i];
  }
  if (!(MedianDeviation(rest) <= kMaxScatterLeft * MedianDeviation(values))) return 0;
  values = std::move(rest);
  return slope;
}

}  // namespace

Spread SpreadOf(std::span<const float> values_db) {
  const size_t third = std::max<size_t>(1, values_db.size() / 3);
  Spread spread;
  spread.location = Median(values_db);
  spread.decline = Median(values_db.first(third)) - Median(values_db.last(third));
  if (!std::isfinite(spread.decline)) spread.decline = 0;
  const float own = std::max(MedianDeviation(values_db), 0.6f * StandardDeviation(values_db));
  spread.scatter =
      std::sqrt(own * own + kScatterFloorDb * kScatterFloorDb + spread.decline * spread.decline);
  return spread;
}

// A baseline in the making.
class BaselineFit {
 public:
  BaselineFit(std::span<const features::FeatureVector> healthy, const BaselineOptions& options)
      : options_(options) {
    // The running median of the first record looks back on the ones before the window.
    const size_t before =
        std::min<size_t>(kMedianRecords - 1, healthy.size() - options.window_records);
    records_ = healthy.last(options.window_records + before);
    baseline_.set_id_ = records_.front().set_id;
    baseline_.channel_count_ = records_.front().channel_count;
  }

  absl::StatusOr<Baseline> Fit() && {
    LearnConditions();
    const features::FeatureSet& set = *features::FindFeatureSet(baseline_.set_id_);
    const auto per_channel = static_cast<int>(set.features.size());
    for (int i = 0; i < per_channel * baseline_.channel_count_; ++i) {
      if (set.features[i % per_channel].scale == features::Scale::kLevelDb) Learn(i);
    }
    if (baseline_.learnt_.empty()) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "none of the levels of feature set %s is present in %.0f %% of the last %d records; send "
          "longer records or look at their quality flags",
          set.name, 100 * kMinShareKnown, options_.window_records));
    }
    if (absl::Status status = CheckSettled(); !status.ok()) return status;
    LearnNull();
    baseline_.record_count_ = options_.window_records;
    baseline_.FindLevels();
    baseline_.usual_ = UsualLevels::Fit(records_);
    return std::move(baseline_);
  }

 private:
  void LearnConditions() {
    std::vector<float> speeds, loads;
    for (const features::FeatureVector& record : records_) {
      speeds.push_back(record.speed_rpm > 0 ? record.speed_rpm : features::kNotKnown);
      loads.push_back(record.load_percent);
    }
    const auto extreme = [](const std::vector<float>& values, float share) {
      return Quantile(values, share);
    };
    baseline_.reference_speed_rpm_ = Median(speeds);
    baseline_.speed_low_rpm_ = extreme(speeds, 0);
    baseline_.speed_high_rpm_ = extreme(speeds, 1);
    baseline_.reference_load_percent_ = Median(loads);
    baseline_.load_low_percent_ = extreme(loads, 0);
    baseline_.load_high_percent_ = extreme(loads, 1);
    for (size_t i = 0; i < records_.size(); ++i) {
      octaves_.push_back(std::log2(speeds[i] / baseline_.reference_speed_rpm_));
      percents_.push_back(loads[i] - baseline_.reference_load_percent_);
    }
  }

  // Severities of the window's records by spreads that they had no part in.
  void LearnNull() {
    const int count = options_.window_records;
    std::vector<float> severities;
    std::vector<float> rest;
    for (int b = 0; b < kBlocks; ++b) {
      const int first = b * count / kBlocks;
      const int last = (b + 1) * count / kBlocks;
      std::vector<float> deviations(smooth_.size() * static_cast<size_t>(last - first));
      for (size_t i = 0; i < smooth_.size(); ++i) {
        const std::vector<float>& values = smooth_[i];
        rest.assign(values.begin(), values.begin() + first);
        rest.insert(rest.end(), values.begin() + last, values.end());
        const Spread spread = SpreadOf(rest);
        for (int r = first; r < last; ++r) {
          deviations[static_cast<size_t>(r - first) * smooth_.size() + i] =
              (values[r] - spread.location) / spread.scatter;
        }
      }
      for (int r = 0; r < last - first; ++r) {
        const float severity =
            SeverityOf(std::span(deviations).subspan(r * smooth_.size(), smooth_.size()));
        if (std::isfinite(severity)) severities.push_back(severity);
      }
    }
    constexpr size_t kFewest = 9;
    if (severities.size() >= kFewest) baseline_.null_ = NullOf(severities);
  }

  void Learn(int value_index) {
    std::vector<float> values;
    for (const features::FeatureVector& record : records_) {
      values.push_back(record.values[value_index]);
    }
    if (ShareFinite(values) < kMinShareKnown) return;
    float speed_slope = TakeOutSlope(octaves_, kMinSpeedOctaves, values);
    const float load_slope = TakeOutSlope(percents_, kMinLoadPercent, values);
    // Where speed and load go together, the second look gives each its own share.
    if (speed_slope != 0 && load_slope != 0) {
      speed_slope += TakeOutSlope(octaves_, kMinSpeedOctaves, values);
    }
    std::vector<float> smooth = RunningMedian(values, kMedianRecords);
    smooth.erase(smooth.begin(), smooth.end() - options_.window_records);
    const Spread spread = SpreadOf(smooth);
    baseline_.learnt_.push_back(value_index);
    baseline_.location_.push_back(spread.location);
    baseline_.scatter_.push_back(spread.scatter);
    baseline_.speed_slope_.push_back(speed_slope);
    baseline_.load_slope_.push_back(load_slope);
    declines_.push_back(spread.decline);
    smooth_.push_back(std::move(smooth));
  }

  absl::Status CheckSettled() {
    const size_t rank = std::min(kDecisive, declines_.size()) - 1;
    std::sort(declines_.begin(), declines_.end(), std::greater<>());
    if (declines_[rank] > options_.max_decline_db) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "the machine has not settled: over the last %d records %d levels fell by %.1f dB or more "
          "(limit %.1f dB); learning goes on with later records",
          options_.window_records, static_cast<int>(rank + 1), declines_[rank],
          options_.max_decline_db));
    }
    const float rise = -declines_[declines_.size() - 1 - rank];
    if (options_.window_records >= options_.refined_window_records && rise > options_.max_rise_db) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "over the last %d records %d levels rose by %.1f dB or more (limit %.1f dB): what grows "
          "is not learnt",
          options_.window_records, static_cast<int>(rank + 1), rise, options_.max_rise_db));
    }
    return absl::OkStatus();
  }

  const BaselineOptions options_;
  std::span<const features::FeatureVector> records_;
  std::vector<float> octaves_;   // of speed above the reference
  std::vector<float> percents_;  // of load above the reference
  std::vector<float> declines_;
  std::vector<std::vector<float>> smooth_;  // of each learnt feature, over the window
  Baseline baseline_;
};

absl::StatusOr<Baseline> Baseline::Fit(std::span<const features::FeatureVector> healthy,
                                       const BaselineOptions& options) {
  constexpr int kMinWindow = 9;  // three thirds of three
  if (options.window_records < kMinWindow || options.skip_records < 0) {
    return absl::InvalidArgumentError(absl::StrCat("a baseline window of ", options.window_records,
                                                   " records after ", options.skip_records,
                                                   " is not possible; use at least ", kMinWindow));
  }
  const size_t needed = static_cast<size_t>(options.skip_records) + options.window_records;
  if (healthy.size() < needed) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a baseline needs ", needed, " good records, there are ", healthy.size(), " so far"));
  }
  const features::FeatureVector& first = healthy.front();
  const features::FeatureSet* set = features::FindFeatureSet(first.set_id);
  for (const features::FeatureVector& record : healthy) {
    if (set == nullptr || record.set_id != first.set_id || record.channel_count < 1 ||
        record.channel_count != first.channel_count ||
        record.values.size() != set->features.size() * record.channel_count) {
      return absl::InvalidArgumentError(
          "the records are of different feature sets or channel counts; learn from those after the "
          "last change of the point");
    }
  }
  return BaselineFit(healthy, options).Fit();
}

}  // namespace auscult::models
