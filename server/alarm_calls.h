#pragma once

#include "absl/status/status.h"
#include "auscult/v1/alarm_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AlarmService. A case that does not exist is NOT_FOUND (UNKNOWN_ALARM), an etag that
// is not that of the case ABORTED; changes are made in one transaction with the note they leave.
absl::Status ListAlarms(CallScope& scope, const v1::ListAlarmsRequest& request,
                        v1::ListAlarmsResponse& response);
absl::Status GetAlarm(CallScope& scope, const v1::GetAlarmRequest& request, v1::Alarm& response);
absl::Status GetAlarmStatistics(CallScope& scope, const v1::GetAlarmStatisticsRequest& request,
                                v1::AlarmStatistics& response);

// FAILED_PRECONDITION (ALARM_CLOSED) once it is closed.
absl::Status AcknowledgeAlarm(CallScope& scope, const v1::AcknowledgeAlarmRequest& request,
                              v1::Alarm& response);
absl::Status AssignAlarm(CallScope& scope, const v1::AssignAlarmRequest& request,
                         v1::Alarm& response);
absl::Status ShelveAlarm(CallScope& scope, const v1::ShelveAlarmRequest& request,
                         v1::Alarm& response);
// Also of a closed one.
absl::Status CommentAlarm(CallScope& scope, const v1::CommentAlarmRequest& request,
                          v1::Alarm& response);
// Of a closed one it sets, or corrects, the finding.
absl::Status CloseAlarm(CallScope& scope, const v1::CloseAlarmRequest& request,
                        v1::Alarm& response);

}  // namespace auscult::server
