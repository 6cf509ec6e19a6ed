#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/point_replay.h"

namespace auscult::models {

// What differs when the records of one point are judged by two models: both replay the same
// history, record by record. One thread at a time; what the models point to outlives it.
class ReplayComparison {
 public:
  // An alarm of either model: a time during which the point is in alert or alarm.
  struct AlarmChange {
    Fault fault = Fault::kOther;  // the last one named, of the candidate where it alarms
    Condition condition = Condition::kAlert;  // the worst it came to, of the same model
    std::optional<int64_t> base_us,
        candidate_us;  // when it began; unset where that model is silent
  };
  using Distribution = std::array<int64_t, 10>;  // records by tenths of the health index

  struct Result {
    int64_t record_count = 0;
    int64_t verdicts_changed = 0;  // records whose verdict is another one
    int in_both = 0;               // alarms that overlap, those that begin at another time included
    int gained = 0, lost = 0, earlier = 0, later = 0;
    std::vector<AlarmChange> changes;  // gained, lost, earlier, later; by when they begin
    Distribution base_health = {}, candidate_health = {};
  };

  ReplayComparison(const PointModel& base, const PointModel& candidate,
                   const AlarmPolicy& policy = {});

  // The next record, as for PointReplay.
  void Next(const features::FeatureVector& features, int64_t measured_at_us);

  // Of all records so far.
  Result Finish() const;

 private:
  struct Alarm {
    int64_t start_us = 0, end_us = 0;  // of the first and the last record in it
    Fault fault = Fault::kOther;
    Condition worst = Condition::kAlert;
  };
  struct Side {
    PointReplay replay;
    std::vector<Alarm> alarms;
    bool alarmed = false;
    Distribution health = {};

    Fault Next(const features::FeatureVector& features, int64_t measured_at_us);
  };

  Side base_, candidate_;
  int64_t record_count_ = 0, verdicts_changed_ = 0;
};

}  // namespace auscult::models
