#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

#include "db/postgres.h"

// The format is that of "Binary Format" in PostgreSQL's manual page on COPY: big-endian, each field
// behind its length.
namespace auscult::db {
namespace {

constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr int64_t kPostgresEpochUs = 946684800000000;  // 2000-01-01
constexpr int32_t kInt4Oid = 23, kFloat4Oid = 700;

template <typename Integer>
char* Write(Integer value, char* out) {
  using Unsigned = std::make_unsigned_t<Integer>;
  const auto bits = static_cast<Unsigned>(value);
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
  Append(static_cast<int32_t>(sizeof value), buffer);
  Append(value, buffer);
}

}  // namespace

CopyBuffer::CopyBuffer() : buffer_(kHeader) {}

void CopyBuffer::StartRow(int16_t field_count) {
  Append(field_count, buffer_);
  ++row_count_;
}

void CopyBuffer::Null() { Append<int32_t>(-1, buffer_); }

void CopyBuffer::Int16(int16_t value) { AppendField(value, buffer_); }

void CopyBuffer::Int32(int32_t value) { AppendField(value, buffer_); }

void CopyBuffer::Int64(int64_t value) { AppendField(value, buffer_); }

void CopyBuffer::Float32(float value) { AppendField(std::bit_cast<int32_t>(value), buffer_); }

void CopyBuffer::Float32OrNull(float value) {
  if (value != value) {
    Null();
  } else {
    Float32(value);
  }
}

void CopyBuffer::Float64(double value) { AppendField(std::bit_cast<int64_t>(value), buffer_); }

void CopyBuffer::Bytes(std::string_view value) {
  assert(value.size() <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
  Append(static_cast<int32_t>(value.size()), buffer_);
  buffer_.append(value);
}

void CopyBuffer::Text(std::string_view value) { Bytes(value); }

void CopyBuffer::Json(std::string_view value) {
  constexpr char kJsonbVersion = 1;
  Append(static_cast<int32_t>(value.size() + 1), buffer_);
  buffer_.push_back(kJsonbVersion);
  buffer_.append(value);
}

void CopyBuffer::TimeUs(int64_t unix_microseconds) {
  // An instant that no timestamptz holds must stay one, rather than wrap into one that it does.
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min() + kPostgresEpochUs + 1;
  Int64(std::max(unix_microseconds, kLowest) - kPostgresEpochUs);
}

template <typename Value>
void CopyBuffer::Array(std::span<const Value> values, int32_t oid) {
  const int32_t dimensions = values.empty() ? 0 : 1;
  const size_t size = 12 + (values.empty() ? 0 : 8 + 8 * values.size());
  Append(static_cast<int32_t>(size), buffer_);
  const size_t start = buffer_.size();
  buffer_.resize(start + size);
  char* out = Write(dimensions, buffer_.data() + start);
  out = Write<int32_t>(0, out);  // has NULLs
  out = Write(oid, out);
  if (values.empty()) return;
  out = Write(static_cast<int32_t>(values.size()), out);
  out = Write<int32_t>(1, out);  // lower bound
  for (const Value value : values) {
    out = Write<int32_t>(sizeof value, out);
    out = Write(std::bit_cast<int32_t>(value), out);
  }
}

void CopyBuffer::FloatArray(std::span<const float> values) { Array(values, kFloat4Oid); }

void CopyBuffer::IntArray(std::span<const int32_t> values) { Array(values, kInt4Oid); }

std::string CopyBuffer::Finish() {
  Append<int16_t>(-1, buffer_);
  std::string finished = std::move(buffer_);
  buffer_ = kHeader;
  row_count_ = 0;
  return finished;
}

}  // namespace auscult::db
