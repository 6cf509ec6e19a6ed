#pragma once

#include "absl/status/status.h"
#include "auscult/v1/rescore_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// Schedules of re-scorings, one function for each method. Refusals carry a reason:
// UNKNOWN_SCHEDULE, SCHEDULE_EXISTS and those of CheckSchedule.
absl::Status CreateSchedule(CallScope& scope, const v1::CreateScheduleRequest& request,
                            v1::Schedule& response);
absl::Status GetSchedule(CallScope& scope, const v1::GetScheduleRequest& request,
                         v1::Schedule& response);
absl::Status ListSchedules(CallScope& scope, const v1::ListSchedulesRequest& request,
                           v1::ListSchedulesResponse& response);
// What was due before the change and has not begun is forgotten when the times change.
absl::Status UpdateSchedule(CallScope& scope, const v1::UpdateScheduleRequest& request,
                            v1::Schedule& response);
absl::Status DeleteSchedule(CallScope& scope, const v1::DeleteScheduleRequest& request,
                            google::protobuf::Empty& response);
absl::Status ListScheduleRuns(CallScope& scope, const v1::ListScheduleRunsRequest& request,
                              v1::ListScheduleRunsResponse& response);

}  // namespace auscult::server
