#include "server/tenants.h"

#include <algorithm>
#include <utility>

#include "server/errors.h"
#include "server/names.h"
#include "server/quota_error.h"

namespace auscult::server {
namespace {

using Clock = RateMeter::Clock;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kSites = "sites/", kKeys = "keys/", kQuota = "/quota";
constexpr size_t kFewTenants = 1024;
constexpr Seconds kShortestRetry{0.2}, kLongestRetry{5};

bool IsSite(std::string_view tenant) { return tenant.substr(0, kSites.size()) == kSites; }

std::string_view TenantOf(std::string_view quota_name) {
  return quota_name.substr(0, quota_name.size() - std::min(quota_name.size(), kQuota.size()));
}

}  // namespace

std::string_view SiteOfName(std::string_view name) {
  if (!IsSite(name)) return {};
  const size_t end = std::min(name.find('/', kSites.size()), name.size());
  const std::string_view site = name.substr(0, end);
  return CheckId(site.substr(kSites.size()), "name").ok() ? site : std::string_view();
}

Tenants::Tenants(int64_t buffer_bytes) : budget_(buffer_bytes), forget_at_(kFewTenants) {}

std::shared_ptr<Tenant> Tenants::OfSite(std::string_view name_of_thing) {
  const std::lock_guard lock(mutex_);
  return Named(SiteOfName(name_of_thing), true);
}

std::shared_ptr<Tenant> Tenants::OfKey(std::string_view principal) {
  if (principal.substr(0, kKeys.size()) != kKeys) return nullptr;
  const std::lock_guard lock(mutex_);
  return Named(principal, false);
}

std::shared_ptr<Tenant> Tenants::Named(std::string_view name, bool is_site) {
  const auto found = tenants_.find(name);
  if (found != tenants_.end()) return found->second;
  if (tenants_.size() >= forget_at_) ForgetIdle();
  auto tenant =
      std::make_shared<Tenant>(std::string(name), is_site ? &budget_ : nullptr, &refusals_);
  return tenants_.emplace(std::string(name), std::move(tenant)).first->second;
}

// Names that somebody made up must not stay for ever.
void Tenants::ForgetIdle() {
  for (auto place = tenants_.begin(); place != tenants_.end();) {
    // What is in memory and what is open hold their tenant too.
    const bool idle = place->second.use_count() == 1 && !place->second->has_limits();
    place = idle ? tenants_.erase(place) : std::next(place);
  }
  forget_at_ = std::max(kFewTenants, 2 * tenants_.size());
}

void Tenants::SetLimits(const std::vector<v1::Quota>& quotas) {
  std::map<std::string_view, const v1::Quota*> wanted;
  for (const v1::Quota& quota : quotas) wanted[TenantOf(quota.name())] = &quota;
  // A limit that is raised wakes streams, which ask here.
  std::vector<std::pair<std::shared_ptr<Tenant>, const v1::Quota*>> changes;
  static const v1::Quota kNone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, tenant] : tenants_) {
      const auto place = wanted.find(name);
      changes.emplace_back(tenant, place == wanted.end() ? &kNone : place->second);
      if (place != wanted.end()) wanted.erase(place);
    }
    for (const auto& [name, quota] : wanted) changes.emplace_back(Named(name, IsSite(name)), quota);
  }
  for (const auto& [tenant, quota] : changes) tenant->SetLimits(*quota);
}

void Tenants::SetLimits(const v1::Quota& quota) {
  std::shared_ptr<Tenant> tenant;
  {
    const std::lock_guard lock(mutex_);
    const std::string_view name = TenantOf(quota.name());
    tenant = Named(name, IsSite(name));
  }
  tenant->SetLimits(quota);
}

v1::QuotaUse Tenants::UseOf(std::string_view quota_name) const {
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(TenantOf(quota_name));
  return found == tenants_.end() ? v1::QuotaUse() : found->second->use();
}

absl::Status TakeRecords(const ChargedTo& charged_to, int64_t count) {
  if (charged_to.key != nullptr) {
    if (absl::Status status = charged_to.key->TakeRecords(count); !status.ok()) return status;
  }
  absl::Status status =
      charged_to.site == nullptr ? absl::OkStatus() : charged_to.site->TakeRecords(count);
  if (!status.ok() && charged_to.key != nullptr) charged_to.key->ReturnRecords(count);
  return status;
}

absl::Status Tenants::Admit(const ChargedTo& charged_to, int64_t bytes, Reservation& out) {
  if (absl::Status status = TakeRecords(charged_to, 1); !status.ok()) return status;
  const absl::Status status = TakeBytes(charged_to, bytes, out);
  CountBytes(bytes, status.ok());
  if (status.ok()) return status;
  for (Tenant* const payer : {charged_to.key, charged_to.site}) {
    if (payer != nullptr) payer->ReturnRecords(1);
  }
  return status;
}

absl::Status Tenants::TakeBytes(const ChargedTo& charged_to, int64_t bytes, Reservation& out) {
  const std::chrono::milliseconds retry_after = RetryDelay();
  Reservation held;
  if (charged_to.stream != nullptr && !charged_to.stream->TryReserve(bytes, held)) {
    refusals_.Count(RefusedFor::kBufferFull);
    return Overloaded({.reason = "BUFFER_FULL",
                       .message = "too much of this stream is on its way",
                       .remedy = "send it again after the time given"},
                      retry_after);
  }
  for (Tenant* const payer : {charged_to.key, charged_to.site}) {
    if (payer == nullptr) continue;
    Reservation here;
    absl::Status status = payer->TakeBytes(bytes, retry_after, here);
    if (!status.ok()) return status;
    if (held.bytes() == 0) {
      held = std::move(here);
    } else {
      held.Join(std::move(here));
    }
  }
  out = std::move(held);
  return absl::OkStatus();
}

void Tenants::CountBytes(int64_t bytes, bool admitted) {
  const std::lock_guard lock(rates_mutex_);
  RateMeter& meter = admitted ? admitted_bytes_ : refused_bytes_;
  meter.Count(static_cast<double>(bytes), Clock::now());
}

std::chrono::milliseconds Tenants::RetryDelay() const {
  const auto held = static_cast<double>(budget_.used_bytes());
  double admitted = 0, refused = 0;
  {
    const std::lock_guard lock(rates_mutex_);
    admitted = admitted_bytes_.PerSecond(Clock::now());
    refused = refused_bytes_.PerSecond(Clock::now());
  }
  const Seconds backlog{(held + refused) / std::max(admitted, 1.0)};
  return Jittered(std::clamp(backlog, kShortestRetry, kLongestRetry));
}

}  // namespace auscult::server
