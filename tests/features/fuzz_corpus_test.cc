#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

// What the fuzzer found worth keeping, and everything it found wrong, once more: through the same
// functions, with the compiler and the sanitizers of the tests.
namespace auscult::fuzz {
namespace {

int Replay(const std::string& name, void (*target)(std::span<const uint8_t>)) {
  const std::filesystem::path folder =
      std::filesystem::path(AUSCULT_SOURCE_DIR) / "tests/fuzz/corpus" / name;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
    target(bytes);
    for (const size_t share : {2u, 3u}) target(std::span(bytes).first(bytes.size() / share));
    ++count;
  }
  return count;
}

TEST(FuzzCorpus, IsDecodedAgain) { EXPECT_GE(Replay("decode", TryDecoding), 10); }

TEST(FuzzCorpus, IsExtractedAgain) { EXPECT_GE(Replay("extract", TryExtraction), 10); }

TEST(FuzzCorpus, IsReadAsAModelAgain) { EXPECT_GE(Replay("model", TryModel), 10); }

}  // namespace
}  // namespace auscult::fuzz
