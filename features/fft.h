#pragma once

#include <complex>
#include <cstddef>
#include <new>
#include <span>
#include <vector>

namespace auscult::features {

// Memory that every transform below accepts: aligned for the widest SIMD loads.
template <typename T>
struct FftAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  FftAllocator() = default;
  template <typename U>
  FftAllocator(const FftAllocator<U>&) {}  // NOLINT: allocators convert implicitly

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, kAlignment); }
  bool operator==(const FftAllocator&) const { return true; }
};

template <typename T>
using FftVector = std::vector<T, FftAllocator<T>>;

// The transforms are single precision and unnormalised: forward, then inverse, multiplies by the
// length. Any length >= 1 works; those of SmoothLengthAtMost are fast. A plan depends on its length
// alone, never on timing, so equal input gives equal bits in every process. Making a plan takes
// milliseconds and a process-wide lock; using one is const and may be done by any number of
// threads at once, each with buffers of its own. Buffers must be those of an FftVector from its
// first element, with exactly the lengths named here, and must not overlap.

// X[k] = sum_n x[n] exp(-2 pi i k n / length), k = 0..length/2.
class RealFft {
 public:
  explicit RealFft(int length);
  ~RealFft();
  RealFft(RealFft&& other) noexcept;
  RealFft& operator=(RealFft&& other) noexcept;

  int length() const { return length_; }
  int bin_count() const { return length_ / 2 + 1; }

  // `in`: length, left as it was. `out`: bin_count.
  void Forward(std::span<const float> in, std::span<std::complex<float>> out) const;

 private:
  int length_;
  void* plan_;
};

// The inverse of RealFft.
class InverseRealFft {
 public:
  explicit InverseRealFft(int length);
  ~InverseRealFft();
  InverseRealFft(InverseRealFft&& other) noexcept;
  InverseRealFft& operator=(InverseRealFft&& other) noexcept;

  int length() const { return length_; }
  int bin_count() const { return length_ / 2 + 1; }

  // `in`: bin_count, destroyed; the imaginary parts of DC and Nyquist count as 0. `out`: length.
  void Inverse(std::span<std::complex<float>> in, std::span<float> out) const;

 private:
  int length_;
  void* plan_;
};

// x[n] = sum_k X[k] exp(+2 pi i k n / length).
class InverseComplexFft {
 public:
  explicit InverseComplexFft(int length);
  ~InverseComplexFft();
  InverseComplexFft(InverseComplexFft&& other) noexcept;
  InverseComplexFft& operator=(InverseComplexFft&& other) noexcept;

  int length() const { return length_; }

  // `in`: length, left as it was. `out`: length.
  void Inverse(std::span<const std::complex<float>> in, std::span<std::complex<float>> out) const;

 private:
  int length_;
  void* plan_;
};

// The nearest length with no prime factor above 5 that is at most, or at least, `length` (1 ..
// 2^30). The distance is a few percent for lengths of tens and far below one percent for thousands.
int SmoothLengthAtMost(int length);
int SmoothLengthAtLeast(int length);
// The same for where the length is free: a multiple of 32 from 4,096 on, at most 7 % away, which
// makes long transforms up to four times as fast.
int FastLengthAtLeast(int length);

}  // namespace auscult::features
