#include "server/admin_calls.h"

#include "db/plant_store.h"
#include "db/retention_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::TimeUtil;

constexpr int kMostDays = 36'500;

// Calls `visit` with every field that holds days.
template <typename Visit>
void ForDays(const v1::RetentionPolicy& policy, Visit visit) {
  const google::protobuf::Descriptor& type = *policy.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_INT32) visit(type.field(i));
  }
}

absl::Status CheckDays(const v1::RetentionPolicy& policy) {
  absl::Status status;
  ForDays(policy, [&](const FieldDescriptor* field) {
    const int days = policy.GetReflection()->GetInt32(policy, field);
    if (!status.ok() || (days >= 0 && days <= kMostDays)) return;
    status = BadField("BAD_DAYS", Concat("retention_policy.", field->name()),
                      Concat(field->name(), " is ", days),
                      Concat("send 1 to ", kMostDays, " days, 0 to keep for ever, or leave it out ",
                             "and name it in update_mask to inherit"));
  });
  return status;
}

// Site and asset of the name, as they are stored.
absl::StatusOr<db::RetentionKey> KeyOf(CallScope& scope, const AssetName& name,
                                       const std::string& field) {
  db::RetentionKey key;
  if (name.site.empty()) return key;
  const absl::StatusOr<db::Site> site = db::GetSite(scope.connection, name.site);
  if (!site.ok()) {
    return FromStore(site.status(), Resource::kSite, SiteResource(name.site), field);
  }
  key.site_id = site->site_id;
  if (name.asset.empty()) return key;
  const absl::StatusOr<db::Asset> asset = db::GetAsset(scope.connection, name.site, name.asset);
  if (!asset.ok()) {
    return FromStore(asset.status(), Resource::kAsset, AssetResource(name.site, name.asset), field);
  }
  key.asset_id = asset->asset_id;
  return key;
}

absl::Status NoPolicy(const absl::Status& status, const std::string& name,
                      const std::string& field) {
  if (!absl::IsNotFound(status)) return status;
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "NO_RETENTION_POLICY",
                    .message = Concat(name, " was not set: what it inherits counts"),
                    .remedy = "set one with UpdateRetentionPolicy, or list those there are",
                    .field = field});
}

// The time is part of it, so that a policy that was deleted and made again has another one.
std::string EtagOf(const db::RetentionPolicyRow& row) {
  return MakeEtag(row.update_time_us, row.revision);
}

absl::Status Show(const db::RetentionPolicyRow& row, v1::RetentionPolicy& response) {
  const std::string name = RetentionPolicyResource({.site = row.site, .asset = row.asset});
  response.Clear();
  v1::RetentionPolicy effective;
  for (const std::string* json : {&row.of_plant, &row.of_site, &row.policy}) {
    if (json->empty()) continue;
    v1::RetentionPolicy policy;
    if (absl::Status status = ReadStoredJson(*json, name, policy); !status.ok()) return status;
    effective.MergeFrom(policy);
    if (json == &row.policy) response = policy;
  }
  ForDays(effective, [&](const FieldDescriptor* field) {
    const auto& reflection = *effective.GetReflection();
    if (!reflection.HasField(effective, field)) reflection.SetInt32(&effective, field, 0);
  });
  response.set_name(name);
  *response.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.update_time_us);
  response.set_etag(EtagOf(row));
  *response.mutable_effective() = std::move(effective);
  return absl::OkStatus();
}

// The days alone, as they are stored.
v1::RetentionPolicy DaysOf(const v1::RetentionPolicy& policy) {
  v1::RetentionPolicy days;
  ForDays(policy, [&](const FieldDescriptor* field) {
    const auto& reflection = *policy.GetReflection();
    if (reflection.HasField(policy, field)) {
      reflection.SetInt32(&days, field, reflection.GetInt32(policy, field));
    }
  });
  return days;
}

}  // namespace

absl::Status GetRetentionPolicy(CallScope& scope, const v1::GetRetentionPolicyRequest& request,
                                v1::RetentionPolicy& response) {
  const absl::StatusOr<AssetName> name = ParseRetentionPolicyName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<db::RetentionKey> key = KeyOf(scope, *name, "name");
  if (!key.ok()) return key.status();
  const auto row = db::GetRetentionPolicy(scope.connection, *key);
  return row.ok() ? Show(*row, response) : NoPolicy(row.status(), request.name(), "name");
}

absl::Status ListRetentionPolicies(CallScope& scope,
                                   const v1::ListRetentionPoliciesRequest& request,
                                   v1::ListRetentionPoliciesResponse& response) {
  constexpr std::string_view kScope = "ListRetentionPolicies";
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), kScope, 2);
  if (!cursor.ok()) return cursor.status();
  const auto rows = db::ListRetentionPolicies(
      scope.connection,
      {.begun = !request.page_token().empty(), .site = (*cursor)[0], .asset = (*cursor)[1]},
      *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (size_t i = 0; i < rows->size(); ++i) {
    if (response.retention_policies_size() == *page_size) {
      response.set_next_page_token(
          MakePageToken(kScope, {(*rows)[i - 1].site, (*rows)[i - 1].asset}));
      break;
    }
    absl::Status status = Show((*rows)[i], *response.add_retention_policies());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status UpdateRetentionPolicy(CallScope& scope,
                                   const v1::UpdateRetentionPolicyRequest& request,
                                   v1::RetentionPolicy& response) {
  const v1::RetentionPolicy& sent = request.retention_policy();
  const std::string field = "retention_policy.name";
  const absl::StatusOr<AssetName> name = ParseRetentionPolicyName(sent.name(), field);
  if (!name.ok()) return name.status();
  return Change(scope.connection, false, [&]() -> absl::Status {
    absl::Status status = db::LockRetentionPolicies(scope.connection);
    if (!status.ok()) return status;
    const absl::StatusOr<db::RetentionKey> key = KeyOf(scope, *name, field);
    if (!key.ok()) return key.status();
    const auto stored = db::GetRetentionPolicy(scope.connection, *key);
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
    v1::RetentionPolicy policy;
    if (stored.ok()) status = ReadStoredJson(stored->policy, sent.name(), policy);
    const std::string etag = EtagOf(stored.ok() ? *stored : db::RetentionPolicyRow{});
    if (status.ok()) {
      status = CheckEtag(sent.etag(), etag, sent.name(), "retention_policy.etag");
    }
    if (status.ok()) status = ApplyUpdate(sent, request.update_mask(), policy);
    if (status.ok()) status = CheckDays(policy);
    if (status.ok()) {
      status = db::PutRetentionPolicy(scope.connection, *key, StoredJson(DaysOf(policy)));
    }
    if (!status.ok()) return status;
    const auto row = db::GetRetentionPolicy(scope.connection, *key);
    return row.ok() ? Show(*row, response) : row.status();
  });
}

absl::Status DeleteRetentionPolicy(CallScope& scope,
                                   const v1::DeleteRetentionPolicyRequest& request,
                                   google::protobuf::Empty&) {
  const absl::StatusOr<AssetName> name = ParseRetentionPolicyName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<db::RetentionKey> key = KeyOf(scope, *name, "name");
  if (!key.ok()) return key.status();
  return Change(scope.connection, false, [&] {
    return NoPolicy(db::DeleteRetentionPolicy(scope.connection, *key), request.name(), "name");
  });
}

}  // namespace auscult::server
