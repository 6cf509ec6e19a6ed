#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "db/postgres.h"

namespace auscult::db {

// Delete what was recorded, inside the caller's transaction. Both lock the state rows first, as
// every writer does, so that nobody writes behind them. Lifts the time limit of a statement for the
// rest of the transaction.
absl::Status DeleteRecordsOfPoint(Connection& connection, int64_t asset_id, int64_t point_id);
// Of whole assets, readings too; the caller holds the rows of the assets FOR UPDATE.
absl::Status DeleteRecordsOfAssets(Connection& connection, const std::vector<int64_t>& asset_ids);

}  // namespace auscult::db
