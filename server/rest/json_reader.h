#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace auscult::rest {

// Levels of objects and arrays that a text may have.
inline constexpr int kMaxJsonDepth = 32;

struct JsonSource {
  std::string_view text;
  // Path of `message` in the request, for errors: "site"; empty for the request itself.
  std::string path = {};
};

// Adds what a text in proto3 JSON says to `message`. Names as in the proto or camelCase; null
// leaves a field unset. INVALID_ARGUMENT that names the field: unknown or twice, a value of another
// kind or out of range, both of a oneof, nested too deep, no JSON.
//
// With `set_paths`, lists the fields that the text names, null ones too, for an update mask: down
// to the single fields of single messages, without what the server keeps (IsKeptByServer).
absl::Status ReadJson(const JsonSource& source, google::protobuf::Message& message,
                      std::vector<std::string>* set_paths = nullptr);

// The same for a text that is the value of one field.
absl::Status ReadFieldJson(const JsonSource& source, const google::protobuf::FieldDescriptor& field,
                           google::protobuf::Message& message,
                           std::vector<std::string>* set_paths = nullptr);

}  // namespace auscult::rest
