#include "server/tenant.h"

#include <utility>

#include "server/errors.h"
#include "server/quota_error.h"

namespace auscult::server {
namespace {

using Clock = TokenBucket::Clock;

// Nobody knows when streams end or memory comes free; nobody should ask every moment.
constexpr std::chrono::seconds kStreamWait{2}, kBytesWait{1};

}  // namespace

Tenant::Tenant(std::string name, ByteBudget* server, RefusalCounts* refusals)
    : name_(std::move(name)),
      refusals_(refusals),
      bytes_(ByteBudget::kNoLimit, server,
             server == nullptr ? ByteBudget::Sharing::kAsItComes : ByteBudget::Sharing::kFair) {}

void Tenant::SetLimits(const v1::Quota& quota) {
  bytes_.SetLimit(quota.buffer_bytes() > 0 ? quota.buffer_bytes() : ByteBudget::kNoLimit);
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  records_.SetRate(quota.records_per_second(), now);
  calls_.SetRate(quota.calls_per_second(), now);
  stream_limit_ = quota.stream_count();
}

bool Tenant::has_limits() const {
  const std::lock_guard lock(mutex_);
  return records_.rate() > 0 || calls_.rate() > 0 || stream_limit_ > 0 ||
         bytes_.limit_bytes() != ByteBudget::kNoLimit;
}

absl::Status Tenant::TakeRecords(int64_t count) {
  std::unique_lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  const auto wait = records_.Take(static_cast<double>(count), now);
  if (wait.count() > 0) {
    lock.unlock();
    return Refuse(RefusedFor::kRecords, wait);
  }
  record_rate_.Count(static_cast<double>(count), now);
  return absl::OkStatus();
}

void Tenant::ReturnRecords(int64_t count) {
  const std::lock_guard lock(mutex_);
  records_.Return(static_cast<double>(count));
  record_rate_.Count(-static_cast<double>(count), Clock::now());
}

absl::Status Tenant::TakeBytes(int64_t bytes, std::chrono::milliseconds retry_after,
                               Reservation& out) {
  if (bytes_.TryReserve(bytes, out)) {
    out.KeepAlive(shared_from_this());
    return absl::OkStatus();
  }
  if (bytes_.WouldPassLimit(bytes)) return Refuse(RefusedFor::kBufferBytes, kBytesWait);
  refusals_->Count(RefusedFor::kBufferFull);
  ++refused_;
  return Overloaded({.reason = "BUFFER_FULL",
                     .message = "the server has no room for this record",
                     .remedy = "send it again after the time given"},
                    retry_after);
}

absl::Status Tenant::TakeCall() {
  std::unique_lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  const auto wait = calls_.Take(1, now);
  if (wait.count() > 0) {
    lock.unlock();
    return Refuse(RefusedFor::kCalls, wait);
  }
  call_rate_.Count(1, now);
  return absl::OkStatus();
}

absl::Status Tenant::OpenStream() {
  {
    const std::lock_guard lock(mutex_);
    if (stream_limit_ == 0 || streams_ < stream_limit_) {
      ++streams_;
      return absl::OkStatus();
    }
  }
  return Refuse(RefusedFor::kStreams, kStreamWait);
}

void Tenant::CloseStream() {
  const std::lock_guard lock(mutex_);
  --streams_;
}

v1::QuotaUse Tenant::use() const {
  v1::QuotaUse use;
  use.set_buffer_bytes(bytes_.used_bytes());
  use.set_refused_count(refused_);
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  use.set_records_per_second(record_rate_.PerSecond(now));
  use.set_calls_per_second(call_rate_.PerSecond(now));
  use.set_stream_count(streams_);
  return use;
}

absl::StatusOr<OpenedStream> OpenStreamOf(std::shared_ptr<Tenant> tenant) {
  const absl::Status status = tenant == nullptr ? absl::OkStatus() : tenant->OpenStream();
  if (!status.ok()) return status;
  return OpenedStream(std::move(tenant));
}

absl::Status Tenant::Refuse(RefusedFor what, std::chrono::duration<double> wait) const {
  refusals_->Count(what);
  ++refused_;
  return QuotaExceeded(name_, kRefusedForNames[static_cast<size_t>(what)], wait);
}

}  // namespace auscult::server
