#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace auscult::fuzz {

// Calls `target` with each file that the fuzzer found worth keeping, and with parts of it; how many
// files there were.
template <typename Target>
int Replay(const std::string& name, Target target) {
  const std::filesystem::path folder =
      std::filesystem::path(AUSCULT_SOURCE_DIR) / "tests/fuzz/corpus" / name;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    target(bytes);
    for (const size_t share : {2u, 3u}) target(bytes.substr(0, bytes.size() / share));
    ++count;
  }
  return count;
}

}  // namespace auscult::fuzz
