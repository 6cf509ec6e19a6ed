#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "db/key_store.h"
#include "server/access/caller.h"

namespace auscult::server {

// The keys of the database in memory, so that no call waits for it. Whoever owns it has them read
// again every second: a key that another server made or revoked counts here within two seconds.
// While the database is away what was read last counts, and no call gets further than that.
// Thread-safe.
class KeyRing {
 public:
  // Reads the keys again, and notes in the database which were used. Keys whose grants cannot be
  // read open nothing, and are logged.
  absl::Status Refresh(db::Connection& connection);

  // Who shows the secret, or bears the certificate of this name. UNAUTHENTICATED: BAD_KEY or
  // UNKNOWN_CERTIFICATE, KEY_REVOKED, KEY_EXPIRED.
  absl::StatusOr<std::shared_ptr<const Caller>> FindSecret(std::string_view secret) const;
  absl::StatusOr<std::shared_ptr<const Caller>> FindCertificate(const std::string& name) const;

  // Whether the key of this caller still opens what it did.
  absl::Status CheckStillHolds(const Caller& caller) const;

  // Whether there are any, revoked and expired ones too.
  bool has_keys() const;

 private:
  struct Entry {
    db::AccessKey row;
    std::shared_ptr<const Caller> caller;
    mutable std::atomic<bool> used{false};  // since it was last noted
  };
  using Entries = std::unordered_map<std::string, std::shared_ptr<const Entry>>;
  // By the hash of the secret, by certificate, by principal.
  struct Keys {
    Entries by_hash, by_certificate, by_principal;
  };

  std::shared_ptr<const Keys> keys() const;
  static std::shared_ptr<const Entry> MakeEntry(db::AccessKey row);
  static absl::Status Check(const Entry& entry);
  static absl::StatusOr<std::shared_ptr<const Caller>> Use(const Entry& entry);
  absl::Status NoteUse(db::Connection& connection);

  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_ = std::make_shared<const Keys>();
  std::mutex refresh_;
  std::unordered_map<std::string, int64_t> noted_hours_;  // under refresh_
};

}  // namespace auscult::server
