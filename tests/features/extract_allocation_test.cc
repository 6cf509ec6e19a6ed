#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "features/bearing_catalogue.h"
#include "features/extract.h"
#include "tests/features/signals.h"

namespace {
std::atomic<long> allocations = 0;

// Not inlined, so that the compiler does not pair what it sees of malloc with delete.
[[gnu::noinline]] void* Allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void Release(void* memory) { std::free(memory); }
}  // namespace

// Every allocation of C++ in this program is counted.
void* operator new(std::size_t size) { return Allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { Release(memory); }

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Record;

TEST(Extract, AllocatesNothingOnceItHasSeenALength) {
  const CatalogueBearing& bearing = *FindBearing("skf-6205-2rs-jem");
  Machine machine;
  machine.rated_speed_rpm = 1480;
  machine.gears = {{"pinion", 21, 1.0f}};
  machine.bearings = {{"drive end", "6205", OrdersOf(bearing.geometry)}};
  struct Case {
    const char* name;
    Quantity quantity;
    float speed_rpm;
    int channels;
  };
  const Case cases[] = {{"speed sent", Quantity::kAcceleration, 1482, 1},
                        {"two channels", Quantity::kVelocity, 1482, 2},
                        {"speed searched", Quantity::kAcceleration, kNotKnown, 1},
                        {"three phases", Quantity::kCurrent, 1455, 3}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto record = [&](uint32_t seed) {
      return Record(Noise(1, 16384 * c.channels, seed), 25600, c.quantity, c.speed_rpm, c.channels);
    };
    Extractor extractor;
    FeatureVector out;
    // What the speed search allocates depends on the speed it finds: several records warm it up.
    for (uint32_t seed = 0; seed < 8; ++seed) {
      ASSERT_TRUE(extractor.Extract(record(seed), machine, out).ok());
    }
    const Waveform next = record(3);
    const long before = allocations;
    ASSERT_TRUE(extractor.Extract(next, machine, out).ok());
    EXPECT_EQ(allocations - before, 0);
  }
}

}  // namespace
}  // namespace auscult::features
