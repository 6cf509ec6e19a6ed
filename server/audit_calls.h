#pragma once

#include "absl/status/status.h"
#include "auscult/v1/admin_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// AdminService.ListAuditEntries, as the proto describes it. A page ends early where its entries are
// large.
absl::Status ListAuditEntries(CallScope& scope, const v1::ListAuditEntriesRequest& request,
                              v1::ListAuditEntriesResponse& response);

}  // namespace auscult::server
