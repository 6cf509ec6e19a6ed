#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// Whose policy: of an asset, of a site (asset_id 0), of the plant (both 0).
struct RetentionKey {
  int64_t site_id = 0, asset_id = 0;
};

// How long things are kept, as JSON whose meaning belongs to the server, but for the days:
// kept_since() of the schema reads "waveform_days", "trend_days", ...
struct RetentionPolicyRow {
  std::string site, asset;        // slugs, empty as above
  std::string policy;             // its own
  std::string of_site, of_plant;  // what it inherits; "" where there is none
  int64_t update_time_us = 0, revision = 0;
};

// NOT_FOUND where none was set.
absl::StatusOr<RetentionPolicyRow> GetRetentionPolicy(Connection& connection, RetentionKey key);

// The plant's, then by slugs of site and asset: the first `limit`, or those after a place.
struct RetentionCursor {
  bool begun = false;  // false: from the start
  std::string site, asset;
};
absl::StatusOr<std::vector<RetentionPolicyRow>> ListRetentionPolicies(Connection& connection,
                                                                      const RetentionCursor& after,
                                                                      int limit);

// Until the transaction ends nobody else changes a policy.
absl::Status LockRetentionPolicies(Connection& connection);
// Made where there was none.
absl::Status PutRetentionPolicy(Connection& connection, RetentionKey key,
                                const std::string& policy);
// NOT_FOUND where none was set.
absl::Status DeleteRetentionPolicy(Connection& connection, RetentionKey key);

}  // namespace auscult::db
