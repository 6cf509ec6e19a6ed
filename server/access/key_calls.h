#pragma once

#include "absl/status/status.h"
#include "auscult/v1/admin_service.pb.h"
#include "server/access/key_ring.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AdminService about callers and keys, as the proto describes them. What changes a key
// reads `keys` again before it answers, so that it counts for this server at once.
absl::Status GetCaller(CallScope& scope, v1::Caller& response);
absl::Status CreateKey(CallScope& scope, const v1::CreateKeyRequest& request, KeyRing& keys,
                       v1::CreateKeyResponse& response);
absl::Status GetKey(CallScope& scope, const v1::GetKeyRequest& request, v1::Key& response);
absl::Status ListKeys(CallScope& scope, const v1::ListKeysRequest& request,
                      v1::ListKeysResponse& response);
absl::Status RevokeKey(CallScope& scope, const v1::RevokeKeyRequest& request, KeyRing& keys,
                       v1::Key& response);

}  // namespace auscult::server
