#include "server/quota_calls.h"

#include <limits>
#include <string>
#include <vector>

#include "db/plant_store.h"
#include "db/quota_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/log.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr double kMostPerSecond = 1e9;
constexpr int64_t kMostBytes = int64_t{1} << 50;

absl::Status NoQuota(const absl::Status& status, const std::string& name) {
  if (!absl::IsNotFound(status)) return status;
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "NO_QUOTA",
                    .message = Concat(name, " was not set: it has no limits of its own"),
                    .remedy = "set one with UpdateQuota, or list those there are",
                    .field = "name"});
}

// That there is somebody of this name.
absl::Status CheckOwner(CallScope& scope, const QuotaName& name) {
  const std::string field = "quota.name";
  if (!name.site.empty()) {
    return FromStore(db::GetSite(scope.connection, name.site).status(), Resource::kSite,
                     SiteResource(name.site), field);
  }
  const absl::Status found = db::FindKey(scope.connection, name.key);
  if (!absl::IsNotFound(found)) return found;
  return MakeError(found.code(), {.reason = "UNKNOWN_KEY",
                                  .message = Concat("keys/", name.key, " does not exist"),
                                  .remedy = "create it with CreateKey, or list those there are",
                                  .field = field});
}

absl::Status CheckLimits(const v1::Quota& quota, const QuotaName& name) {
  const std::string field = "quota.";
  absl::Status status = CheckNumber(quota.records_per_second(), {0, kMostPerSecond}, "1/s",
                                    field + "records_per_second");
  if (status.ok()) {
    status = CheckNumber(quota.calls_per_second(), {0, kMostPerSecond}, "1/s",
                         field + "calls_per_second");
  }
  if (status.ok()) {
    status = CheckNumber(static_cast<double>(quota.buffer_bytes()),
                         {0, static_cast<double>(kMostBytes)}, "B", field + "buffer_bytes");
  }
  if (status.ok()) {
    status = CheckNumber(quota.stream_count(), {0, std::numeric_limits<int32_t>::max()}, "",
                         field + "stream_count");
  }
  if (!status.ok() || name.site.empty() || quota.calls_per_second() == 0) return status;
  return BadField("NOT_OF_A_SITE", field + "calls_per_second",
                  "a site makes no calls: calls_per_second is for keys",
                  "set it for the keys that the site's programs use");
}

// The limits alone, as they are stored.
v1::Quota LimitsOf(const v1::Quota& quota) {
  v1::Quota limits;
  limits.set_records_per_second(quota.records_per_second());
  limits.set_buffer_bytes(quota.buffer_bytes());
  limits.set_stream_count(quota.stream_count());
  limits.set_calls_per_second(quota.calls_per_second());
  return limits;
}

// The time is part of it, so that a quota that was deleted and made again has another one.
std::string EtagOf(const db::QuotaRow& row) { return MakeEtag(row.update_time_us, row.revision); }

absl::Status Show(const db::QuotaRow& row, const Tenants& tenants, v1::Quota& response) {
  response.Clear();
  absl::Status status = ReadStoredJson(row.definition, row.name, response);
  if (!status.ok()) return status;
  response.set_name(row.name);
  *response.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.update_time_us);
  response.set_etag(EtagOf(row));
  *response.mutable_use() = tenants.UseOf(row.name);
  return absl::OkStatus();
}

absl::Status Store(CallScope& scope, const v1::UpdateQuotaRequest& request, const QuotaName& name) {
  const v1::Quota& sent = request.quota();
  absl::Status status = db::LockQuotas(scope.connection);
  if (status.ok()) status = CheckOwner(scope, name);
  if (!status.ok()) return status;
  const auto stored = db::GetQuota(scope.connection, sent.name());
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  v1::Quota quota;
  if (stored.ok()) status = ReadStoredJson(stored->definition, sent.name(), quota);
  const std::string etag = EtagOf(stored.ok() ? *stored : db::QuotaRow{});
  if (status.ok()) status = CheckEtag(sent.etag(), etag, sent.name(), "quota.etag");
  if (status.ok()) status = ApplyUpdate(sent, request.update_mask(), quota);
  if (status.ok()) status = CheckLimits(quota, name);
  if (!status.ok()) return status;
  return db::PutQuota(scope.connection, sent.name(), StoredJson(LimitsOf(quota)));
}

}  // namespace

absl::Status GetQuota(CallScope& scope, const Tenants& tenants, const v1::GetQuotaRequest& request,
                      v1::Quota& response) {
  const absl::StatusOr<QuotaName> name = ParseQuotaName(request.name());
  if (!name.ok()) return name.status();
  const auto row = db::GetQuota(scope.connection, request.name());
  return row.ok() ? Show(*row, tenants, response) : NoQuota(row.status(), request.name());
}

absl::Status ListQuotas(CallScope& scope, const Tenants& tenants,
                        const v1::ListQuotasRequest& request, v1::ListQuotasResponse& response) {
  constexpr std::string_view kScope = "ListQuotas";
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), kScope, 1);
  if (!cursor.ok()) return cursor.status();
  const auto rows = db::ListQuotas(scope.connection, cursor->front(), *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (const db::QuotaRow& row : *rows) {
    if (response.quotas_size() == *page_size) {
      const std::string& last = response.quotas(*page_size - 1).name();
      response.set_next_page_token(MakePageToken(kScope, {last}));
      break;
    }
    absl::Status status = Show(row, tenants, *response.add_quotas());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status UpdateQuota(CallScope& scope, Tenants& tenants, const v1::UpdateQuotaRequest& request,
                         v1::Quota& response) {
  const absl::StatusOr<QuotaName> name = ParseQuotaName(request.quota().name(), "quota.name");
  if (!name.ok()) return name.status();
  absl::Status status = Change(scope.connection, false, [&]() -> absl::Status {
    if (absl::Status stored = Store(scope, request, *name); !stored.ok()) return stored;
    const auto row = db::GetQuota(scope.connection, request.quota().name());
    return row.ok() ? Show(*row, tenants, response) : row.status();
  });
  if (status.ok()) tenants.SetLimits(response);
  return status;
}

absl::Status DeleteQuota(CallScope& scope, Tenants& tenants, const v1::DeleteQuotaRequest& request,
                         google::protobuf::Empty&) {
  const absl::StatusOr<QuotaName> name = ParseQuotaName(request.name());
  if (!name.ok()) return name.status();
  const absl::Status status = Change(scope.connection, false, [&] {
    return NoQuota(db::DeleteQuota(scope.connection, request.name()), request.name());
  });
  v1::Quota none;
  none.set_name(request.name());
  if (status.ok()) tenants.SetLimits(none);
  return status;
}

void RefreshQuotas(Tenants& tenants, db::Connection& connection) {
  const auto rows = db::ListQuotas(connection, "", std::numeric_limits<int>::max());
  absl::Status status = rows.status();
  std::vector<v1::Quota> quotas;
  for (size_t i = 0; status.ok() && i < rows->size(); ++i) {
    status = ReadStoredJson((*rows)[i].definition, (*rows)[i].name, quotas.emplace_back());
    quotas.back().set_name((*rows)[i].name);
  }
  if (status.ok()) {
    tenants.SetLimits(quotas);
  } else {
    LogWarning("the quotas cannot be read", {{"status", status.ToString()}});
  }
}

}  // namespace auscult::server
