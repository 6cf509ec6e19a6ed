#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auscult::db {

// A one-dimensional array as a parameter in binary format, one value after the other: a column of
// many rows for unnest($1::bigint[], ...), which PostgreSQL reads several times as fast as text.
// Values are of the array's element type; another one is refused when the statement is run.
class ArrayParam {
 public:
  // Numbers are PostgreSQL's own for its types.
  enum class Of : int32_t {
    kInt64 = 20,
    kInt16 = 21,
    kInt32 = 23,
    kText = 25,
    kBytes = 17,
    kFloat32 = 700,
    kTime = 1184
  };

  explicit ArrayParam(Of element);
  void Null();
  void Int16(int16_t value);
  void Int32(int32_t value);
  void Int64(int64_t value);
  void Float32OrNull(float value);  // NaN is NULL
  void Bytes(std::string_view value);
  void Text(std::string_view value) { Bytes(value); }
  void TimeUs(int64_t unix_microseconds);

  // As PostgreSQL receives it.
  const std::string& bytes() const { return bytes_; }

 private:
  template <typename Integer>
  void Add(Integer value);
  void Count();
  std::string bytes_;
  int32_t count_ = 0;
};

}  // namespace auscult::db
