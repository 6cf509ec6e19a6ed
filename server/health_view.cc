#include "server/health_view.h"

#include <cmath>

#include "features/quality.h"
#include "google/protobuf/util/time_util.h"
#include "server/detail_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kDefaultStaleAfterS = 3 * 86400;
constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

// The enums of the API keep 0 for "unspecified"; zones have an unknown of their own.
v1::Zone ZoneOf(int zone) {
  return v1::Zone_IsValid(zone) ? static_cast<v1::Zone>(zone) : v1::ZONE_UNSPECIFIED;
}

int64_t StaleFromUs(int64_t last_measured_at_us, int64_t stale_after_s) {
  const int64_t patience_s = stale_after_s == 0 ? kDefaultStaleAfterS : stale_after_s;
  return last_measured_at_us + patience_s * kMicrosecondsPerSecond;
}

}  // namespace

bool IsStale(int64_t last_measured_at_us, int64_t stale_after_s, int64_t now_us) {
  return now_us > StaleFromUs(last_measured_at_us, stale_after_s);
}

v1::PointHealth PointHealthOf(const db::PointSummary& summary, int64_t stale_after_s,
                              int64_t now_us) {
  v1::PointHealth health;
  health.set_record_count(summary.record_count);
  if (!summary.condition || summary.last_measured_at_us == 0) {
    health.set_condition(v1::CONDITION_NO_DATA);
    return health;
  }
  health.set_condition(ConditionOf(static_cast<int>(*summary.condition)));
  if (std::isfinite(summary.health)) health.set_index(summary.health);
  if (std::isfinite(summary.severity)) health.set_severity(summary.severity);
  health.set_zone(ZoneOf(summary.zone));
  health.set_verdict(FaultOf(summary.verdict));
  health.set_confidence(std::isfinite(summary.confidence) ? summary.confidence : 0);
  int64_t since_us = summary.since_us;
  if (IsStale(summary.last_measured_at_us, stale_after_s, now_us)) {
    health.set_condition(v1::CONDITION_STALE);
    since_us = StaleFromUs(summary.last_measured_at_us, stale_after_s);
  }
  if (since_us != 0) *health.mutable_since() = TimeUtil::MicrosecondsToTimestamp(since_us);
  *health.mutable_last_measured_at() =
      TimeUtil::MicrosecondsToTimestamp(summary.last_measured_at_us);
  health.set_model_version(summary.model_version);
  health.set_learning_progress(std::isfinite(summary.learning_progress) ? summary.learning_progress
                                                                        : 0);
  for (std::string& name : QualityNames(summary.quality)) health.add_quality(std::move(name));
  AddDetail(summary.detail, health);
  return health;
}

v1::PointHealth PointHealthOf(const db::Outcome& outcome) {
  v1::PointHealth health;
  health.set_condition(ConditionOf(static_cast<int>(outcome.health.condition)));
  if (std::isfinite(outcome.health.index)) health.set_index(outcome.health.index);
  if (std::isfinite(outcome.health.severity)) health.set_severity(outcome.health.severity);
  health.set_zone(ZoneOf(static_cast<int>(outcome.health.zone)));
  health.set_verdict(FaultOf(static_cast<int>(outcome.health.verdict)));
  health.set_confidence(std::isfinite(outcome.health.confidence) ? outcome.health.confidence : 0);
  if (outcome.since_us != 0) {
    *health.mutable_since() = TimeUtil::MicrosecondsToTimestamp(outcome.since_us);
  }
  health.set_record_count(outcome.record_count);
  health.set_model_version(outcome.model_version);
  health.set_learning_progress(std::isfinite(outcome.learning_progress) ? outcome.learning_progress
                                                                        : 0);
  for (std::string& name : QualityNames(outcome.quality)) health.add_quality(std::move(name));
  AddDetail(outcome.detail, health);
  return health;
}

std::vector<std::string> QualityNames(uint32_t flags) {
  std::vector<std::string> names;
  for (const features::QualityText& text : features::Describe(flags)) {
    names.emplace_back(text.name);
  }
  return names;
}

v1::Condition ConditionOf(int condition) {
  constexpr int kLast = static_cast<int>(models::Condition::kStale);
  static_assert(kLast + 1 == v1::CONDITION_STALE);
  // "No data" is never stored, so the numbers part after it.
  if (condition == static_cast<int>(models::Condition::kStarting)) return v1::CONDITION_STARTING;
  return condition >= 0 && condition <= kLast ? static_cast<v1::Condition>(condition + 1)
                                              : v1::CONDITION_UNSPECIFIED;
}

v1::Fault FaultOf(int fault) {
  static_assert(static_cast<int>(models::Fault::kUnscorable) + 1 == v1::FAULT_UNSCORABLE);
  return fault >= 0 && v1::Fault_IsValid(fault + 1) ? static_cast<v1::Fault>(fault + 1)
                                                    : v1::FAULT_UNSPECIFIED;
}

int Urgency(v1::Condition condition) {
  switch (condition) {
    case v1::CONDITION_ALARM:
      return 0;
    case v1::CONDITION_ALERT:
      return 1;
    case v1::CONDITION_WATCH:
      return 2;
    case v1::CONDITION_STALE:
      return 3;
    case v1::CONDITION_UNSCORABLE:
      return 4;
    case v1::CONDITION_NO_DATA:
      return 5;
    case v1::CONDITION_LEARNING:
      return 6;
    case v1::CONDITION_STOPPED:
    case v1::CONDITION_STARTING:
      return 7;
    case v1::CONDITION_NORMAL:
      return 8;
    default:
      return 9;
  }
}

}  // namespace auscult::server
