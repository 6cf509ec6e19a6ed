#include "server/alarm_view.h"

#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/detail_view.h"
#include "server/etag.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

const models::FaultMode& ModeOf(const models::AlarmCase& alarm) {
  switch (alarm.kind) {
    case models::CaseKind::kSensor:
      return models::KnowledgeOf(models::Disturbance::kSensorFault);
    case models::CaseKind::kMissingData:
      return models::KnowledgeOf(models::Disturbance::kMissingData);
    case models::CaseKind::kProcess:
      return models::KnowledgeOf(models::Disturbance::kProcessDeparture);
    case models::CaseKind::kMachine:
      break;
  }
  return models::KnowledgeOf(alarm.fault);
}

v1::Fault FaultOf(models::Fault fault) { return server::FaultOf(static_cast<int>(fault)); }

Timestamp TimeOf(int64_t us) { return TimeUtil::MicrosecondsToTimestamp(us); }

// What people did to it.
void AddHandling(const db::StoredCase& stored, v1::Alarm& alarm) {
  if (stored.alarm.closed_at_us) *alarm.mutable_close_time() = TimeOf(*stored.alarm.closed_at_us);
  if (stored.acknowledged_at_us) {
    *alarm.mutable_acknowledge_time() = TimeOf(*stored.acknowledged_at_us);
  }
  alarm.set_acknowledged_by(stored.acknowledged_by);
  alarm.set_assignee(stored.assignee);
  if (stored.shelved_until_us) {
    *alarm.mutable_shelved_until() = TimeOf(*stored.shelved_until_us);
  }
  alarm.set_finding(FindingOf(stored.finding));
  if (stored.found_fault) alarm.set_found_fault(FaultOf(*stored.found_fault));
  alarm.set_finding_text(stored.finding_text);
  alarm.set_work_order(stored.work_order);
}

}  // namespace

v1::Alarm MessageOf(const db::StoredCase& stored, models::Language language) {
  const models::AlarmCase& from = stored.alarm;
  v1::Alarm alarm;
  alarm.set_name(AlarmResource(stored.site_slug, from.alarm_id));
  alarm.set_asset(AssetResource(stored.site_slug, stored.asset_slug));
  alarm.set_asset_display_name(stored.asset_display_name);
  alarm.set_kind(KindOf(from.kind));
  if (from.kind == models::CaseKind::kMachine) alarm.set_fault(FaultOf(from.fault));
  alarm.set_condition(ConditionOf(static_cast<int>(from.condition)));
  alarm.set_worst_condition(ConditionOf(static_cast<int>(from.worst_condition)));
  for (const std::string& point : stored.point_slugs) {
    alarm.add_points(PointResource(stored.site_slug, stored.asset_slug, point));
  }
  alarm.set_summary(from.summary);
  v1::PointHealth explained;
  AddDetail(from.detail, explained);
  *alarm.mutable_evidence() = std::move(*explained.mutable_evidence());
  *alarm.mutable_open_time() = TimeOf(from.opened_at_us);
  *alarm.mutable_update_time() = TimeOf(from.updated_at_us);
  AddHandling(stored, alarm);
  const models::Advice& advice = ModeOf(from).In(language).AdviceFor(from.worst_condition);
  alarm.set_recommended_action(Concat(advice.action, " (", advice.urgency, ")"));
  alarm.set_etag(MakeEtag(from.alarm_id, stored.revision));
  return alarm;
}

v1::AlarmNote MessageOf(const db::CaseNote& note) {
  v1::AlarmNote message;
  *message.mutable_create_time() = TimeOf(note.create_time_us);
  message.set_actor(note.actor);
  message.set_action(note.action);
  message.set_text(note.text);
  return message;
}

v1::AlarmKind KindOf(models::CaseKind kind) {
  static_assert(static_cast<int>(models::CaseKind::kProcess) == v1::ALARM_KIND_PROCESS);
  return static_cast<v1::AlarmKind>(kind);
}

models::CaseKind KindOf(v1::AlarmKind kind) { return static_cast<models::CaseKind>(kind); }

v1::Finding FindingOf(db::Finding finding) {
  static_assert(static_cast<int>(db::Finding::kOtherCause) == v1::FINDING_OTHER_CAUSE);
  return static_cast<v1::Finding>(finding);
}

db::Finding FindingOf(v1::Finding finding) { return static_cast<db::Finding>(finding); }

}  // namespace auscult::server
