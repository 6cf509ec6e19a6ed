#include "db/binary_rows.h"

#include <libpq-fe.h>

#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <type_traits>

#include "db/wire_format.h"

// "Binary" here is what the send functions of the types give, as in PostgreSQL's binary COPY.
namespace auscult::db {
namespace {

template <typename Integer>
Integer ReadBigEndian(const char* in) {
  std::make_unsigned_t<Integer> bits = 0;
  for (size_t i = 0; i < sizeof bits; ++i) {
    bits = static_cast<decltype(bits)>((uint64_t{bits} << 8) | static_cast<unsigned char>(in[i]));
  }
  return static_cast<Integer>(bits);
}

template <typename Value>
Value MissingValue() {
  if constexpr (std::is_floating_point_v<Value>) return std::numeric_limits<Value>::quiet_NaN();
  return Value{};
}

}  // namespace

BinaryRows::BinaryRows(pg_result* result) : result_(result, PQclear) {}

int BinaryRows::count() const { return PQntuples(result_.get()); }

bool BinaryRows::IsNull(int row, int column) const {
  assert(row < count() && column < PQnfields(result_.get()));
  return PQgetisnull(result_.get(), row, column) != 0;
}

template <typename Integer>
Integer BinaryRows::Number(int row, int column) const {
  assert(!IsNull(row, column));
  assert(PQgetlength(result_.get(), row, column) == static_cast<int>(sizeof(Integer)));
  return ReadBigEndian<Integer>(PQgetvalue(result_.get(), row, column));
}

int16_t BinaryRows::Int16(int row, int column) const { return Number<int16_t>(row, column); }

int32_t BinaryRows::Int32(int row, int column) const { return Number<int32_t>(row, column); }

int64_t BinaryRows::Int64(int row, int column) const { return Number<int64_t>(row, column); }

float BinaryRows::Float32(int row, int column) const {
  if (IsNull(row, column)) return std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>(Number<int32_t>(row, column));
}

double BinaryRows::Float64(int row, int column) const {
  if (IsNull(row, column)) return std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<double>(Number<int64_t>(row, column));
}

int64_t BinaryRows::TimeUs(int row, int column) const {
  return Number<int64_t>(row, column) + wire::kPostgresEpochUs;
}

std::string_view BinaryRows::Text(int row, int column) const {
  assert(!IsNull(row, column));
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

// Dimensions, a flag and the type; of each dimension its size and lower bound; each item behind its
// length.
template <typename Value>
void BinaryRows::Array(int row, int column, std::vector<Value>& values) const {
  constexpr size_t kHeader = 12, kBounds = 8;
  values.clear();
  const std::string_view bytes = Text(row, column);
  assert(bytes.size() >= kHeader);
  const auto dimensions = ReadBigEndian<int32_t>(bytes.data());
  if (dimensions == 0) return;
  assert(dimensions == 1 && bytes.size() >= kHeader + kBounds);
  const auto size = static_cast<size_t>(ReadBigEndian<int32_t>(bytes.data() + kHeader));
  values.resize(size);
  const char* in = bytes.data() + kHeader + kBounds;
  for (Value& value : values) {
    const auto length = ReadBigEndian<int32_t>(in);
    in += sizeof length;
    if (length < 0) {
      value = MissingValue<Value>();
      continue;
    }
    assert(length == sizeof(Value));
    value = std::bit_cast<Value>(ReadBigEndian<int32_t>(in));
    in += sizeof(Value);
  }
  assert(in == bytes.data() + bytes.size());
}

void BinaryRows::FloatArray(int row, int column, std::vector<float>& values) const {
  Array(row, column, values);
}

void BinaryRows::IntArray(int row, int column, std::vector<int32_t>& values) const {
  Array(row, column, values);
}

}  // namespace auscult::db
