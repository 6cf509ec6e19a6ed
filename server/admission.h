#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace auscult::server {

class ByteBudget;

// A share of a budget, given back when it goes out of scope. Movable.
class Reservation {
 public:
  Reservation() = default;
  Reservation(ByteBudget* budget, int64_t bytes) : budget_(budget), bytes_(bytes) {}
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();
  int64_t bytes() const { return bytes_; }

 private:
  friend class ByteBudget;
  void Forget() { budget_ = nullptr; }
  ByteBudget* budget_ = nullptr;
  int64_t bytes_ = 0;
};

// Bytes of waveforms that may be in memory. Below the soft limit (three quarters) reads are
// started; a message that has arrived is admitted up to the hard limit and refused beyond it. Reads
// are not reserved for in advance: an idle stream would hold the largest message for ever.
// Thread-safe.
class ByteBudget {
 public:
  // A child takes from its parent too. The parent must outlive it.
  explicit ByteBudget(int64_t limit_bytes, ByteBudget* parent = nullptr);

  // True if another read may be started now. Otherwise `wake` is called once, from the thread that
  // frees the bytes, when there is room again: ask again then.
  bool MayRead(std::function<void()> wake);

  // Takes `bytes`, or nothing if that would pass the hard limit here or in the parent. A single
  // message larger than the whole limit is taken when nothing else is held.
  bool TryReserve(int64_t bytes, Reservation& out);

  int64_t used_bytes() const;
  int64_t peak_bytes() const;

 private:
  friend class Reservation;
  bool BelowSoftLimit() const { return used_bytes_ < limit_bytes_ / 4 * 3; }
  void Release(int64_t bytes);
  void ReleaseHere(int64_t bytes);
  const int64_t limit_bytes_;
  ByteBudget* const parent_;
  mutable std::mutex mutex_;
  int64_t used_bytes_ = 0;
  int64_t peak_bytes_ = 0;
  std::list<std::function<void()>> waiting_;
};

}  // namespace auscult::server
