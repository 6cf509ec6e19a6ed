#include "server/access/key_ring.h"

#include <utility>
#include <vector>

#include "server/access/grants.h"
#include "server/access/key_secret.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::system_clock;

Clock::time_point TimeOf(int64_t us) { return Clock::time_point(std::chrono::microseconds(us)); }

int64_t HourOf(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::hours>(time.time_since_epoch()).count();
}

absl::Status Refused(std::string_view reason, std::string message, std::string remedy) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      {.reason = reason, .message = std::move(message), .remedy = std::move(remedy), .field = ""});
}

bool SameKey(const db::AccessKey& a, const db::AccessKey& b) {
  return a.grants == b.grants && a.secret_hash == b.secret_hash && a.certificate == b.certificate &&
         a.expire_time_us == b.expire_time_us && a.revoke_time_us == b.revoke_time_us;
}

}  // namespace

std::shared_ptr<const KeyRing::Entry> KeyRing::MakeEntry(db::AccessKey row) {
  Caller caller;
  caller.principal =
      row.certificate.empty() ? Concat("keys/", row.slug) : Concat("certificate:", row.certificate);
  absl::StatusOr<Grants> grants = ReadGrants(row.grants, caller.principal);
  absl::StatusOr<std::vector<SiteRole>> roles =
      grants.ok() ? RolesOf(*grants, "grants") : grants.status();
  if (roles.ok()) {
    caller.roles = *std::move(roles);
  } else {
    LogError("a key opens nothing", {{"key", row.slug}, {"status", roles.status().ToString()}});
  }
  if (row.expire_time_us) caller.expires = TimeOf(*row.expire_time_us);
  auto entry = std::make_shared<Entry>();
  entry->row = std::move(row);
  entry->caller = std::make_shared<const Caller>(std::move(caller));
  return entry;
}

absl::Status KeyRing::Refresh(db::Connection& connection) {
  const std::lock_guard one_at_a_time(refresh_);
  if (absl::Status status = NoteUse(connection); !status.ok()) return status;
  absl::StatusOr<std::vector<db::AccessKey>> rows = db::ListAccessKeys(connection, "", 0);
  if (!rows.ok()) return rows.status();
  const std::shared_ptr<const Keys> before = keys();
  auto read = std::make_shared<Keys>();
  for (db::AccessKey& row : *rows) {
    const bool by_certificate = row.secret_hash.empty();
    const std::string index = by_certificate ? row.certificate : row.secret_hash;
    const Entries& old = by_certificate ? before->by_certificate : before->by_hash;
    const auto known = old.find(index);
    const bool same = known != old.end() && SameKey(known->second->row, row);
    const std::shared_ptr<const Entry> entry = same ? known->second : MakeEntry(std::move(row));
    (by_certificate ? read->by_certificate : read->by_hash).emplace(index, entry);
    read->by_principal.emplace(entry->caller->principal, entry);
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(read);
  return absl::OkStatus();
}

absl::Status KeyRing::NoteUse(db::Connection& connection) {
  const int64_t hour = HourOf(Clock::now());
  std::vector<std::string> used;
  for (const auto& [principal, entry] : keys()->by_principal) {
    if (!entry->used.exchange(false)) continue;
    if (std::exchange(noted_hours_[entry->row.slug], hour) != hour) used.push_back(entry->row.slug);
  }
  if (used.empty()) return absl::OkStatus();
  absl::Status status = db::NoteKeyUse(connection, used);
  if (!status.ok()) {
    for (const std::string& slug : used) noted_hours_.erase(slug);
  }
  return status;
}

std::shared_ptr<const KeyRing::Keys> KeyRing::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool KeyRing::has_keys() const { return !keys()->by_principal.empty(); }

absl::Status KeyRing::Check(const Entry& entry) {
  const std::string name = Concat("keys/", entry.row.slug);
  if (entry.row.revoke_time_us) {
    return Refused("KEY_REVOKED", Concat(name, " was revoked"), "use another key");
  }
  if (entry.caller->expires && *entry.caller->expires <= Clock::now()) {
    return Refused("KEY_EXPIRED", Concat(name, " has expired"), "have a new key made");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Caller>> KeyRing::Use(const Entry& entry) {
  if (absl::Status status = Check(entry); !status.ok()) return status;
  // Written only where it changes, for all calls with the key look at it.
  if (!entry.used.load(std::memory_order_relaxed)) entry.used = true;
  return entry.caller;
}

absl::StatusOr<std::shared_ptr<const Caller>> KeyRing::FindSecret(std::string_view secret) const {
  const std::shared_ptr<const Keys> held = keys();
  // Looked up by its hash, so that the time it takes says nothing about secrets.
  const auto found = held->by_hash.find(HashSecret(secret));
  if (found != held->by_hash.end()) return Use(*found->second);
  return Refused("BAD_KEY", "the key is not known to this server",
                 "look whether all of it was sent; one made on another server of the same "
                 "database is known within seconds");
}

absl::StatusOr<std::shared_ptr<const Caller>> KeyRing::FindCertificate(
    const std::string& name) const {
  const std::shared_ptr<const Keys> held = keys();
  const auto found = held->by_certificate.find(name);
  if (found != held->by_certificate.end()) return Use(*found->second);
  return Refused("UNKNOWN_CERTIFICATE",
                 Concat("no key was made for the certificate of ", Quoted(name)),
                 "have one made with the certificate's name, or send a key or a token");
}

absl::Status KeyRing::CheckStillHolds(const Caller& caller) const {
  const std::shared_ptr<const Keys> held = keys();
  const auto found = held->by_principal.find(caller.principal);
  return found == held->by_principal.end() ? absl::OkStatus() : Check(*found->second);
}

}  // namespace auscult::server
