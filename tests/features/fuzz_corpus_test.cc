#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

#include "tests/fuzz/replay.h"
#include "tests/fuzz/targets.h"

// What the fuzzer found worth keeping, and everything it found wrong, once more: through the same
// functions, with the compiler and the sanitizers of the tests.
namespace auscult::fuzz {
namespace {

int ReplayBytes(const std::string& name, void (*target)(std::span<const uint8_t>)) {
  return Replay(name, [target](const std::string& bytes) {
    target({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  });
}

TEST(FuzzCorpus, IsDecodedAgain) { EXPECT_GE(ReplayBytes("decode", TryDecoding), 10); }

TEST(FuzzCorpus, IsExtractedAgain) { EXPECT_GE(ReplayBytes("extract", TryExtraction), 10); }

TEST(FuzzCorpus, IsReadAsAModelAgain) { EXPECT_GE(ReplayBytes("model", TryModel), 10); }

}  // namespace
}  // namespace auscult::fuzz
