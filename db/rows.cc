#include <libpq-fe.h>

#include <cassert>
#include <charconv>
#include <limits>

#include "db/postgres.h"

namespace auscult::db {
namespace {

// "NaN" and "Infinity" are read too.
template <typename Number>
Number Parse(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  assert(error == std::errc() && end == text.data() + text.size());
  (void)end;
  (void)error;
  return value;
}

// Of a one-dimensional array of numbers, "{1,NULL,3}".
template <typename Visit>
void ForEachItem(std::string_view text, const Visit& visit) {
  assert(text.size() >= 2 && text.front() == '{' && text.back() == '}');
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const size_t comma = text.find(',');
    visit(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result, PQclear) {}

int Rows::count() const { return PQntuples(result_.get()); }

bool Rows::IsNull(int row, int column) const {
  assert(row < count() && column < PQnfields(result_.get()));
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Rows::Text(int row, int column) const {
  assert(!IsNull(row, column));
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int64_t Rows::Int(int row, int column) const { return Parse<int64_t>(Text(row, column)); }

double Rows::Real(int row, int column) const {
  if (IsNull(row, column)) return std::numeric_limits<double>::quiet_NaN();
  return Parse<double>(Text(row, column));
}

bool Rows::Bool(int row, int column) const { return Text(row, column) == "t"; }

std::string Rows::Bytes(int row, int column) const {
  size_t size = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(PQgetvalue(result_.get(), row, column));
  unsigned char* bytes = PQunescapeBytea(text, &size);
  std::string value(reinterpret_cast<const char*>(bytes), size);
  PQfreemem(bytes);
  return value;
}

std::vector<float> Rows::FloatArray(int row, int column) const {
  std::vector<float> values;
  ForEachItem(Text(row, column), [&](std::string_view item) {
    values.push_back(item == "NULL" ? std::numeric_limits<float>::quiet_NaN() : Parse<float>(item));
  });
  return values;
}

std::vector<int64_t> Rows::IntArray(int row, int column) const {
  std::vector<int64_t> values;
  ForEachItem(Text(row, column),
              [&](std::string_view item) { values.push_back(Parse<int64_t>(item)); });
  return values;
}

int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  return text.empty() ? 0 : Parse<int64_t>(text);
}

}  // namespace auscult::db
