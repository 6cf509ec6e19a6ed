#include "models/replay_comparison.h"

#include <algorithm>
#include <cmath>

namespace auscult::models {
namespace {

bool IsAlarmed(Condition condition) {
  return condition == Condition::kAlert || condition == Condition::kAlarm;
}

}  // namespace

ReplayComparison::ReplayComparison(const PointModel& base, const PointModel& candidate,
                                   const AlarmPolicy& policy)
    : base_{.replay = PointReplay(base, policy), .alarms = {}},
      candidate_{.replay = PointReplay(candidate, policy), .alarms = {}} {}

Fault ReplayComparison::Side::Next(const features::FeatureVector& features,
                                   int64_t measured_at_us) {
  const Health said = replay.Next(features, measured_at_us).health;
  // That of the state, which a stop leaves as it was.
  const Condition condition = replay.state().condition;
  if (IsAlarmed(condition)) {
    if (!alarmed) alarms.push_back({.start_us = measured_at_us});
    Alarm& alarm = alarms.back();
    alarm.end_us = measured_at_us;
    alarm.worst = std::max(alarm.worst, condition);
    if (NamesFault(said.verdict)) alarm.fault = said.verdict;
  }
  alarmed = IsAlarmed(condition);
  if (std::isfinite(said.index)) {
    const int tenth = std::clamp(static_cast<int>(said.index / 10), 0, 9);
    ++health[static_cast<size_t>(tenth)];
  }
  return said.verdict;
}

void ReplayComparison::Next(const features::FeatureVector& features, int64_t measured_at_us) {
  const Fault base = base_.Next(features, measured_at_us);
  const Fault candidate = candidate_.Next(features, measured_at_us);
  ++record_count_;
  verdicts_changed_ += base != candidate ? 1 : 0;
}

ReplayComparison::Result ReplayComparison::Finish() const {
  Result result{.record_count = record_count_,
                .verdicts_changed = verdicts_changed_,
                .changes = {},
                .base_health = base_.health,
                .candidate_health = candidate_.health};
  // Alarms of one model do not overlap each other, so both lists are walked once.
  auto base = base_.alarms.begin();
  auto candidate = candidate_.alarms.begin();
  while (base != base_.alarms.end() || candidate != candidate_.alarms.end()) {
    const bool base_left = base != base_.alarms.end();
    const bool candidate_left = candidate != candidate_.alarms.end();
    if (!candidate_left || (base_left && base->end_us < candidate->start_us)) {
      ++result.lost;
      result.changes.push_back({base->fault, base->worst, base->start_us, std::nullopt});
      ++base;
    } else if (!base_left || candidate->end_us < base->start_us) {
      ++result.gained;
      result.changes.push_back(
          {candidate->fault, candidate->worst, std::nullopt, candidate->start_us});
      ++candidate;
    } else {
      ++result.in_both;
      result.earlier += candidate->start_us < base->start_us ? 1 : 0;
      result.later += candidate->start_us > base->start_us ? 1 : 0;
      if (candidate->start_us != base->start_us) {
        result.changes.push_back(
            {candidate->fault, candidate->worst, base->start_us, candidate->start_us});
      }
      ++base;
      ++candidate;
    }
  }
  return result;
}

}  // namespace auscult::models
