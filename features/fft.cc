#include "features/fft.h"

#include <fftw3.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <mutex>
#include <utility>

namespace auscult::features {
namespace {

// FFTW plans share tables: making and freeing them is not thread-safe, executing them is.
std::mutex& PlannerMutex() {
  static std::mutex mutex;
  return mutex;
}

// FFTW_MEASURE plans were no faster except at single lengths (16,384: 12 against 17 us), took 0.1
// to 0.5 s a length, and made results depend on what the clock said while planning.
constexpr unsigned kPlanner = FFTW_ESTIMATE;

constexpr int kLongLength = 4096;
constexpr int kLongMultiple = 32;

fftwf_plan AsPlan(void* plan) { return static_cast<fftwf_plan>(plan); }

void Destroy(void* plan) {
  if (plan == nullptr) return;
  const std::lock_guard lock(PlannerMutex());
  fftwf_destroy_plan(AsPlan(plan));
}

fftwf_complex* AsFftw(std::complex<float>* values) {
  return reinterpret_cast<fftwf_complex*>(values);
}

// FFTW takes inputs as non-const though these plans preserve them.
float* Mutable(const float* values) { return const_cast<float*>(values); }

// A new-array execution is only valid with the alignment that was planned for.
template <typename T>
[[maybe_unused]] bool Aligned(const T* values) {
  return reinterpret_cast<std::uintptr_t>(values) %
             static_cast<std::size_t>(FftAllocator<T>::kAlignment) ==
         0;
}

// All lengths without a prime factor above 5 up to well beyond the longest record, ascending.
const std::vector<int>& SmoothLengths() {
  constexpr int64_t kLongest = int64_t{1} << 30;
  static const std::vector<int> lengths = [] {
    std::vector<int> found;
    for (int64_t fives = 1; fives <= kLongest; fives *= 5) {
      for (int64_t threes = fives; threes <= kLongest; threes *= 3) {
        for (int64_t twos = threes; twos <= kLongest; twos *= 2) {
          found.push_back(static_cast<int>(twos));
        }
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }();
  return lengths;
}

}  // namespace

RealFft::RealFft(int length) : length_(length) {
  assert(length >= 1);
  FftVector<float> in(static_cast<size_t>(length));
  FftVector<std::complex<float>> out(static_cast<size_t>(bin_count()));
  const std::lock_guard lock(PlannerMutex());
  plan_ =
      fftwf_plan_dft_r2c_1d(length, in.data(), AsFftw(out.data()), kPlanner | FFTW_PRESERVE_INPUT);
}

RealFft::~RealFft() { Destroy(plan_); }

RealFft::RealFft(RealFft&& other) noexcept
    : length_(other.length_), plan_(std::exchange(other.plan_, nullptr)) {}

RealFft& RealFft::operator=(RealFft&& other) noexcept {
  std::swap(length_, other.length_);
  std::swap(plan_, other.plan_);
  return *this;
}

void RealFft::Forward(std::span<const float> in, std::span<std::complex<float>> out) const {
  assert(static_cast<int>(in.size()) == length_ && static_cast<int>(out.size()) == bin_count());
  assert(Aligned(in.data()) && Aligned(out.data()));
  fftwf_execute_dft_r2c(AsPlan(plan_), Mutable(in.data()), AsFftw(out.data()));
}

InverseRealFft::InverseRealFft(int length) : length_(length) {
  assert(length >= 1);
  FftVector<std::complex<float>> in(static_cast<size_t>(bin_count()));
  FftVector<float> out(static_cast<size_t>(length));
  const std::lock_guard lock(PlannerMutex());
  plan_ =
      fftwf_plan_dft_c2r_1d(length, AsFftw(in.data()), out.data(), kPlanner | FFTW_DESTROY_INPUT);
}

InverseRealFft::~InverseRealFft() { Destroy(plan_); }

InverseRealFft::InverseRealFft(InverseRealFft&& other) noexcept
    : length_(other.length_), plan_(std::exchange(other.plan_, nullptr)) {}

InverseRealFft& InverseRealFft::operator=(InverseRealFft&& other) noexcept {
  std::swap(length_, other.length_);
  std::swap(plan_, other.plan_);
  return *this;
}

void InverseRealFft::Inverse(std::span<std::complex<float>> in, std::span<float> out) const {
  assert(static_cast<int>(in.size()) == bin_count() && static_cast<int>(out.size()) == length_);
  assert(Aligned(in.data()) && Aligned(out.data()));
  fftwf_execute_dft_c2r(AsPlan(plan_), AsFftw(in.data()), out.data());
}

InverseComplexFft::InverseComplexFft(int length) : length_(length) {
  assert(length >= 1);
  FftVector<std::complex<float>> in(static_cast<size_t>(length));
  FftVector<std::complex<float>> out(static_cast<size_t>(length));
  const std::lock_guard lock(PlannerMutex());
  plan_ = fftwf_plan_dft_1d(length, AsFftw(in.data()), AsFftw(out.data()), FFTW_BACKWARD,
                            kPlanner | FFTW_PRESERVE_INPUT);
}

InverseComplexFft::~InverseComplexFft() { Destroy(plan_); }

InverseComplexFft::InverseComplexFft(InverseComplexFft&& other) noexcept
    : length_(other.length_), plan_(std::exchange(other.plan_, nullptr)) {}

InverseComplexFft& InverseComplexFft::operator=(InverseComplexFft&& other) noexcept {
  std::swap(length_, other.length_);
  std::swap(plan_, other.plan_);
  return *this;
}

void InverseComplexFft::Inverse(std::span<const std::complex<float>> in,
                                std::span<std::complex<float>> out) const {
  assert(static_cast<int>(in.size()) == length_ && static_cast<int>(out.size()) == length_);
  assert(Aligned(in.data()) && Aligned(out.data()));
  fftwf_execute_dft(AsPlan(plan_), AsFftw(const_cast<std::complex<float>*>(in.data())),
                    AsFftw(out.data()));
}

int SmoothLengthAtMost(int length) {
  assert(length >= 1);
  const std::vector<int>& lengths = SmoothLengths();
  return *(std::upper_bound(lengths.begin(), lengths.end(), length) - 1);
}

int SmoothLengthAtLeast(int length) {
  assert(length >= 1 && length <= SmoothLengths().back());
  return *std::lower_bound(SmoothLengths().begin(), SmoothLengths().end(), length);
}

int FastLengthAtLeast(int length) {
  const std::vector<int>& lengths = SmoothLengths();
  assert(length >= 1 && length <= lengths.back());
  auto found = std::lower_bound(lengths.begin(), lengths.end(), length);
  // Estimated plans for 15,625 and its like, powers of five, take two to four times as long as
  // those for 16,000.
  while (*found >= kLongLength && *found % kLongMultiple != 0) ++found;
  return *found;
}

}  // namespace auscult::features
