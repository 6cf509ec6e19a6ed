#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/operation_store.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// INVALID_ARGUMENT (BAD_PLAN) for what no release knows; that its model exists is seen when it is
// asked for.
absl::Status CheckPlan(const v1::RescorePlan& plan, const std::string& field);

// Checks what is asked for and stores it as an operation with its re-scoring, in a transaction of
// its own or the caller's. `actor`: who asks, as the audit log names him; `schedule_id`: the
// schedule that does. Every refusal names the field.
absl::StatusOr<db::Operation> BeginRescore(db::Connection& connection,
                                           const v1::StartRescoreRequest& request,
                                           std::string_view actor,
                                           std::optional<int64_t> schedule_id);

// RescoreService, one function for each method but those of schedules. What is refused carries a
// reason: UNKNOWN_RESCORE, RESCORE_DONE, RESCORE_NOT_DONE, RESCORE_ADOPTED, BAD_PLAN, ...
absl::Status StartRescore(CallScope& scope, const v1::StartRescoreRequest& request,
                          google::longrunning::Operation& response);
absl::Status GetRescore(CallScope& scope, const v1::GetRescoreRequest& request,
                        v1::Rescore& response);
absl::Status ListRescores(CallScope& scope, const v1::ListRescoresRequest& request,
                          v1::ListRescoresResponse& response);
absl::Status PauseRescore(CallScope& scope, const v1::PauseRescoreRequest& request,
                          v1::Rescore& response);
absl::Status ResumeRescore(CallScope& scope, const v1::ResumeRescoreRequest& request,
                           v1::Rescore& response);
absl::Status AdoptRescore(CallScope& scope, const v1::AdoptRescoreRequest& request,
                          v1::Rescore& response);
absl::Status RevertRescore(CallScope& scope, const v1::RevertRescoreRequest& request,
                           v1::Rescore& response);
absl::Status DeleteRescore(CallScope& scope, const v1::DeleteRescoreRequest& request);

}  // namespace auscult::server
