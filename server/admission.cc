#include "server/admission.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace auscult::server {

Reservation::Reservation(Reservation&& other) noexcept
    : owner_(std::move(other.owner_)),
      budget_(std::exchange(other.budget_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      joined_(std::move(other.joined_)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  Reservation before;
  std::swap(before.owner_, owner_);
  std::swap(before.budget_, budget_);
  std::swap(before.bytes_, bytes_);
  std::swap(before.joined_, joined_);
  owner_ = std::move(other.owner_);
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  joined_ = std::move(other.joined_);
  return *this;
}

Reservation::~Reservation() {
  // The joined ones first: whoever is woken by this one asks there too.
  joined_.reset();
  if (budget_ != nullptr) budget_->Release(bytes_);
}

void Reservation::Join(Reservation other) {
  assert(budget_ != nullptr);
  if (other.budget_ == nullptr) return;
  if (joined_ != nullptr) other.Join(std::move(*joined_));
  joined_ = std::make_unique<Reservation>(std::move(other));
}

ByteBudget::ByteBudget(int64_t limit_bytes, ByteBudget* parent, Sharing sharing)
    : parent_(parent), sharing_(sharing), limit_bytes_(limit_bytes) {
  assert(sharing == Sharing::kAsItComes || parent != nullptr);
}

void ByteBudget::SetLimit(int64_t limit_bytes) {
  std::list<std::function<void()>> woken;
  {
    std::lock_guard lock(mutex_);
    if (limit_bytes == limit_bytes_) return;
    limit_bytes_ = limit_bytes;
    woken.swap(waiting_);
  }
  for (const std::function<void()>& wake : woken) wake();
}

bool ByteBudget::MayRead(std::function<void()> wake) {
  {
    std::lock_guard lock(mutex_);
    if (!BelowSoftLimit()) {
      waiting_.push_back(std::move(wake));
      return false;
    }
  }
  if (parent_ == nullptr || sharing_ == Sharing::kFair) return true;
  return parent_->MayRead(std::move(wake));
}

bool ByteBudget::TryReserve(int64_t bytes, Reservation& out) {
  {
    std::lock_guard lock(mutex_);
    if (!HasRoomFor(bytes)) return false;
    used_bytes_ += bytes;
  }
  Reservation in_parent;
  if (parent_ != nullptr && !parent_->TryReserve(bytes, in_parent)) {
    ReleaseHere(bytes);
    return false;
  }
  // The parent's share is given back by Release.
  in_parent.Forget();
  {
    std::lock_guard lock(mutex_);
    peak_bytes_ = std::max(peak_bytes_, used_bytes_);
  }
  out = Reservation(this, bytes);
  return true;
}

bool ByteBudget::WouldPassLimit(int64_t bytes) const {
  std::lock_guard lock(mutex_);
  return used_bytes_ > 0 && used_bytes_ + bytes > limit_bytes_;
}

// A child that holds nothing may always read: nothing it gives back could wake it.
bool ByteBudget::BelowSoftLimit() const {
  if (used_bytes_ == 0) return true;
  if (used_bytes_ >= limit_bytes_ / 4 * 3) return false;
  return sharing_ == Sharing::kAsItComes || used_bytes_ < kReadShare * parent_->FreeBytes();
}

bool ByteBudget::HasRoomFor(int64_t bytes) const {
  if (used_bytes_ == 0) return true;
  if (used_bytes_ + bytes > limit_bytes_) return false;
  return sharing_ == Sharing::kAsItComes || used_bytes_ < kHoldShare * parent_->FreeBytes();
}

int64_t ByteBudget::FreeBytes() const {
  std::lock_guard lock(mutex_);
  return std::max<int64_t>(0, limit_bytes_ - used_bytes_);
}

int64_t ByteBudget::limit_bytes() const {
  std::lock_guard lock(mutex_);
  return limit_bytes_;
}

int64_t ByteBudget::used_bytes() const {
  std::lock_guard lock(mutex_);
  return used_bytes_;
}

int64_t ByteBudget::peak_bytes() const {
  std::lock_guard lock(mutex_);
  return peak_bytes_;
}

void ByteBudget::Release(int64_t bytes) {
  // The parent first: whoever is woken here asks there too.
  if (parent_ != nullptr) parent_->Release(bytes);
  ReleaseHere(bytes);
}

void ByteBudget::ReleaseHere(int64_t bytes) {
  std::list<std::function<void()>> woken;
  {
    std::lock_guard lock(mutex_);
    used_bytes_ -= bytes;
    if (BelowSoftLimit()) woken.swap(waiting_);
  }
  for (const std::function<void()>& wake : woken) wake();
}

}  // namespace auscult::server
