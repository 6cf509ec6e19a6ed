#pragma once

#include <vector>

#include "db/postgres.h"

namespace auscult::db {

// One statement as libpq takes it. What it points at outlives it.
struct Connection::Statement {
  const char* text;  // or, prepared, its name
  bool prepared = false;
  int result_format = 0;                        // 1: binary
  std::vector<const char*> values = {};         // NULL where a value is unset
  std::vector<int> lengths = {}, formats = {};  // empty: all are text

  int count() const { return static_cast<int>(values.size()); }
  const int* lengths_or_null() const { return lengths.empty() ? nullptr : lengths.data(); }
  const int* formats_or_null() const { return formats.empty() ? nullptr : formats.data(); }
};

inline std::vector<const char*> ValuesOf(std::span<const Param> params) {
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const Param& param : params) values.push_back(param ? param->c_str() : nullptr);
  return values;
}

}  // namespace auscult::db
