#include "db/array_param.h"

#include <bit>
#include <cassert>
#include <limits>

#include "db/wire_format.h"

namespace auscult::db {
namespace {

// Dimensions, whether there are NULLs, type, size, lower bound.
constexpr size_t kNullsAt = 4, kSizeAt = 12;

}  // namespace

ArrayParam::ArrayParam(Of element) {
  for (const int32_t number : {1, 0, static_cast<int32_t>(element), 0, 1}) {
    wire::Append(number, bytes_);
  }
}

void ArrayParam::Count() { wire::Write(++count_, bytes_.data() + kSizeAt); }

template <typename Integer>
void ArrayParam::Add(Integer value) {
  wire::AppendField(value, bytes_);
  Count();
}

void ArrayParam::Null() {
  wire::Append<int32_t>(-1, bytes_);
  wire::Write<int32_t>(1, bytes_.data() + kNullsAt);
  Count();
}

void ArrayParam::Int16(int16_t value) { Add(value); }

void ArrayParam::Int32(int32_t value) { Add(value); }

void ArrayParam::Int64(int64_t value) { Add(value); }

void ArrayParam::Float32OrNull(float value) {
  if (value != value) {
    Null();
  } else {
    Add(std::bit_cast<int32_t>(value));
  }
}

void ArrayParam::Bytes(std::string_view value) {
  assert(value.size() <= static_cast<size_t>(std::numeric_limits<int32_t>::max()));
  wire::Append(static_cast<int32_t>(value.size()), bytes_);
  bytes_.append(value);
  Count();
}

void ArrayParam::TimeUs(int64_t unix_microseconds) { Add(wire::PostgresTime(unix_microseconds)); }

}  // namespace auscult::db
