#include "models/advance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "models/learning.h"
#include "models/novelty.h"
#include "models/persistence.h"

namespace auscult::models {
namespace {

constexpr int kKept = PointState::kMedianRecords;

// S from which a condition is asked for, and S below which it is given up again.
constexpr std::array<float, 4> kEnter = {0, 4, 6, 8};
constexpr std::array<float, 4> kLeave = {0, 3, 5, 6.5};
constexpr int kLastingRecords = 30;
// Of how many records the drift of the inputs is a mean.
constexpr float kDriftRecords = 50;

Asked AskOf(int rank, Reason reason, float value, float limit, int value_index = -1) {
  return {.condition = ConditionOf(rank, true),
          .reason = rank == 0 ? Reason::kNothing : reason,
          .value_index = value_index,
          .value = value,
          .limit = limit};
}

// The worse of the two; of equals the first.
void Ask(Asked& worst, const Asked& other) {
  if (RankOf(other.condition) > RankOf(worst.condition)) worst = other;
}

// `evidence_records`: as in PointState.
Asked AskOfSeverity(float severity, int current, int evidence_records) {
  const int most = evidence_records > 0 ? kAlarmRank : kWatchRank;
  Asked asked;
  for (int rank = kWatchRank; rank <= most; ++rank) {
    // An alert that lasts is an alarm.
    const int place = rank == kAlarmRank && evidence_records > kLastingRecords ? kAlertRank : rank;
    const float limit = rank <= current ? kLeave[place] : kEnter[place];
    if (!(severity >= limit)) continue;
    asked =
        AskOf(rank, rank == kWatchRank ? Reason::kDeparture : Reason::kEvidence, severity, limit);
  }
  return asked;
}

// What asks for itself, with or without a baseline.
Asked AskOfRecord(const Score& score) {
  Asked asked;
  if (score.zone >= features::Zone::kC) {
    asked = AskOf(score.zone == features::Zone::kD ? kAlarmRank : kAlertRank, Reason::kZone,
                  features::kNotKnown, features::kNotKnown);
  }
  if (const auto& limit = score.limit) {
    Ask(asked, AskOf(limit->alarm ? kAlarmRank : kAlertRank, Reason::kUserLimit, limit->value,
                     limit->limit, limit->value_index));
  }
  return asked;
}

// What most of the last records say; abstains where they do not agree.
Fault MajorityOf(const std::vector<Fault>& verdicts) {
  for (const Fault verdict : verdicts) {
    const auto count = std::count(verdicts.begin(), verdicts.end(), verdict);
    if (2 * count > static_cast<std::ptrdiff_t>(verdicts.size())) return verdict;
  }
  return Fault::kAbstain;
}

// A fault that physics names in all but one of the last records.
bool PhysicsInsists(const std::vector<Fault>& verdicts) {
  const Fault majority = MajorityOf(verdicts);
  return NamesFault(majority) &&
         std::count(verdicts.begin(), verdicts.end(), majority) >= kKept - 1;
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
    health.confidence = std::min(1.0f, health.severity / (2 * kEnter[kAlertRank]));
  }
}

// A record that moves nothing: broken, or the machine was not at work.
Health AsideHealth(Condition condition, const Score& score) {
  Health health;
  health.condition = condition;
  health.index = health.severity = features::kNotKnown;
  health.zone = score.zone;
  health.verdict = score.diagnosis.verdict;
  health.confidence = score.diagnosis.confidence;
  return health;
}

void FollowInputs(const features::FeatureVector& features, const Score& score,
                  const Baseline& baseline, InputDrift& drift) {
  const auto follow = [](float& mean, float value) {
    if (std::isfinite(value)) mean += (value - mean) / kDriftRecords;
  };
  follow(drift.outside_share, score.outside_learnt ? 1.0f : 0.0f);
  follow(drift.speed_shift_octaves, baseline.OctavesOff(features));
  follow(drift.load_shift_percent, baseline.LoadPercentOff(features));
}

// Severity, evidence and what they ask for, of a steady record with a baseline.
Asked JudgeDeparture(const Score& score, const PointModel& model, const AlarmPolicy& policy,
                     PointState& state, Health& health, float& peak_rise_db) {
  const Baseline& baseline = *model.baseline;
  const int current = RankOf(state.condition);
  const bool comparable = !score.deviations.empty() && !score.outside_learnt;
  if (comparable) RememberDeviations(score.deviations, score.peak_rise_db, state);
  const size_t count = state.recent_peak_rise.size();
  std::vector<float> medians(count == 0 ? 0 : state.recent.size() / count);
  MedianDeviations(state.recent, static_cast<int>(count), medians);
  health.severity = SeverityOf(medians);
  MedianDeviations(state.recent_peak_rise, static_cast<int>(count), std::span(&peak_rise_db, 1));
  if (medians.size() == baseline.learnt().size())
    health.contributions = LargestOf(medians, baseline);
  // A record that cannot be compared is no evidence of recovery.
  if (!comparable) return AskOf(current, Reason::kDeparture, health.severity, kLeave[current]);

  ++state.records_scored;
  if (current >= kAlertRank) PutOffRefinement(policy.learning, state);
  ObserveRunIn(medians, baseline, state);
  if (std::isfinite(health.severity)) TakeSeverity(health.severity, baseline, policy, state);
  Asked asked = AskOfSeverity(health.severity, current, state.evidence_records);
  if (count == kKept) {
    const float rise_db = AcuteRiseDb(medians, baseline);
    if (std::isfinite(rise_db)) asked = AskOf(kAlarmRank, Reason::kAcute, rise_db, kAcuteRiseDb);
  }
  return asked;
}

// A steady record: what it asks for, and what becomes of the condition.
Health JudgeSteady(const Score& score, const features::FeatureVector& features,
                   const PointModel& model, const AlarmPolicy& policy, PointState& state) {
  const bool learnt = model.baseline != nullptr;
  Health health;
  health.zone = score.zone;
  health.severity = features::kNotKnown;
  health.outside_learnt = score.outside_learnt;
  health.asked = AskOfRecord(score);
  float peak_rise_db = features::kNotKnown;
  Asked departure;
  if (!learnt) {
    ++state.records_learnt;
  } else {
    FollowInputs(features, score, *model.baseline, state.drift);
    departure = JudgeDeparture(score, model, policy, state, health, peak_rise_db);
    Ask(health.asked, departure);
    health.novelty = EvidenceOf(state, *model.baseline, policy);
    health.drift = state.drift;
  }
  if (PhysicsInsists(state.recent_verdicts)) {
    const bool departs = health.severity >= kEnter[kWatchRank];
    Ask(health.asked, AskOf(departs ? kAlertRank : kWatchRank, Reason::kDiagnosis,
                            features::kNotKnown, features::kNotKnown));
  }
  // These two have gathered over several records: they have persisted already.
  if (departure.reason == Reason::kAcute) state.condition = Condition::kAlarm;
  if (departure.reason == Reason::kEvidence && RankOf(state.condition) < kAlertRank) {
    state.condition = Condition::kAlert;
  }
  Persist(state, RankOf(health.asked.condition), learnt);
  // What has fallen back has to be proven again.
  if (RankOf(state.condition) < kAlertRank && state.evidence_records > 0) {
    state.evidence_records = 0;
    state.evidence = {};
  }
  health.condition = state.condition;
  health.index = HealthIndex(health.severity, peak_rise_db, score.zone);
  Name(health, MajorityOf(state.recent_verdicts), score.diagnosis);
  return health;
}

}  // namespace

Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 int64_t measured_at_us, const PointModel& model, const AlarmPolicy& policy) {
  Advanced advanced;
  advanced.state = std::move(state);
  PointState& next = advanced.state;
  if ((features.quality & features::kUnscorable) != 0) {
    advanced.health = AsideHealth(Condition::kUnscorable, score);
    return advanced;
  }
  const Operation operation = next.operation.Take(features, score, model.baseline);
  if (operation != Operation::kSteady) {
    if (score.scorable) NoteUnsteady(measured_at_us, next);
    const bool stopped = operation == Operation::kStopped;
    advanced.health = AsideHealth(stopped ? Condition::kStopped : Condition::kStarting, score);
    return advanced;
  }
  const Condition before = next.condition;
  next.cadence.Observe(measured_at_us);
  std::vector<Fault>& verdicts = next.recent_verdicts;
  verdicts.push_back(score.diagnosis.verdict);
  if (verdicts.size() > kKept) verdicts.erase(verdicts.begin());
  advanced.health = JudgeSteady(score, features, model, policy, next);
  advanced.condition_changed = next.condition != before;
  advanced.learn_from_records = RecordsToLearnFrom(next, model.baseline, policy.learning);
  return advanced;
}

Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const PointModel& model) {
  if (!score.scorable) {
    const bool stopped = features::Has(features.quality, features::QualityFlag::kStopped);
    return AsideHealth(stopped ? Condition::kStopped : Condition::kUnscorable, score);
  }
  const bool learnt = model.baseline != nullptr;
  Health health;
  health.zone = score.zone;
  health.outside_learnt = score.outside_learnt;
  const bool comparable = learnt && !score.deviations.empty() && !score.outside_learnt;
  health.severity = comparable ? SeverityOf(score.deviations) : features::kNotKnown;
  if (comparable) health.contributions = LargestOf(score.deviations, *model.baseline);
  health.asked = AskOfRecord(score);
  // One record is no evidence for more than a watch.
  Ask(health.asked, AskOfSeverity(health.severity, 0, 0));
  health.condition = ConditionOf(RankOf(health.asked.condition), learnt);
  health.index = HealthIndex(health.severity, comparable ? score.peak_rise_db : features::kNotKnown,
                             score.zone);
  Name(health, score.diagnosis.verdict, score.diagnosis);
  return health;
}

}  // namespace auscult::models
