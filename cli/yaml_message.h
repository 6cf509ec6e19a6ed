#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace auscult::cli {

// Where each field of a message stands in the file it was read from, by its path:
// "points[3].channels[0].id". Lines and columns count from 1.
struct FilePosition {
  int line = 0;
  int column = 0;
};
using FieldPositions = std::map<std::string, FilePosition, std::less<>>;

// Fills `message` from YAML (or JSON), by reflection: keys are field names (snake_case or
// camelCase), enums take their value with or without the prefix of the type ("rigid" for
// FOUNDATION_RIGID), times RFC 3339 ("2010-12-01T06:00:00Z"), durations seconds ("90s").
// Output-only fields are refused. INVALID_ARGUMENT lists up to ten problems, each as
// "FILE:LINE:COLUMN: what is wrong", unknown keys and values with the nearest known one.
absl::Status ParseYamlMessage(std::string_view text, const std::string& file,
                              google::protobuf::Message& message, FieldPositions& positions);

// The position of `path`, or of the nearest part of the file around it.
FilePosition PositionOf(const FieldPositions& positions, std::string_view path);

}  // namespace auscult::cli
