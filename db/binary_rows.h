#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

struct pg_result;

namespace auscult::db {

// Rows of an answer in PostgreSQL's binary format, for reading many: nothing is parsed but numbers
// swapped. Every getter asks for the very type of its column; another one, or a NULL where none is
// allowed, is a caller's bug.
class BinaryRows {
 public:
  explicit BinaryRows(pg_result* result);
  int count() const;
  bool IsNull(int row, int column) const;
  int16_t Int16(int row, int column) const;          // smallint
  int32_t Int32(int row, int column) const;          // integer
  int64_t Int64(int row, int column) const;          // bigint
  float Float32(int row, int column) const;          // real, NULL is NaN
  double Float64(int row, int column) const;         // double precision, NULL is NaN
  int64_t TimeUs(int row, int column) const;         // timestamptz, Unix microseconds
  std::string_view Text(int row, int column) const;  // text or bytea
  // real[] of one dimension into `values`, a NULL inside is NaN.
  void FloatArray(int row, int column, std::vector<float>& values) const;
  // integer[] without NULLs.
  void IntArray(int row, int column, std::vector<int32_t>& values) const;

 private:
  template <typename Integer>
  Integer Number(int row, int column) const;
  template <typename Value>
  void Array(int row, int column, std::vector<Value>& values) const;

  std::shared_ptr<pg_result> result_;
};

}  // namespace auscult::db
