#include "db/disk_full.h"

#include "absl/strings/match.h"

namespace auscult::db {

bool IsDiskFull(const absl::Status& status) {
  return absl::IsResourceExhausted(status) &&
         absl::StartsWith(status.message(), "PostgreSQL 53100:");
}

}  // namespace auscult::db
