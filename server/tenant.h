#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "auscult/v1/admin_service.pb.h"
#include "server/admission.h"
#include "server/rate_meter.h"
#include "server/token_bucket.h"

namespace auscult::server {

// What something is refused for on the way in: the limits of a quota, and two of the server itself.
enum class RefusedFor { kRecords, kBufferBytes, kStreams, kCalls, kBufferFull, kCallQueue };
inline constexpr std::array<const char*, 6> kRefusedForNames = {
    "records_per_second", "buffer_bytes", "stream_count",
    "calls_per_second",   "buffer_full",  "call_queue"};

// Refusals of the whole server, by what for.
class RefusalCounts {
 public:
  void Count(RefusedFor what) { ++counts_[static_cast<size_t>(what)]; }
  int64_t of(size_t index) const { return counts_[index]; }

 private:
  std::array<std::atomic<int64_t>, kRefusedForNames.size()> counts_{};
};

// One of those who share the server: a site, whose records these are, or a key, whose calls. Holds
// its limits (auscult.v1.Quota) and what it uses of them. Each Take answers RESOURCE_EXHAUSTED
// (QUOTA_EXCEEDED) and takes nothing where a limit is spent. Thread-safe.
class Tenant : public std::enable_shared_from_this<Tenant> {
 public:
  // `name` is "sites/{site}" or "keys/{key}". With `server`, its bytes come out of that budget,
  // shared fairly; it and `refusals` must outlive the tenant.
  Tenant(std::string name, ByteBudget* server, RefusalCounts* refusals);

  const std::string& name() const { return name_; }
  void SetLimits(const v1::Quota& quota);
  bool has_limits() const;

  absl::Status TakeRecords(int64_t count);
  // Taken, but not used: refused for another reason.
  void ReturnRecords(int64_t count);
  // Where it is the server's own budget that is full: BUFFER_FULL, to be tried again after
  // `retry_after`.
  absl::Status TakeBytes(int64_t bytes, std::chrono::milliseconds retry_after, Reservation& out);
  absl::Status TakeCall();
  absl::Status OpenStream();
  void CloseStream();

  // To be asked before a read.
  ByteBudget& bytes() { return bytes_; }
  v1::QuotaUse use() const;

 private:
  absl::Status Refuse(RefusedFor what, std::chrono::duration<double> wait) const;

  const std::string name_;
  RefusalCounts* const refusals_;
  ByteBudget bytes_;
  mutable std::mutex mutex_;
  TokenBucket records_, calls_;
  RateMeter record_rate_, call_rate_;
  int stream_limit_ = 0, streams_ = 0;
  mutable std::atomic<int64_t> refused_{0};
};

// A stream that is open, of one tenant. Movable.
class OpenedStream {
 public:
  OpenedStream() = default;
  // Of a tenant whose OpenStream was OK; null: of nobody.
  explicit OpenedStream(std::shared_ptr<Tenant> tenant) : tenant_(std::move(tenant)) {}
  OpenedStream(OpenedStream&& other) noexcept = default;
  OpenedStream& operator=(OpenedStream&& other) noexcept {
    std::swap(tenant_, other.tenant_);
    return *this;
  }
  ~OpenedStream() {
    if (tenant_ != nullptr) tenant_->CloseStream();
  }
  const std::shared_ptr<Tenant>& tenant() const { return tenant_; }

 private:
  std::shared_ptr<Tenant> tenant_;
};

// One more stream of this tenant; null: of nobody, who has no limits.
absl::StatusOr<OpenedStream> OpenStreamOf(std::shared_ptr<Tenant> tenant);

}  // namespace auscult::server
