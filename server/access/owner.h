#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "db/operation_store.h"
#include "server/access/gate.h"
#include "server/call_pool.h"

namespace auscult::server {

// What a number names ("operations/12", "rescores/12") belongs to what its request named. NOT_FOUND
// without a reason where the caller may not see it: it is to be answered like one that does not
// exist. PERMISSION_DENIED where he may see it and not make this call.
//
// Of a resource of a site, "sites/-" being of all.
absl::Status JudgeOwner(const CallScope& scope, std::string_view owner);

// Of an operation. What cannot be read is hidden from who does not hold the role at all sites.
absl::Status JudgeOperation(const Caller& caller, const CallRule& rule,
                            const db::Operation& operation);

}  // namespace auscult::server
