#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

namespace auscult::server {

class ByteBudget;

// A share of one or more budgets, given back when it goes out of scope. Movable.
class Reservation {
 public:
  Reservation() = default;
  Reservation(ByteBudget* budget, int64_t bytes) : budget_(budget), bytes_(bytes) {}
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();
  // Of the first budget.
  int64_t bytes() const { return bytes_; }

  // Holds `other` as well. This one must hold something.
  void Join(Reservation other);
  // Keeps what the budget is a part of.
  void KeepAlive(std::shared_ptr<const void> owner) { owner_ = std::move(owner); }

 private:
  friend class ByteBudget;
  void Forget() { budget_ = nullptr; }
  // Destroyed last.
  std::shared_ptr<const void> owner_;
  ByteBudget* budget_ = nullptr;
  int64_t bytes_ = 0;
  std::unique_ptr<Reservation> joined_;
};

// Bytes of waveforms that may be in memory. Below the soft limit (three quarters) reads are
// started; a message that has arrived is admitted up to the hard limit and refused beyond it. Reads
// are not reserved for in advance: an idle stream would hold the largest message for ever.
//
// Children that share fairly have, beside limits of their own, one that moves with what is free of
// the parent: reads are started while a child holds less than three times that, messages admitted
// while it holds less than seven times that (dynamic thresholds: Choudhury and Hahne, IEEE/ACM
// Transactions on Networking 6, 1998). Alone, a child may thus have seven eighths of the parent; n
// that want all of it get 7 / (7 n + 1) each; and something is always kept for newcomers. The
// parent's soft limit does not hold for such children: those who fill it would keep the others out.
// Thread-safe.
class ByteBudget {
 public:
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max() / 8;
  enum class Sharing { kAsItComes, kFair };

  // A child takes from its parent too, which must outlive it. kFair needs a parent.
  explicit ByteBudget(int64_t limit_bytes, ByteBudget* parent = nullptr,
                      Sharing sharing = Sharing::kAsItComes);

  // What is held beyond a lower limit stays until it is given back.
  void SetLimit(int64_t limit_bytes);

  // True if another read may be started now. Otherwise `wake` is called once, from the thread that
  // frees the bytes, when there is room again: ask again then.
  bool MayRead(std::function<void()> wake);

  // Takes `bytes`, or nothing if that would pass the hard limit here or in the parent. A single
  // message larger than the whole limit is taken when nothing else is held.
  bool TryReserve(int64_t bytes, Reservation& out);
  // True where `bytes` more would pass the limit of this budget itself.
  bool WouldPassLimit(int64_t bytes) const;

  int64_t limit_bytes() const;
  int64_t used_bytes() const;
  int64_t peak_bytes() const;

 private:
  friend class Reservation;
  // What a child that shares fairly may hold, in what is free of the parent.
  static constexpr int64_t kReadShare = 3, kHoldShare = 7;
  bool BelowSoftLimit() const;
  bool HasRoomFor(int64_t bytes) const;
  int64_t FreeBytes() const;
  void Release(int64_t bytes);
  void ReleaseHere(int64_t bytes);
  ByteBudget* const parent_;
  const Sharing sharing_;
  mutable std::mutex mutex_;  // a child's is locked before its parent's
  int64_t limit_bytes_;
  int64_t used_bytes_ = 0;
  int64_t peak_bytes_ = 0;
  std::list<std::function<void()>> waiting_;
};

}  // namespace auscult::server
