#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// An entry of the audit log, which audit_change() of the schema writes.
struct AuditRow {
  int64_t sequence = 0;
  std::string hashed;               // JSON of an auscult.v1.AuditEntry without its hashes
  std::string previous_hash, hash;  // SHA-256, hex
};

// The first `limit` entries after number `after`, of one site or of all, the oldest first.
absl::StatusOr<std::vector<AuditRow>> ListAuditRows(Connection& connection, int64_t after,
                                                    std::optional<int64_t> site_id, int limit);

}  // namespace auscult::db
