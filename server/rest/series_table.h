#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"

namespace auscult::rest {

// The parallel number arrays of a message, as columns: repeated numbers, and bytes named `octets`
// or `*_octets` that hold the same as float32 (times: int64) little-endian. Refers to the message.
struct SeriesTable {
  enum class Type { kFloat, kDouble, kInt32, kInt64 };
  struct Column {
    std::string name;  // of the field; octets have that of the array they stand for
    Type type = Type::kFloat;
    const char* numbers = nullptr;  // not aligned
    size_t count = 0;               // a multiple of the table's rows: a matrix, row after row
  };
  // From `start_hz` and `step_hz`: value i is at start + i * step of "hz". `seconds_per_value`
  // starts at 0 of "seconds".
  struct Axis {
    std::string name;
    double start = 0;
    double step = 0;
  };

  std::vector<std::pair<std::string, std::string>> labels;  // the message's texts and enums
  std::optional<Axis> axis;
  std::vector<Column> columns;  // those that are not empty
  size_t rows = 0;              // of the shortest column
};

// True for types whose messages hold tables, themselves or further in: two arrays of numbers side
// by side, or one with an axis.
bool HasSeries(const google::protobuf::Descriptor& type);

// All tables of the message that have a column, in the order of its fields.
std::vector<SeriesTable> TablesOf(const google::protobuf::Message& message);

// Octets of one number.
size_t SizeOf(SeriesTable::Type type);

// Appends the number as text with the fewest digits; "" for what is not finite.
void AppendCell(const SeriesTable::Column& column, size_t index, std::string& text);

}  // namespace auscult::rest
