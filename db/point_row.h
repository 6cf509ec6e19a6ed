#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "features/quality.h"
#include "models/advance.h"

namespace auscult::db {

// A row of point_state: what scoring remembers of a point, and its latest health. `health` has no
// contributions after loading; what is stored beside it as detail holds them by name.
struct PointRow {
  int64_t asset_id = 0, point_id = 0;
  int model_version = 0;
  models::PointState state;
  std::optional<int64_t> last_measured_at_us;  // of the newest record, late ones never count
  int64_t record_count = 0;                    // late ones included
  models::Health health;
  features::QualityFlags quality = 0;
  // Since when health.condition is what it is, and the same for state.condition: a machine that
  // was stopped comes back to an alert that is days old.
  int64_t since_us = 0, state_since_us = 0;
  float learning_progress = 0;
  // JSON that is to replace what is stored, or that was asked for; "" before the first record. It
  // is larger than all the rest and seldom needed: see LoadDetails.
  std::optional<std::string> detail;
  int sensor_run = 0;       // models::NextSensorRun
  unsigned case_kinds = 0;  // a CaseBit for each kind of case that the point asks for
  // Only later records are learnt from. Read, never written back: see db/relearning.h.
  std::optional<int64_t> learn_since_us;
  // Rollups of earlier hours are made. Read, never written back: see db/rollup.h.
  std::optional<int64_t> rolled_to_us;
  // Of the last record whose samples were kept for what they showed.
  std::optional<int64_t> raw_kept_at_us;
  bool damaged = false;  // the state could not be trusted and was forgotten, but for the condition
  bool changed = false;
};

using PointKey = std::pair<int64_t, int64_t>;  // asset_id, point_id

// What becomes of a state that cannot be trusted.
enum class DamagedState { kRefuse, kForget };

// Locks the rows in key order, whatever the order of `keys`, until the transaction ends. Rows that
// do not exist are left out; the answer is ascending by key. DATA_LOSS for a state that cannot be
// trusted names the point, unless it is to be forgotten.
absl::StatusOr<std::vector<PointRow>> LockPointRows(Connection& connection,
                                                    std::span<const PointKey> keys,
                                                    DamagedState damaged = DamagedState::kRefuse);

// Reads what is stored as detail of these rows, for those that have none yet.
absl::Status LoadDetails(Connection& connection, std::span<PointRow* const> rows);

// Writes back those that changed, in one statement.
absl::Status UpdatePointRows(Connection& connection, std::span<const PointRow> rows);

}  // namespace auscult::db
