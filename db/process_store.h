#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/process_monitor.h"

namespace auscult::db {

// What is known of the process readings of an asset.
struct ProcessSummary {
  std::optional<models::Condition> condition;  // unset before the first reading
  float health = 0;                            // NaN: nothing can be said
  int64_t since_us = 0;
  int64_t last_measured_at_us = 0;
  int model_version = 0;  // 0 while learning
  float learning_progress = 0;
  // {"contributions":[{"feature","deviation","rise"}],"summary":"one sentence"}
  std::string detail;
};

// The row of an asset with what judging its readings remembers.
struct ProcessRow {
  int64_t asset_id = 0, site_id = 0;
  models::ProcessState state;
  int64_t learn_since_us = 0;  // readings before that are not learnt from or judged
  ProcessSummary latest;
};

// Locks the row of the asset until the transaction ends, so that writers of its readings queue and
// the asset is not deleted under them; makes it where there is none. NOT_FOUND if the asset is
// gone. A state that cannot be read begins anew: readings are not refused for it.
absl::StatusOr<ProcessRow> LockProcessRow(Connection& connection, int64_t site_id,
                                          int64_t asset_id);

// Stores what was learnt as the next version and makes it that of `row`.
absl::Status InsertProcessBaseline(Connection& connection, ProcessRow& row);

// Of the assets that have any, by asset: of an asset, of a site (`asset` ""), of everything.
absl::StatusOr<std::unordered_map<int64_t, ProcessSummary>> ListProcessSummaries(
    Connection& connection, const std::string& site, const std::string& asset);
// Of given assets.
absl::StatusOr<std::unordered_map<int64_t, ProcessSummary>> ListProcessSummaries(
    Connection& connection, std::span<const int64_t> asset_ids);

}  // namespace auscult::db
