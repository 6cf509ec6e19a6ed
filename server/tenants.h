#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "auscult/v1/admin_service.pb.h"
#include "server/admission.h"
#include "server/tenant.h"

namespace auscult::server {

// "sites/{site}", with which the name of everything of a site begins; "" where it begins with no
// such thing.
std::string_view SiteOfName(std::string_view name);

// Whom a record is charged to. Any may be null.
struct ChargedTo {
  Tenant* key = nullptr;
  Tenant* site = nullptr;
  ByteBudget* stream = nullptr;
};

// Takes records without bytes, from everybody or from nobody: QUOTA_EXCEEDED.
absl::Status TakeRecords(const ChargedTo& charged_to, int64_t count);

// All who share this server, and the bytes of waveforms that it has for them. Thread-safe.
class Tenants {
 public:
  explicit Tenants(int64_t buffer_bytes);

  // By the name of a thing of the site; names that are no names share one. Never null.
  std::shared_ptr<Tenant> OfSite(std::string_view name_of_thing);
  // Null for a principal that is no key: others have no quotas.
  std::shared_ptr<Tenant> OfKey(std::string_view principal);

  // The limits of all; those who are not named have none.
  void SetLimits(const std::vector<v1::Quota>& quotas);
  // Of one, which was changed; a quota without limits takes them away.
  void SetLimits(const v1::Quota& quota);
  // Of "{tenant}/quota".
  v1::QuotaUse UseOf(std::string_view quota_name) const;

  // Takes the record and its bytes from everybody, or nothing from anybody: RESOURCE_EXHAUSTED
  // (BUFFER_FULL, QUOTA_EXCEEDED). `bytes` is what it takes in memory.
  absl::Status Admit(const ChargedTo& charged_to, int64_t bytes, Reservation& out);

  // When somebody who was refused for want of room should come back: when what is held, and what
  // was refused with it, will be done by the rate at which records are admitted; jittered.
  std::chrono::milliseconds RetryDelay() const;

  ByteBudget& budget() { return budget_; }
  const ByteBudget& budget() const { return budget_; }
  RefusalCounts& refusals() { return refusals_; }
  const RefusalCounts& refusals() const { return refusals_; }

 private:
  std::shared_ptr<Tenant> Named(std::string_view name, bool is_site);
  void ForgetIdle();
  absl::Status TakeBytes(const ChargedTo& charged_to, int64_t bytes, Reservation& out);
  void CountBytes(int64_t bytes, bool admitted);

  RefusalCounts refusals_;
  ByteBudget budget_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Tenant>, std::less<>> tenants_;
  size_t forget_at_;  // so many tenants: time to forget those that are gone
  mutable std::mutex rates_mutex_;
  RateMeter admitted_bytes_, refused_bytes_;
};

}  // namespace auscult::server
