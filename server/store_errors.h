#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "db/postgres.h"

namespace auscult::server {

// What a call can be about; names the reasons UNKNOWN_SITE, SITE_EXISTS, ...
enum class Resource { kSite, kAsset, kPoint, kBearing, kAlarm, kSchedule };

// NOT_FOUND: `name` does not exist; says how it is made. `field` is the path of the name in the
// request.
absl::Status UnknownResource(Resource resource, std::string_view name, std::string_view field);
// ALREADY_EXISTS.
absl::Status ResourceExists(Resource resource, std::string_view name, std::string_view field);
// FAILED_PRECONDITION: something below or around it keeps it; `why` says what keeps which.
absl::Status ResourceInUse(Resource resource, std::string_view why, std::string_view remedy);

// Where a record of `point` was looked for: NOT_FOUND says that there is none (UNKNOWN_RECORD),
// anything else stays.
absl::Status UnknownRecord(const absl::Status& status, std::string_view point);

// What a store answers for a call about `name`, in the caller's words: NOT_FOUND, ALREADY_EXISTS
// and FAILED_PRECONDITION become the statuses above; anything else stays.
absl::Status FromStore(const absl::Status& status, Resource resource, std::string_view name,
                       std::string_view field);

// A failure of the database itself, with a reason and a remedy. Statuses that carry a Problem
// already, and those that say nothing to a caller (INTERNAL), stay as they are.
absl::Status FromDatabase(const absl::Status& status);

// True for a status made by MakeError.
bool HasProblem(const absl::Status& status);

// Runs `body` in a transaction, again (a few times) when another change came between. With
// `validate_only` everything is done and then rolled back, so that the answer and every refusal are
// those of the real call.
absl::Status Change(db::Connection& connection, bool validate_only,
                    const std::function<absl::Status()>& body);

}  // namespace auscult::server
