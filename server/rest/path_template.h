#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::rest {

// A path as google/api/http.proto writes it, "/v1/{name=sites/*/assets/**}:queryTrend".
struct PathTemplate {
  enum class Kind {
    kLiteral,
    kOne,   // "*": one segment that is not empty
    kRest,  // "**": any number of them, at the end only
  };
  struct Segment {
    Kind kind = Kind::kLiteral;
    std::string literal;  // percent-decoded
  };
  // The segments [first, end) of the template give the field its value.
  struct Variable {
    std::string field_path;
    size_t first = 0;
    size_t end = 0;
  };

  std::vector<Segment> segments;
  std::vector<Variable> variables;
  std::string verb;  // without ':'; empty: none
};

// INVALID_ARGUMENT where the grammar of http.proto does not hold.
absl::StatusOr<PathTemplate> ParsePathTemplate(std::string_view text);

}  // namespace auscult::rest
