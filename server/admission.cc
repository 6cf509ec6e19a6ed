#include "server/admission.h"

#include <algorithm>
#include <utility>

namespace auscult::server {

Reservation::Reservation(Reservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  ByteBudget* const budget = std::exchange(budget_, std::exchange(other.budget_, nullptr));
  const int64_t bytes = std::exchange(bytes_, std::exchange(other.bytes_, 0));
  if (budget != nullptr) budget->Release(bytes);
  return *this;
}

Reservation::~Reservation() {
  if (budget_ != nullptr) budget_->Release(bytes_);
}

ByteBudget::ByteBudget(int64_t limit_bytes, ByteBudget* parent)
    : limit_bytes_(limit_bytes), parent_(parent) {}

bool ByteBudget::MayRead(std::function<void()> wake) {
  {
    std::lock_guard lock(mutex_);
    if (!BelowSoftLimit()) {
      waiting_.push_back(std::move(wake));
      return false;
    }
  }
  return parent_ == nullptr || parent_->MayRead(std::move(wake));
}

bool ByteBudget::TryReserve(int64_t bytes, Reservation& out) {
  {
    std::lock_guard lock(mutex_);
    if (used_bytes_ > 0 && used_bytes_ + bytes > limit_bytes_) return false;
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
