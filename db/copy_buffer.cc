#include <bit>
#include <cassert>
#include <limits>

#include "db/postgres.h"
#include "db/wire_format.h"

namespace auscult::db {
namespace {

constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr int32_t kInt4Oid = 23, kFloat4Oid = 700;

}  // namespace

CopyBuffer::CopyBuffer() : buffer_(kHeader) {}

void CopyBuffer::StartRow(int16_t field_count) {
  wire::Append(field_count, buffer_);
  ++row_count_;
}

void CopyBuffer::Null() { wire::Append<int32_t>(-1, buffer_); }

void CopyBuffer::Int16(int16_t value) { wire::AppendField(value, buffer_); }

void CopyBuffer::Int32(int32_t value) { wire::AppendField(value, buffer_); }

void CopyBuffer::Int64(int64_t value) { wire::AppendField(value, buffer_); }

void CopyBuffer::Float32(float value) { wire::AppendField(std::bit_cast<int32_t>(value), buffer_); }

void CopyBuffer::Float32OrNull(float value) {
  if (value != value) {
    Null();
  } else {
    Float32(value);
  }
}

void CopyBuffer::Float64(double value) {
  wire::AppendField(std::bit_cast<int64_t>(value), buffer_);
}

void CopyBuffer::Bytes(std::string_view value) {
  assert(value.size() <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
  wire::Append(static_cast<int32_t>(value.size()), buffer_);
  buffer_.append(value);
}

void CopyBuffer::Text(std::string_view value) { Bytes(value); }

void CopyBuffer::Json(std::string_view value) {
  constexpr char kJsonbVersion = 1;
  wire::Append(static_cast<int32_t>(value.size() + 1), buffer_);
  buffer_.push_back(kJsonbVersion);
  buffer_.append(value);
}

void CopyBuffer::TimeUs(int64_t unix_microseconds) { Int64(wire::PostgresTime(unix_microseconds)); }

template <typename Value>
void CopyBuffer::Array(std::span<const Value> values, int32_t oid) {
  const int32_t dimensions = values.empty() ? 0 : 1;
  const size_t size = 12 + (values.empty() ? 0 : 8 + 8 * values.size());
  wire::Append(static_cast<int32_t>(size), buffer_);
  const size_t start = buffer_.size();
  buffer_.resize(start + size);
  char* out = wire::Write(dimensions, buffer_.data() + start);
  out = wire::Write<int32_t>(0, out);  // has NULLs
  out = wire::Write(oid, out);
  if (values.empty()) return;
  out = wire::Write(static_cast<int32_t>(values.size()), out);
  out = wire::Write<int32_t>(1, out);  // lower bound
  for (const Value value : values) {
    out = wire::Write<int32_t>(sizeof value, out);
    out = wire::Write(std::bit_cast<int32_t>(value), out);
  }
}

void CopyBuffer::FloatArray(std::span<const float> values) { Array(values, kFloat4Oid); }

void CopyBuffer::IntArray(std::span<const int32_t> values) { Array(values, kInt4Oid); }

std::string CopyBuffer::Finish() {
  wire::Append<int16_t>(-1, buffer_);
  std::string finished = std::move(buffer_);
  buffer_ = kHeader;
  row_count_ = 0;
  return finished;
}

}  // namespace auscult::db
