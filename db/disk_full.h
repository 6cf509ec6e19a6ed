#pragma once

#include "absl/status/status.h"

namespace auscult::db {

// True where PostgreSQL refused because its disk is full (SQLSTATE 53100, disk_full). It refuses
// so while it can; where it cannot even write its log it ends, and the status is UNAVAILABLE.
bool IsDiskFull(const absl::Status& status);

}  // namespace auscult::db
