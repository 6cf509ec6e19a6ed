#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// A credential that the server keeps. `grants` is JSON whose meaning belongs to the server.
struct AccessKey {
  std::string slug, description, grants = "[]";
  std::string secret_hash;  // 32 bytes; empty: the key is that of `certificate`
  std::string certificate;
  std::string creator;
  int64_t create_time_us = 0;
  std::optional<int64_t> expire_time_us, revoke_time_us, last_use_time_us;
};

// NOT_FOUND.
absl::StatusOr<AccessKey> GetAccessKey(Connection& connection, const std::string& slug);
// By slug, after `after_slug`; `limit` 0: all.
absl::StatusOr<std::vector<AccessKey>> ListAccessKeys(Connection& connection,
                                                      const std::string& after_slug, int limit);
// ALREADY_EXISTS where the slug, the secret or the certificate is taken. Times but that of expiry
// are the database's.
absl::StatusOr<AccessKey> CreateAccessKey(Connection& connection, const AccessKey& key);
// NOT_FOUND. One that is revoked already keeps its time.
absl::StatusOr<AccessKey> RevokeAccessKey(Connection& connection, const std::string& slug);
// That these were used within the present hour.
absl::Status NoteKeyUse(Connection& connection, std::span<const std::string> slugs);

}  // namespace auscult::db
