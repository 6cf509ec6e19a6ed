#include "models/advance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include "models/robust.h"

namespace auscult::models {
namespace {

constexpr int kKept = PointState::kMedianRecords;

// How bad a condition is, by its place: learning and normal 0, watch 1, alert 2, alarm 3.
constexpr int kWatchRank = 1;
constexpr int kAlertRank = 2;
constexpr int kAlarmRank = 3;

// S from which a condition is asked for, and S below which it is given up again.
constexpr std::array<float, 4> kEnter = {0, 4, 6, 12};
constexpr std::array<float, 4> kLeave = {0, 3, 5, 10};
constexpr int kSevereRecords = 3;
constexpr int kMildRecords = 10;

// The acute path: the broadband level of most of the last records this far up.
constexpr float kAcuteRiseDb = 6;
constexpr float kAcuteDeviation = 8;

constexpr size_t kSeverityFeatures = 3;
constexpr size_t kContributions = 5;

int RankOf(Condition condition) {
  switch (condition) {
    case Condition::kWatch:
      return kWatchRank;
    case Condition::kAlert:
      return kAlertRank;
    case Condition::kAlarm:
      return kAlarmRank;
    default:
      return 0;
  }
}

Condition ConditionOf(int rank, const Baseline* baseline) {
  switch (rank) {
    case kWatchRank:
      return Condition::kWatch;
    case kAlertRank:
      return Condition::kAlert;
    case kAlarmRank:
      return Condition::kAlarm;
    default:
      return baseline == nullptr ? Condition::kLearning : Condition::kNormal;
  }
}

float Stored(float deviation) {
  const float limit = PointState::kMaxDeviation;
  return std::round(std::clamp(deviation, -limit, limit) / PointState::kDeviationStep) *
         PointState::kDeviationStep;
}

template <typename T>
void KeepLast(std::vector<T>& values, size_t count) {
  if (values.size() > count) {
    values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(count));
  }
}

// Takes the record into the memory of the running medians.
void Remember(PointState& state, const Score& score) {
  const size_t width = score.deviations.size();
  // A ring of another width belongs to another baseline.
  if (state.recent.size() != state.recent_peak_rise.size() * width) {
    state.recent.clear();
    state.recent_peak_rise.clear();
  }
  for (const float deviation : score.deviations) state.recent.push_back(Stored(deviation));
  state.recent_peak_rise.push_back(Stored(score.peak_rise_db));
  KeepLast(state.recent, kKept * width);
  KeepLast(state.recent_peak_rise, kKept);
}

// Median over the last records of each deviation: the deviation of the running median, as location
// and scatter are the same for all of them.
std::vector<float> MedianDeviations(const PointState& state) {
  const size_t count = state.recent_peak_rise.size();
  const size_t width = count == 0 ? 0 : state.recent.size() / count;
  std::vector<float> medians(width);
  std::vector<float> values(count);
  for (size_t i = 0; i < width; ++i) {
    for (size_t k = 0; k < count; ++k) values[k] = state.recent[k * width + i];
    medians[i] = Median(values);
  }
  return medians;
}

float SeverityOf(const std::vector<float>& deviations) {
  std::array<float, kSeverityFeatures> largest{};
  size_t known = 0;
  for (const float deviation : deviations) {
    if (std::isnan(deviation)) continue;
    ++known;
    if (!(deviation > largest.back())) continue;
    largest.back() = deviation;
    std::sort(largest.begin(), largest.end(), std::greater<>());
  }
  if (known == 0) return features::kNotKnown;
  return std::accumulate(largest.begin(), largest.end(), 0.0f) /
         static_cast<float>(std::min(known, kSeverityFeatures));
}

std::vector<Contribution> LargestOf(const std::vector<float>& deviations,
                                    const Baseline& baseline) {
  std::vector<Contribution> contributions;
  for (size_t i = 0; i < deviations.size(); ++i) {
    if (!(deviations[i] > 0)) continue;
    contributions.push_back({.value_index = baseline.learnt()[i],
                             .deviation = deviations[i],
                             .rise = deviations[i] * baseline.Scatter(static_cast<int>(i))});
  }
  const size_t count = std::min(kContributions, contributions.size());
  std::partial_sort(
      contributions.begin(), contributions.begin() + static_cast<std::ptrdiff_t>(count),
      contributions.end(),
      [](const Contribution& a, const Contribution& b) { return a.deviation > b.deviation; });
  contributions.resize(count);
  return contributions;
}

bool IsAcute(const std::vector<float>& deviations, const Baseline& baseline) {
  const features::FeatureSet& set = *features::FindFeatureSet(baseline.set_id());
  const auto per_channel = static_cast<int>(set.features.size());
  const int level = features::FeatureIndex(set, "level_db");
  for (size_t i = 0; i < deviations.size(); ++i) {
    const float rise_db = deviations[i] * baseline.Scatter(static_cast<int>(i));
    if (baseline.learnt()[i] % per_channel == level && deviations[i] > kAcuteDeviation &&
        rise_db > kAcuteRiseDb) {
      return true;
    }
  }
  return false;
}

int SeverityRank(float severity, int current) {
  int rank = 0;
  for (int r = kWatchRank; r <= kAlarmRank; ++r) {
    if (severity >= (r <= current ? kLeave[r] : kEnter[r])) rank = r;
  }
  return rank;
}

int ZoneRank(features::Zone zone) {
  if (zone == features::Zone::kD) return kAlarmRank;
  return zone == features::Zone::kC ? kAlertRank : 0;
}

int LimitRank(const std::optional<LimitReached>& limit) {
  if (!limit) return 0;
  return limit->alarm ? kAlarmRank : kAlertRank;
}

// What most of the last records say; abstains where they do not agree.
Fault MajorityOf(const std::vector<Fault>& verdicts) {
  for (const Fault verdict : verdicts) {
    const auto count = std::count(verdicts.begin(), verdicts.end(), verdict);
    if (2 * count > static_cast<std::ptrdiff_t>(verdicts.size())) return verdict;
  }
  return Fault::kAbstain;
}

// A fault that physics names in all but one of the last records, with no baseline needed.
bool PhysicsInsists(const std::vector<Fault>& verdicts) {
  const Fault majority = MajorityOf(verdicts);
  return NamesFault(majority) &&
         std::count(verdicts.begin(), verdicts.end(), majority) >= kKept - 1;
}

// Moves the condition towards `target` once enough records in a row have asked for it.
void Persist(PointState& state, int target, const Baseline* baseline) {
  const int current = RankOf(state.condition);
  const int pending = RankOf(state.pending);
  int next = current;
  if (target > current) {
    state.mild_records = 0;
    const int mildest = state.severe_records == 0 ? target : std::min(pending, target);
    state.pending = ConditionOf(mildest, baseline);
    if (++state.severe_records >= kSevereRecords) next = mildest;
  } else if (target < current) {
    state.severe_records = 0;
    const int worst = state.mild_records == 0 ? target : std::max(pending, target);
    state.pending = ConditionOf(worst, baseline);
    if (++state.mild_records >= kMildRecords) next = worst;
  }
  if (target == current || next != current) state.severe_records = state.mild_records = 0;
  state.condition = ConditionOf(next, baseline);
  if (state.severe_records == 0 && state.mild_records == 0) state.pending = state.condition;
}

float ProbabilityOf(const Diagnosis& diagnosis, Fault fault) {
  for (const RankedFault& ranked : diagnosis.ranking) {
    if (ranked.fault == fault) return ranked.probability;
  }
  return 0;
}

void Name(Health& health, Fault verdict, const Diagnosis& diagnosis) {
  health.verdict = verdict;
  health.confidence = ProbabilityOf(diagnosis, verdict);
  const bool departs =
      health.severity >= kEnter[kAlertRank] && RankOf(health.condition) >= kAlertRank;
  if (departs && (verdict == Fault::kHealthy || verdict == Fault::kAbstain)) {
    health.verdict = Fault::kOther;
    health.confidence = std::min(1.0f, health.severity / kEnter[kAlarmRank]);
  }
}

Health UnscorableHealth(const Score& score, const features::FeatureVector& features) {
  Health health;
  health.condition = features::Has(features.quality, features::QualityFlag::kStopped)
                         ? Condition::kStopped
                         : Condition::kUnscorable;
  health.index = health.severity = features::kNotKnown;
  health.verdict = score.diagnosis.verdict;
  health.confidence = score.diagnosis.confidence;
  return health;
}

}  // namespace

std::string_view ConditionName(Condition condition) {
  constexpr std::array<std::string_view, 9> kNames = {"learning",   "normal", "watch",
                                                      "alert",      "alarm",  "stopped",
                                                      "unscorable", "stale",  "starting"};
  return kNames[static_cast<size_t>(condition)];
}

float HealthIndex(float severity, float peak_rise_db, features::Zone zone) {
  constexpr std::array<float, 5> kCeiling = {100, 100, 80, 50, 20};  // by Zone
  if (std::isnan(severity) && zone == features::Zone::kUnknown) return features::kNotKnown;
  const float far = std::isnan(severity) ? 0 : std::clamp(severity / 6.0f, 0.0f, 1.0f);
  const float loud =
      std::isnan(peak_rise_db) ? 0 : std::clamp((peak_rise_db - 3.0f) / 17.0f, 0.0f, 1.0f);
  return std::min(100.0f * (1.0f - 0.5f * far - 0.5f * loud), kCeiling[static_cast<size_t>(zone)]);
}

Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 int64_t /*measured_at_us*/, const PointModel& model, const AlarmPolicy& policy) {
  const Baseline* const baseline = model.baseline;
  const BaselineOptions& options = policy.learning;
  Advanced advanced;
  if (!score.scorable) {
    advanced.health = UnscorableHealth(score, features);
    advanced.state = std::move(state);
    return advanced;
  }
  const Condition before = state.condition;
  state.recent_verdicts.push_back(score.diagnosis.verdict);
  KeepLast(state.recent_verdicts, kKept);

  Health& health = advanced.health;
  health.zone = score.zone;
  health.severity = features::kNotKnown;
  health.outside_learnt = score.outside_learnt;
  const int current = RankOf(state.condition);
  int target = std::max(ZoneRank(score.zone), LimitRank(score.limit));
  bool acute = false;
  float peak_rise_db = features::kNotKnown;
  if (baseline == nullptr) {
    ++state.records_learnt;
  } else {
    const bool comparable = !score.deviations.empty() && !score.outside_learnt;
    if (comparable) Remember(state, score);
    const std::vector<float> medians = MedianDeviations(state);
    health.severity = SeverityOf(medians);
    peak_rise_db = Median(state.recent_peak_rise);
    if (medians.size() == baseline->learnt().size()) {
      health.contributions = LargestOf(medians, *baseline);
      acute = comparable && state.recent_peak_rise.size() == kKept && IsAcute(medians, *baseline);
    }
    // A record that cannot be compared is no evidence of recovery.
    target = std::max(target, comparable ? SeverityRank(health.severity, current) : current);
  }
  if (PhysicsInsists(state.recent_verdicts)) {
    target = std::max(target, health.severity >= kEnter[kWatchRank] ? kAlertRank : kWatchRank);
  }
  if (acute) state.condition = Condition::kAlarm;
  Persist(state, acute ? kAlarmRank : target, baseline);

  health.condition = state.condition;
  health.index = HealthIndex(health.severity, peak_rise_db, score.zone);
  Name(health, MajorityOf(state.recent_verdicts), score.diagnosis);
  advanced.condition_changed = state.condition != before;
  const int needed =
      options.skip_records + options.window_records + kRetryRecords * state.fit_attempts;
  if (baseline == nullptr && state.records_learnt >= needed) {
    advanced.learn_from_records =
        std::min(state.records_learnt, options.skip_records + options.window_records);
  }
  advanced.state = std::move(state);
  return advanced;
}

PointState BaselineLearnt(PointState state, bool accepted) {
  if (!accepted) {
    ++state.fit_attempts;
    return state;
  }
  state.fit_attempts = 0;
  state.recent.clear();
  state.recent_peak_rise.clear();
  if (state.condition == Condition::kLearning) state.condition = Condition::kNormal;
  if (state.pending == Condition::kLearning) state.pending = Condition::kNormal;
  return state;
}

Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const PointModel& model) {
  const Baseline* const baseline = model.baseline;
  if (!score.scorable) return UnscorableHealth(score, features);
  Health health;
  health.zone = score.zone;
  const bool comparable = baseline != nullptr && !score.deviations.empty() && !score.outside_learnt;
  health.severity = comparable ? SeverityOf(score.deviations) : features::kNotKnown;
  if (comparable) health.contributions = LargestOf(score.deviations, *baseline);
  const int rank =
      std::max({ZoneRank(score.zone), LimitRank(score.limit), SeverityRank(health.severity, 0)});
  health.condition = ConditionOf(rank, baseline);
  health.index = HealthIndex(health.severity, comparable ? score.peak_rise_db : features::kNotKnown,
                             score.zone);
  Name(health, score.diagnosis.verdict, score.diagnosis);
  return health;
}

}  // namespace auscult::models
