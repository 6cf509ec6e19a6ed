#include "server/access/key_calls.h"

#include <utility>

#include "absl/time/clock.h"
#include "db/key_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/grants.h"
#include "server/access/key_secret.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::string_view kCollection = "keys/";
constexpr int kMostGrants = 1000;

std::string KeyResource(std::string_view slug) { return Concat(kCollection, slug); }

absl::StatusOr<std::string> ParseKeyName(std::string_view name) {
  const std::string_view slug =
      name.starts_with(kCollection) ? name.substr(kCollection.size()) : std::string_view();
  if (CheckId(slug, "name").ok()) return std::string(slug);
  return BadField("MALFORMED_NAME", "name", Concat("name is ", Quoted(name)),
                  "write it as keys/{key}");
}

absl::Status UnknownKey(const absl::Status& status, const std::string& name) {
  if (!absl::IsNotFound(status)) return status;
  return MakeError(absl::StatusCode::kNotFound, {.reason = "UNKNOWN_KEY",
                                                 .message = Concat("there is no ", name),
                                                 .remedy = "ListKeys shows those that exist",
                                                 .field = "name"});
}

absl::Status Show(const db::AccessKey& row, v1::Key& key) {
  key.Clear();
  key.set_name(KeyResource(row.slug));
  key.set_description(row.description);
  absl::StatusOr<Grants> grants = ReadGrants(row.grants, key.name());
  if (!grants.ok()) return grants.status();
  *key.mutable_grants() = *std::move(grants);
  *key.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(row.create_time_us);
  key.set_creator(row.creator);
  if (row.expire_time_us) {
    *key.mutable_expire_time() = TimeUtil::MicrosecondsToTimestamp(*row.expire_time_us);
  }
  if (row.revoke_time_us) {
    *key.mutable_revoke_time() = TimeUtil::MicrosecondsToTimestamp(*row.revoke_time_us);
  }
  if (row.last_use_time_us) {
    *key.mutable_last_use_time() = TimeUtil::MicrosecondsToTimestamp(*row.last_use_time_us);
  }
  key.set_certificate(row.certificate);
  return absl::OkStatus();
}

absl::StatusOr<db::AccessKey> RowOf(const v1::CreateKeyRequest& request) {
  const v1::Key& key = request.key();
  db::AccessKey row;
  absl::Status status = CheckId(request.key_id(), "key_id");
  if (status.ok()) status = CheckText(key.description(), "key.description");
  if (status.ok()) status = CheckText(key.certificate(), "key.certificate");
  if (!status.ok()) return status;
  if (key.grants().empty() || key.grants_size() > kMostGrants) {
    return BadField("BAD_GRANT", "key.grants", Concat("the key has ", key.grants_size(), " grants"),
                    Concat("send 1 to ", kMostGrants, " grants of a role at a site"));
  }
  if (auto roles = RolesOf(key.grants(), "key.grants"); !roles.ok()) return roles.status();
  if (key.has_expire_time()) {
    const absl::StatusOr<int64_t> us = CheckTime(key.expire_time(), "key.expire_time");
    if (!us.ok()) return us.status();
    if (*us <= absl::ToUnixMicros(absl::Now())) {
      return BadField("BAD_TIME", "key.expire_time", "the key would have expired already",
                      "send a time to come, or leave it out");
    }
    row.expire_time_us = *us;
  }
  row.slug = request.key_id();
  row.description = key.description();
  row.grants = StoredGrants(key.grants());
  row.certificate = key.certificate();
  return row;
}

// A change that is stored counts, whether it could be read again or not: it is read every second.
void ReadAgain(CallScope& scope, KeyRing& keys) {
  const absl::Status status = keys.Refresh(scope.connection);
  if (!status.ok()) LogWarning("keys could not be read again", {{"status", status.ToString()}});
}

}  // namespace

absl::Status GetCaller(CallScope& scope, v1::Caller& response) {
  response.set_principal(scope.caller->principal);
  *response.mutable_grants() = GrantsOf(scope.caller->roles);
  if (scope.caller->expires) {
    *response.mutable_expire_time() =
        TimeUtil::MicrosecondsToTimestamp(std::chrono::duration_cast<std::chrono::microseconds>(
                                              scope.caller->expires->time_since_epoch())
                                              .count());
  }
  return absl::OkStatus();
}

absl::Status CreateKey(CallScope& scope, const v1::CreateKeyRequest& request, KeyRing& keys,
                       v1::CreateKeyResponse& response) {
  absl::StatusOr<db::AccessKey> row = RowOf(request);
  if (!row.ok()) return row.status();
  row->creator = scope.caller->principal;
  std::string secret;
  if (row->certificate.empty()) {
    absl::StatusOr<std::string> made = MakeSecret();
    if (!made.ok()) return made.status();
    secret = *std::move(made);
    row->secret_hash = HashSecret(secret);
  }
  const absl::StatusOr<db::AccessKey> stored = db::CreateAccessKey(scope.connection, *row);
  if (absl::IsAlreadyExists(stored.status())) {
    return MakeError(absl::StatusCode::kAlreadyExists,
                     {.reason = "KEY_EXISTS",
                      .message = Concat(KeyResource(row->slug), " exists, or the certificate ",
                                        "has a key: revoked ones keep their names"),
                      .remedy = "choose another key_id or certificate",
                      .field = "key_id"});
  }
  if (!stored.ok()) return stored.status();
  ReadAgain(scope, keys);
  response.set_secret(secret);
  return Show(*stored, *response.mutable_key());
}

absl::Status GetKey(CallScope& scope, const v1::GetKeyRequest& request, v1::Key& response) {
  const absl::StatusOr<std::string> slug = ParseKeyName(request.name());
  if (!slug.ok()) return slug.status();
  const absl::StatusOr<db::AccessKey> row = db::GetAccessKey(scope.connection, *slug);
  return row.ok() ? Show(*row, response) : UnknownKey(row.status(), request.name());
}

absl::Status ListKeys(CallScope& scope, const v1::ListKeysRequest& request,
                      v1::ListKeysResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), "ListKeys", 1);
  if (!cursor.ok()) return cursor.status();
  const auto rows = db::ListAccessKeys(scope.connection, cursor->front(), *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (size_t i = 0; i < rows->size(); ++i) {
    if (response.keys_size() == *page_size) {
      response.set_next_page_token(MakePageToken("ListKeys", {(*rows)[i - 1].slug}));
      break;
    }
    if (absl::Status status = Show((*rows)[i], *response.add_keys()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RevokeKey(CallScope& scope, const v1::RevokeKeyRequest& request, KeyRing& keys,
                       v1::Key& response) {
  const absl::StatusOr<std::string> slug = ParseKeyName(request.name());
  if (!slug.ok()) return slug.status();
  const absl::StatusOr<db::AccessKey> row = db::RevokeAccessKey(scope.connection, *slug);
  if (!row.ok()) return UnknownKey(row.status(), request.name());
  ReadAgain(scope, keys);
  return Show(*row, response);
}

}  // namespace auscult::server
