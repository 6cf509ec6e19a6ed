#include "server/rest/series_format.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Message;
using Column = SeriesTable::Column;
using Type = SeriesTable::Type;

std::string Text(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof(digits), number).ptr};
}

void AppendQuoted(std::string_view text, std::string& csv) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    csv += text;
    return;
  }
  csv += '"';
  for (const char c : text) {
    if (c == '"') csv += '"';
    csv += c;
  }
  csv += '"';
}

size_t WidthOf(const SeriesTable& table, const Column& column) { return column.count / table.rows; }

// With a matrix, the axis names its columns instead of being one.
bool HasMatrix(const SeriesTable& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& column) { return WidthOf(table, column) > 1; });
}

bool HasAxisColumn(const SeriesTable& table) { return table.axis && !HasMatrix(table); }

// Columns by name over all tables, in the order in which they come first.
struct Layout {
  struct Place {
    std::string name;
    size_t width;
  };
  std::vector<Place> places;

  explicit Layout(const std::vector<SeriesTable>& tables) {
    for (const SeriesTable& table : tables) {
      for (const Column& column : table.columns) {
        Place* place = Find(column.name);
        if (place == nullptr) place = &places.emplace_back(Place{column.name, 0});
        place->width = std::max(place->width, WidthOf(table, column));
      }
    }
  }

  Place* Find(const std::string& name) {
    for (Place& place : places) {
      if (place.name == name) return &place;
    }
    return nullptr;
  }
};

std::string HeadLine(const SeriesTable& table, const Layout& layout) {
  std::string line;
  for (const auto& [name, value] : table.labels) line += name + ",";
  if (HasAxisColumn(table)) line += table.axis->name + ",";
  for (const Layout::Place& place : layout.places) {
    for (size_t k = 0; k < place.width; ++k) {
      line += place.name;
      if (place.width > 1 && table.axis) {
        line += "@" + Text(table.axis->start + static_cast<double>(k) * table.axis->step);
      } else if (place.width > 1) {
        line += "@" + std::to_string(k);
      }
      line += ',';
    }
  }
  line.pop_back();
  return line + "\r\n";
}

void AppendRows(const SeriesTable& table, const Layout& layout, std::string& csv) {
  std::string labels;
  for (const auto& [name, value] : table.labels) {
    AppendQuoted(value, labels);
    labels += ',';
  }
  for (size_t row = 0; row < table.rows; ++row) {
    csv += labels;
    if (HasAxisColumn(table)) {
      csv += Text(table.axis->start + static_cast<double>(row) * table.axis->step) + ",";
    }
    for (const Layout::Place& place : layout.places) {
      const auto column =
          std::find_if(table.columns.begin(), table.columns.end(),
                       [&](const Column& candidate) { return candidate.name == place.name; });
      const size_t width = column == table.columns.end() ? 0 : WidthOf(table, *column);
      for (size_t k = 0; k < place.width; ++k) {
        if (k < width) AppendCell(*column, row * width + k, csv);
        csv += ',';
      }
    }
    csv.pop_back();
    csv += "\r\n";
  }
}

const char* NameOf(Type type) {
  switch (type) {
    case Type::kFloat:
      return "float32";
    case Type::kDouble:
      return "float64";
    case Type::kInt32:
      return "int32";
    case Type::kInt64:
      return "int64";
  }
  return "";
}

}  // namespace

std::string SeriesCsv(const Message& answer) {
  const std::vector<SeriesTable> tables = TablesOf(answer);
  if (tables.empty()) return "";
  const Layout layout(tables);
  std::string csv = HeadLine(tables.front(), layout);
  for (const SeriesTable& table : tables) AppendRows(table, layout, csv);
  return csv;
}

absl::Status SeriesOctets(const Message& answer, HttpResponse& response) {
  const std::vector<SeriesTable> tables = TablesOf(answer);
  if (tables.size() > 1) {
    return Refuse({.reason = "SEVERAL_SERIES",
                   .message = "the answer has " + std::to_string(tables.size()) + " series",
                   .remedy = "as octets ask for one series of one point, or for JSON or CSV"});
  }
  if (tables.empty()) return absl::OkStatus();
  std::string columns;
  for (const Column& column : tables.front().columns) {
    columns += (columns.empty() ? "" : ", ") + column.name + ";" + NameOf(column.type) + ";" +
               std::to_string(column.count);
    response.body.append(column.numbers, column.count * SizeOf(column.type));
  }
  response.headers.emplace_back("X-Series-Columns", columns);
  if (const auto& axis = tables.front().axis) {
    response.headers.emplace_back(
        "X-Series-Axis", axis->name + ";start=" + Text(axis->start) + ";step=" + Text(axis->step));
  }
  return absl::OkStatus();
}

}  // namespace auscult::rest
