#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace auscult::models {

static_assert(std::endian::native == std::endian::little, "stored forms are little-endian");

// FNV-1a, 32 bits: finds accidents, not attacks.
inline uint32_t Checksum(std::string_view bytes) {
  uint32_t hash = 2166136261u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// Packs plain numbers, little-endian and without padding, and closes with a checksum.
class ByteWriter {
 public:
  template <typename T>
  void Write(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string Finish() && {
    Write(Checksum(bytes_));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Takes apart what ByteWriter made. A read beyond the end gives 0 and makes ok() false for good, so
// that a parser may check once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) {
    uint32_t stored = 0;
    if (bytes.size() < sizeof stored) {
      ok_ = false;
      return;
    }
    rest_ = bytes.substr(0, bytes.size() - sizeof stored);
    std::memcpy(&stored, bytes.data() + rest_.size(), sizeof stored);
    ok_ = stored == Checksum(rest_);
  }

  template <typename T>
  T Read() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (!ok_ || rest_.size() < sizeof value) {
      ok_ = false;
      return T{};
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }

  // Whether `count` values of `size` bytes can still be there: ask before making room for them.
  bool Holds(uint64_t count, uint64_t size) const { return ok_ && count <= rest_.size() / size; }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace auscult::models
