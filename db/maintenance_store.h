#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// Work on a machine, as people told it. Never changed once stored.
struct MaintenanceRow {
  int64_t asset_id = 0, maintenance_id = 0;
  int64_t performed_at_us = 0, create_time_us = 0;
  std::string actor, description, work_order;
  bool keep_baseline = false;
  std::vector<std::string> points;  // slugs of those that learn anew; empty: all
};

// Stores `row`, whose maintenance_id and create_time come back, for points given by id. NOT_FOUND
// if the asset does not exist.
struct MaintenanceKey {
  int64_t maintenance_id = 0, create_time_us = 0;
};
absl::StatusOr<MaintenanceKey> InsertMaintenance(Connection& connection, const MaintenanceRow& row,
                                                 const std::vector<int64_t>& point_ids);

// Leaves a note of it at the open cases of the machine. Locks the asset's row, after which no state
// row may be locked. The cases close, as always, with the records that no longer ask for them.
absl::Status NoteMaintenanceAtCases(Connection& connection, const MaintenanceRow& row);

// Where a list goes on; the default is its start.
struct MaintenanceCursor {
  int64_t performed_at_us = 0, maintenance_id = 0;
};
// Latest first. A point that was deleted meanwhile is left out.
absl::StatusOr<std::vector<MaintenanceRow>> ListMaintenance(Connection& connection,
                                                            int64_t asset_id,
                                                            const MaintenanceCursor& before,
                                                            int limit);

}  // namespace auscult::db
