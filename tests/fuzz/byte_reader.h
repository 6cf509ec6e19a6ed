#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace auscult::fuzz {

// Values in the order of the bytes that a fuzzer made; zeros where there are no more.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename Value>
  Value Next() {
    Value value{};
    const size_t count = bytes_.size() < sizeof(Value) ? bytes_.size() : sizeof(Value);
    std::memcpy(&value, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
    return value;
  }

  // 0 .. limit - 1.
  uint32_t Below(uint32_t limit) { return Next<uint16_t>() % limit; }

  std::span<const uint8_t> rest() const { return bytes_; }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace auscult::fuzz
