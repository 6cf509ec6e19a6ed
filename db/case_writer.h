#pragma once

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "db/postgres.h"
#include "models/alarm_case.h"

namespace auscult::db {

// What a point, or the process readings of an asset, say of it.
struct CaseReport {
  int64_t asset_id = 0;
  models::CaseReport report;
};

// Opens, moves and closes cases as the reports ask (models::ApplyReport), those of an asset in the
// order of their times, with a note of each event. Inside the caller's transaction, which holds the
// state rows of the points concerned; locks the rows of the assets, ascending, until it ends.
// Without a report it does nothing; so call it only where something may have changed. Reports of an
// asset that was deleted are dropped.
absl::Status UpdateCases(Connection& connection, std::span<const CaseReport> reports);

// The point is about to be deleted: what it alone held open recovers.
absl::Status ReleaseCasesOfPoint(Connection& connection, int64_t asset_id, int64_t point_id);

}  // namespace auscult::db
