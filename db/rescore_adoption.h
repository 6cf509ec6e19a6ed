#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "db/postgres.h"

namespace auscult::db {

// Lets the scores of a re-scoring count for its points (not for those that it could not score to
// the end), or what counted before. One point after the other, each in a transaction of its own, so
// that nobody who stores records waits for a fleet; where it is broken off, the same call goes on.
// Hours that were rolled up become due for both. `go_on` is asked between the points. NOT_FOUND.
// The caller has made sure that the re-scoring is done.
absl::Status AdoptRun(Connection& connection, int64_t id,
                      const std::function<absl::Status()>& go_on);
absl::Status RevertRun(Connection& connection, int64_t id,
                       const std::function<absl::Status()>& go_on);

}  // namespace auscult::db
