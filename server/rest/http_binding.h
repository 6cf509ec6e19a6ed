#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "server/rest/path_template.h"

namespace auscult::rest {

// From a message down to one of its fields: "plant.site.name".
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// One way over HTTP to one RPC: a rule of google.api.http with its fields looked up.
struct HttpBinding {
  enum class Body {
    kNone,
    kField,  // one field of the request
    kAll,    // all that the path does not say: no query parameters
  };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // "GET"
  std::string pattern;      // as the rule writes it
  PathTemplate path;
  std::vector<FieldPath> variables;  // as path.variables
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;      // of Body::kField
  const google::protobuf::FieldDescriptor* response_field = nullptr;  // null: the whole answer
  std::vector<std::string> media_types;  // that it answers with, the default first
};

// Every binding of the method, its own first, then additional ones; empty where it has none. A rule
// that names no field, or a repeated one in its path, is INVALID_ARGUMENT.
absl::StatusOr<std::vector<HttpBinding>> BindingsOf(
    const google::protobuf::MethodDescriptor& method);

// Follows a dotted path of proto or JSON names. Empty where there is no such field, or a step
// before the last is not a single message.
FieldPath FindFieldPath(const google::protobuf::Descriptor& type, std::string_view path);

// By its name in the proto or in JSON.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor& type,
                                                   std::string_view name);

// Dotted names as the proto writes them.
std::string NameOf(const FieldPath& path);

// What a caller may send and the server passes over: OUTPUT_ONLY, IDENTIFIER and etag.
bool IsKeptByServer(const google::protobuf::FieldDescriptor& field);

}  // namespace auscult::rest
