#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "features/bearing_catalogue.h"
#include "features/extract.h"
#include "features/quality.h"
#include "tests/features/signals.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AUSCULT_SANITIZER_COUNTS 1
#endif

namespace {
std::atomic<long> allocations = 0;
}  // namespace

// Every allocation of this program is counted: those of C, of C++ and of the FFT library.
#ifdef AUSCULT_SANITIZER_COUNTS
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*,
                                                                           size_t),
                                                         void (*freed)(const volatile void*));

namespace {
const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { allocations.fetch_add(1, std::memory_order_relaxed); },
    [](const volatile void*) {});
}  // namespace
#else
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}
#endif

namespace auscult::features {
namespace {

using testing::Impacts;
using testing::Noise;
using testing::Record;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;

Machine Gearbox() {
  const CatalogueBearing& bearing = *FindBearing("skf-6205-2rs-jem");
  Machine machine;
  machine.rated_power_kw = 37;
  machine.foundation = Foundation::kRigid;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.pole_pairs = 2;
  machine.rotor_bars = 28;
  machine.blades = 6;
  machine.belt_order = 0.3f;
  machine.bearings = {{"drive end", "6205", OrdersOf(bearing.geometry)},
                      {"fan end", "like 6203", {3.053f, 4.9469f, 1.9937f, 0.3817f}}};
  machine.gears = {{"pinion", 21, 1.0f}, {"wheel", 63, 1.0f / 3}};
  return machine;
}

std::vector<float> Signal(Quantity quantity, int count, uint32_t seed) {
  const bool electric = quantity == Quantity::kCurrent || quantity == Quantity::kVoltage;
  if (electric) return Sum(Sine(10, 50.02, kRate, count), Noise(0.1, count, seed));
  return Sum(Sum(Sine(0.5, 24.7, kRate, count), Impacts(3, 24.7 * 3.585, 3000, kRate, count)),
             Noise(0.3, count, seed));
}

Waveform RecordOf(Quantity quantity, int count, int channels, float speed_rpm, uint32_t seed) {
  std::vector<float> samples;
  for (int i = 0; i < channels; ++i) {
    const std::vector<float> one = Signal(quantity, count, seed + static_cast<uint32_t>(100 * i));
    samples.insert(samples.end(), one.begin(), one.end());
  }
  return Record(std::move(samples), kRate, quantity, speed_rpm, channels);
}

// Allocations of one more record, not seen before, once `warm` of its kind were.
long AllocationsOfTheNext(Quantity quantity, int count, int channels, float speed_rpm,
                          const Machine& machine, uint32_t warm) {
  Extractor extractor;
  FeatureVector out;
  for (uint32_t seed = 0; seed < warm; ++seed) {
    const Waveform record = RecordOf(quantity, count, channels, speed_rpm, seed);
    EXPECT_TRUE(extractor.Extract(record, machine, out).ok());
  }
  const Waveform next = RecordOf(quantity, count, channels, speed_rpm, warm);
  const long before = allocations;
  EXPECT_TRUE(extractor.Extract(next, machine, out).ok());
  return allocations - before;
}

TEST(Allocation, IsCountedHere) {
  const long before = allocations;
  const std::vector<float> memory(1000);
  const void* volatile keep = memory.data();
  (void)keep;
  EXPECT_EQ(allocations - before, 1);
  Extractor extractor;
  FeatureVector out;
  EXPECT_TRUE(extractor.Extract(Record(Noise(1, 512, 1), kRate), {}, out).ok());
  EXPECT_GT(allocations - before, 20);
}

TEST(Allocation, IsNoneOfARecordOnceItsLengthWasSeen) {
  for (const Quantity quantity :
       {Quantity::kAcceleration, Quantity::kVelocity, Quantity::kDisplacement, Quantity::kCurrent,
        Quantity::kVoltage}) {
    for (const int count : {256, 2048, 5003, 16384}) {
      for (const int channels : {1, 3}) {
        SCOPED_TRACE(::testing::Message()
                     << QuantityName(quantity) << " " << count << " x " << channels);
        // The path along which a speed is followed is as long as the record makes it.
        EXPECT_EQ(AllocationsOfTheNext(quantity, count, channels, 1482, Gearbox(), 6), 0);
        EXPECT_EQ(AllocationsOfTheNext(quantity, count, channels, kNotKnown, {}, 2), 0);
      }
    }
  }
}

TEST(Allocation, IsNoneWhereTheSpeedIsSearched) {
  for (const int count : {2048, 16384, 51200}) {
    SCOPED_TRACE(count);
    EXPECT_EQ(AllocationsOfTheNext(Quantity::kAcceleration, count, 1, kNotKnown, Gearbox(), 6), 0);
  }
}

TEST(Allocation, IsNoneOfARecordThatIsFlagged) {
  Extractor extractor;
  FeatureVector out;
  std::vector<float> samples = Noise(1, 4096, 1);
  ASSERT_TRUE(extractor.Extract(Record(samples, kRate), {}, out).ok());
  std::copy_n(samples.begin(), 512, samples.begin() + 1024);
  std::fill_n(samples.begin() + 3000, 200, 0.0f);
  const Waveform flagged = Record(std::move(samples), kRate);
  const long before = allocations;
  ASSERT_TRUE(extractor.Extract(flagged, {}, out).ok());
  EXPECT_EQ(allocations - before, 0);
  EXPECT_TRUE(Has(out.quality, QualityFlag::kRepeatedBlock));
  EXPECT_TRUE(Has(out.quality, QualityFlag::kDropout));
}

}  // namespace
}  // namespace auscult::features
