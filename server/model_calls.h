#pragma once

#include <functional>

#include "absl/status/status.h"
#include "auscult/v1/model_service.pb.h"
#include "db/active_classifier.h"
#include "google/longrunning/operations.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The one model there is: what the verdict of a record comes from.
inline constexpr char kDiagnosisModel[] = "diagnosis";
// Kinds of operations, as they are stored.
inline constexpr char kTrainKind[] = "train";
inline constexpr char kCompareKind[] = "compare";

// Takes over what is active now, and logs what changed and what cannot be used.
void RefreshClassifier(db::ActiveClassifier& active, db::Connection& connection);

// ModelService, one function for each method. What is refused carries a reason: UNKNOWN_MODEL,
// UNKNOWN_MODEL_VERSION, BAD_MODEL_FILE, MODEL_ACTIVE, NOTHING_TO_ROLL_BACK, ...
absl::Status ImportModelVersion(CallScope& scope, const v1::ImportModelVersionRequest& request,
                                const db::ActiveClassifier& active, v1::ModelVersion& response);
absl::Status ListModelVersions(CallScope& scope, const v1::ListModelVersionsRequest& request,
                               const db::ActiveClassifier& active,
                               v1::ListModelVersionsResponse& response);
absl::Status GetModelVersion(CallScope& scope, const v1::GetModelVersionRequest& request,
                             const db::ActiveClassifier& active, v1::ModelVersion& response);
// The records that this server stores after the answer are judged by the version.
absl::Status ActivateModelVersion(CallScope& scope, const v1::ActivateModelVersionRequest& request,
                                  db::ActiveClassifier& active, v1::ModelVersion& response);
absl::Status RollbackModel(CallScope& scope, const v1::RollbackModelRequest& request,
                           db::ActiveClassifier& active, v1::ModelVersion& response);
absl::Status DeleteModelVersion(CallScope& scope, const v1::DeleteModelVersionRequest& request);
// These check the request and store it as an operation that a runner then does.
absl::Status TrainModel(CallScope& scope, const v1::TrainModelRequest& request,
                        google::longrunning::Operation& response);
absl::Status CompareModelVersions(CallScope& scope, const v1::CompareModelVersionsRequest& request,
                                  google::longrunning::Operation& response);

}  // namespace auscult::server
