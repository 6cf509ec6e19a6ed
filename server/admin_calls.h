#pragma once

#include <string>

#include "absl/status/status.h"
#include "auscult/v1/admin_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AdminService, as the proto describes them.
absl::Status GetRetentionPolicy(CallScope& scope, const v1::GetRetentionPolicyRequest& request,
                                v1::RetentionPolicy& response);
absl::Status ListRetentionPolicies(CallScope& scope,
                                   const v1::ListRetentionPoliciesRequest& request,
                                   v1::ListRetentionPoliciesResponse& response);
absl::Status UpdateRetentionPolicy(CallScope& scope,
                                   const v1::UpdateRetentionPolicyRequest& request,
                                   v1::RetentionPolicy& response);
absl::Status DeleteRetentionPolicy(CallScope& scope,
                                   const v1::DeleteRetentionPolicyRequest& request,
                                   google::protobuf::Empty& response);

// `data_dir` is a folder on the disk that holds the database; "": that disk is not known.
absl::Status GetStorage(CallScope& scope, const std::string& data_dir, v1::Storage& response);

}  // namespace auscult::server
