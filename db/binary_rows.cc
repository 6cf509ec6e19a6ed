#include <libpq-fe.h>

#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

#include "db/postgres.h"

// Numbers are big-endian; an array is its dimensions, whether it has NULLs, the type of its items,
// then length and lower bound of each dimension, then each item behind its length.
namespace auscult::db {
namespace {

constexpr int64_t kPostgresEpochUs = 946684800000000;  // 2000-01-01
constexpr size_t kArrayHeader = 20;

template <typename Integer>
Integer Read(const char* bytes) {
  std::make_unsigned_t<Integer> value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
  if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
  return static_cast<Integer>(value);
}

}  // namespace

BinaryRows::BinaryRows(pg_result* result) : result_(result, PQclear) {}

int BinaryRows::count() const { return PQntuples(result_.get()); }

bool BinaryRows::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view BinaryRows::Field(int row, int column) const {
  assert(row < count() && !IsNull(row, column));
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int16_t BinaryRows::Int16(int row, int column) const {
  assert(Field(row, column).size() == sizeof(int16_t));
  return Read<int16_t>(Field(row, column).data());
}

int32_t BinaryRows::Int32(int row, int column) const {
  assert(Field(row, column).size() == sizeof(int32_t));
  return Read<int32_t>(Field(row, column).data());
}

int64_t BinaryRows::Int64(int row, int column) const {
  assert(Field(row, column).size() == sizeof(int64_t));
  return Read<int64_t>(Field(row, column).data());
}

int64_t BinaryRows::TimeUs(int row, int column) const {
  return Int64(row, column) + kPostgresEpochUs;
}

float BinaryRows::Float32(int row, int column) const {
  if (IsNull(row, column)) return std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>(Int32(row, column));
}

std::string_view BinaryRows::Bytes(int row, int column) const { return Field(row, column); }

void BinaryRows::FloatArray(int row, int column, std::vector<float>& values) const {
  const std::string_view field = Field(row, column);
  values.clear();
  if (field.size() <= kArrayHeader) return;
  const auto count = static_cast<size_t>(Read<int32_t>(field.data() + 12));
  values.resize(count);
  const char* at = field.data() + kArrayHeader;
  for (float& value : values) {
    const auto size = Read<int32_t>(at);
    at += sizeof size;
    if (size < 0) {
      value = std::numeric_limits<float>::quiet_NaN();
    } else {
      value = std::bit_cast<float>(Read<int32_t>(at));
      at += sizeof value;
    }
  }
}

}  // namespace auscult::db
