#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// What one site or key may take, as JSON whose meaning belongs to the server.
struct QuotaRow {
  std::string name;  // "sites/{site}/quota", "keys/{key}/quota"
  std::string definition;
  int64_t update_time_us = 0, revision = 0;
};

// NOT_FOUND where none was set.
absl::StatusOr<QuotaRow> GetQuota(Connection& connection, const std::string& name);
// By name, the first `limit` after `after` ("": from the start).
absl::StatusOr<std::vector<QuotaRow>> ListQuotas(Connection& connection, const std::string& after,
                                                 int limit);

// Until the transaction ends nobody else changes a quota.
absl::Status LockQuotas(Connection& connection);
// Made where there was none.
absl::Status PutQuota(Connection& connection, const std::string& name,
                      const std::string& definition);
// NOT_FOUND where none was set.
absl::Status DeleteQuota(Connection& connection, const std::string& name);

// NOT_FOUND where there is no such key.
absl::Status FindKey(Connection& connection, const std::string& key);

}  // namespace auscult::db
