#include "server/process_view.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "google/protobuf/util/time_util.h"
#include "server/detail_view.h"
#include "server/health_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kStaleAfterUs = 3 * int64_t{86'400'000'000};

bool IsUrgent(v1::Condition condition) {
  return Urgency(condition) <= Urgency(v1::CONDITION_WATCH);
}

}  // namespace

bool IsProcessStale(int64_t last_measured_at_us, int64_t now_us) {
  return now_us > last_measured_at_us + kStaleAfterUs;
}

v1::ProcessHealth ProcessHealthOf(const db::ProcessSummary& summary, int64_t now_us) {
  v1::ProcessHealth health;
  if (!summary.condition) {
    health.set_condition(v1::CONDITION_NO_DATA);
    return health;
  }
  health.set_condition(ConditionOf(static_cast<int>(*summary.condition)));
  int64_t since_us = summary.since_us;
  if (IsProcessStale(summary.last_measured_at_us, now_us)) {
    health.set_condition(v1::CONDITION_STALE);
    since_us = summary.last_measured_at_us + kStaleAfterUs;
  }
  if (std::isfinite(summary.health)) health.set_index(summary.health);
  if (since_us != 0) *health.mutable_since() = TimeUtil::MicrosecondsToTimestamp(since_us);
  *health.mutable_last_measured_at() =
      TimeUtil::MicrosecondsToTimestamp(summary.last_measured_at_us);
  health.set_model_version(summary.model_version);
  health.set_learning_progress(summary.learning_progress);
  v1::PointHealth detail;
  AddDetail(summary.detail, detail);
  health.set_summary(std::move(*detail.mutable_summary()));
  *health.mutable_contributions() = std::move(*detail.mutable_contributions());
  return health;
}

void AddProcess(v1::ProcessHealth process, v1::AssetHealth& health) {
  const bool alone = health.point_count() == 0 || health.condition() == v1::CONDITION_NO_DATA;
  if (alone || (IsUrgent(process.condition()) &&
                Urgency(process.condition()) < Urgency(health.condition()))) {
    health.set_condition(process.condition());
    health.clear_index();
    if (process.has_index() && process.condition() != v1::CONDITION_STALE) {
      health.set_index(process.index());
    }
    *health.mutable_since() = process.since();
    health.clear_worst_point();
    health.clear_evidence();
    health.set_verdict(IsUrgent(process.condition()) ? v1::FAULT_OTHER : v1::FAULT_ABSTAIN);
    health.clear_confidence();
    health.clear_zone();
    health.clear_fault_severity();
    health.clear_recommended_action();
    health.set_summary("Process readings: " + process.summary());
  }
  *health.mutable_process() = std::move(process);
}

}  // namespace auscult::server
