#include "server/rest/series_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <string_view>

#include "server/rest/repeated_numbers.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Column = SeriesTable::Column;
using Type = SeriesTable::Type;

bool IsNumberArray(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return field.is_repeated();
    default:
      return false;
  }
}

bool IsOctets(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_BYTES && !field.is_repeated() &&
         (field.name() == "octets" || field.name().ends_with("_octets"));
}

const FieldDescriptor* FindDouble(const Descriptor& type, const std::string& name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr && !field->is_repeated() &&
                 field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE
             ? field
             : nullptr;
}

struct AxisFields {
  std::string name;
  const FieldDescriptor* start = nullptr;  // null: from 0
  const FieldDescriptor* step = nullptr;   // null: no axis
};

AxisFields FindAxis(const Descriptor& type) {
  constexpr std::string_view kStep = "step_";
  if (const FieldDescriptor* step = FindDouble(type, "seconds_per_value")) {
    return {"seconds", nullptr, step};
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string& name = type.field(i)->name();
    if (!name.starts_with(kStep)) continue;
    const std::string unit = name.substr(kStep.size());
    const FieldDescriptor* start = FindDouble(type, "start_" + unit);
    if (start != nullptr && FindDouble(type, name) != nullptr) return {unit, start, type.field(i)};
  }
  return {};
}

// Of the type itself.
bool IsTable(const Descriptor& type) {
  int arrays = 0;
  for (int i = 0; i < type.field_count(); ++i) arrays += IsNumberArray(*type.field(i)) ? 1 : 0;
  return arrays > 1 || (arrays == 1 && FindAxis(type).step != nullptr);
}

bool HasSeriesWithin(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  if (IsTable(type)) return true;
  for (int i = 0; i < type.field_count(); ++i) {
    const Descriptor* inner = type.field(i)->message_type();
    if (inner != nullptr && HasSeriesWithin(*inner, seen)) return true;
  }
  return false;
}

template <typename Number>
Column ArrayColumn(const Message& message, const FieldDescriptor& field, Type type) {
  const auto& numbers = NumbersOf<Number>(message, field);
  return {field.name(), type, reinterpret_cast<const char*>(numbers.data()),
          static_cast<size_t>(numbers.size())};
}

// "value_octets" stands for `value`, "octets" for `values`, "time_octets" for `time_us`.
Column OctetsColumn(const Message& message, const FieldDescriptor& field) {
  std::string kept;
  const std::string& octets = message.GetReflection()->GetStringReference(message, &field, &kept);
  if (field.name() == "time_octets") {
    return {"time_us", Type::kInt64, octets.data(), octets.size() / sizeof(int64_t)};
  }
  const std::string name = field.name() == "octets"
                               ? "values"
                               : field.name().substr(0, field.name().size() - sizeof("octets"));
  return {name, Type::kFloat, octets.data(), octets.size() / sizeof(float)};
}

Column ColumnOf(const Message& message, const FieldDescriptor& field) {
  if (IsOctets(field)) return OctetsColumn(message, field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ArrayColumn<double>(message, field, Type::kDouble);
    case FieldDescriptor::CPPTYPE_INT32:
      return ArrayColumn<int32_t>(message, field, Type::kInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return ArrayColumn<int64_t>(message, field, Type::kInt64);
    default:
      return ArrayColumn<float>(message, field, Type::kFloat);
  }
}

SeriesTable TableOf(const Message& message) {
  SeriesTable table;
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& fields = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsNumberArray(field) || IsOctets(field)) {
      Column column = ColumnOf(message, field);
      if (column.count > 0) table.columns.push_back(std::move(column));
    } else if (field.type() == FieldDescriptor::TYPE_STRING && !field.is_repeated()) {
      table.labels.emplace_back(field.name(), fields.GetString(message, &field));
    } else if (field.type() == FieldDescriptor::TYPE_ENUM && !field.is_repeated()) {
      table.labels.emplace_back(field.name(), fields.GetEnum(message, &field)->name());
    }
  }
  const AxisFields axis = FindAxis(type);
  if (axis.step != nullptr) {
    table.axis = {axis.name, axis.start ? fields.GetDouble(message, axis.start) : 0,
                  fields.GetDouble(message, axis.step)};
  }
  for (const Column& column : table.columns) {
    table.rows = table.rows == 0 ? column.count : std::min(table.rows, column.count);
  }
  return table;
}

void AddTables(const Message& message, std::vector<SeriesTable>& tables) {
  if (IsTable(*message.GetDescriptor())) {
    SeriesTable table = TableOf(message);
    if (!table.columns.empty()) tables.push_back(std::move(table));
  }
  std::vector<const FieldDescriptor*> present;
  message.GetReflection()->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (field->message_type() == nullptr || field->is_map()) continue;
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      AddTables(field->is_repeated()
                    ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                    : message.GetReflection()->GetMessage(message, field),
                tables);
    }
  }
}

template <typename Number>
void AppendNumber(const Column& column, size_t index, std::string& text) {
  Number number = 0;
  std::memcpy(&number, column.numbers + index * sizeof(Number), sizeof(Number));
  if (!std::isfinite(static_cast<double>(number))) return;
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

}  // namespace

bool HasSeries(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  return HasSeriesWithin(type, seen);
}

std::vector<SeriesTable> TablesOf(const Message& message) {
  std::vector<SeriesTable> tables;
  AddTables(message, tables);
  return tables;
}

size_t SizeOf(Type type) { return type == Type::kFloat || type == Type::kInt32 ? 4 : 8; }

void AppendCell(const Column& column, size_t index, std::string& text) {
  switch (column.type) {
    case Type::kFloat:
      return AppendNumber<float>(column, index, text);
    case Type::kDouble:
      return AppendNumber<double>(column, index, text);
    case Type::kInt32:
      return AppendNumber<int32_t>(column, index, text);
    case Type::kInt64:
      return AppendNumber<int64_t>(column, index, text);
  }
}

}  // namespace auscult::rest
