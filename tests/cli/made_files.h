#pragma once

#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "models/random.h"

namespace auscult::cli {

// A folder for the files of one test, removed at its end.
class MadeFolder {
 public:
  MadeFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "auscult-cli-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~MadeFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  MadeFolder(const MadeFolder&) = delete;
  MadeFolder& operator=(const MadeFolder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }

  std::string Write(const std::string& name, std::string_view bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }

 private:
  std::string path_;
};

inline std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A sine in noise: something that is neither constant nor clipped.
inline std::vector<float> MadeSamples(int count, double cycles_per_sample = 0.01,
                                      uint64_t seed = 1) {
  models::Random random(seed);
  std::vector<float> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    samples[static_cast<size_t>(i)] = static_cast<float>(
        0.5 * std::sin(2 * std::numbers::pi * cycles_per_sample * i) + 0.1 * random.Normal());
  }
  return samples;
}

// `bytes` with a few of them changed, cut off or doubled, as damage on the way does.
inline std::string Damaged(std::string bytes, models::Random& random) {
  const auto place = [&] {
    return static_cast<size_t>(random.Uniform() * static_cast<double>(bytes.size()));
  };
  const int kind = static_cast<int>(random.Uniform() * 4);
  if (bytes.empty()) return bytes;
  if (kind == 0) {
    bytes.resize(place());
  } else if (kind == 1) {
    const size_t at = place();
    bytes.insert(at, bytes.substr(place(), 64));
  } else {
    // Headers are where damage hurts.
    const size_t reach = kind == 2 ? std::min<size_t>(bytes.size(), 400) : bytes.size();
    const int changes = 1 + static_cast<int>(random.Uniform() * 8);
    for (int i = 0; i < changes; ++i) {
      bytes[place() % reach] = static_cast<char>(random.Next());
    }
  }
  return bytes;
}

}  // namespace auscult::cli
