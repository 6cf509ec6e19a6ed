#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

// How PostgreSQL's send and receive functions and its binary COPY write values: big-endian, each
// field behind its length ("Binary Format" in the manual page on COPY).
namespace auscult::db::wire {

inline constexpr int64_t kPostgresEpochUs = 946684800000000;  // 2000-01-01

// Behind what was written.
template <typename Integer>
char* Write(Integer value, char* out) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (size_t i = 0; i < sizeof value; ++i) {
    out[i] = static_cast<char>(static_cast<unsigned char>(bits >> (8 * (sizeof value - 1 - i))));
  }
  return out + sizeof value;
}

template <typename Integer>
void Append(Integer value, std::string& buffer) {
  char bytes[sizeof value];
  Write(value, bytes);
  buffer.append(bytes, sizeof value);
}

template <typename Integer>
void AppendField(Integer value, std::string& buffer) {
  char bytes[sizeof(int32_t) + sizeof value];
  Write(value, Write(static_cast<int32_t>(sizeof value), bytes));
  buffer.append(bytes, sizeof bytes);
}

// A timestamptz. An instant that none holds stays one, rather than wrap into one that it does.
inline int64_t PostgresTime(int64_t unix_microseconds) {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min() + kPostgresEpochUs + 1;
  return std::max(unix_microseconds, kLowest) - kPostgresEpochUs;
}

}  // namespace auscult::db::wire
