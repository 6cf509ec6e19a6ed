#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "server/rest/http_binding.h"

namespace auscult::rest {

using OpenApiJson = nlohmann::ordered_json;

// JSON Schemas (2020-12, as OpenAPI 3.1 has them) of messages and enums, each once, for
// components.schemas; fields refer to them.
class OpenApiSchemas {
 public:
  OpenApiSchemas();

  // A reference to the type's schema, or the schema itself where it is short.
  OpenApiJson Of(const google::protobuf::Descriptor& type);
  // Of a field's value in JSON, with what its comment says.
  OpenApiJson Of(const google::protobuf::FieldDescriptor& field);
  // Of one value of a query parameter.
  OpenApiJson OfParameter(const google::protobuf::FieldDescriptor& field);
  // Of the message in a body that need not say what the path says, and says anything in an update.
  OpenApiJson OfBody(const google::protobuf::Descriptor& type,
                     const std::vector<FieldPath>& in_path, bool is_update);

  const OpenApiJson& all() const { return all_; }

 private:
  OpenApiJson Value(const google::protobuf::FieldDescriptor& field);
  OpenApiJson Object(const google::protobuf::Descriptor& type,
                     const std::vector<FieldPath>& left_out, bool with_required);
  OpenApiJson Enum(const google::protobuf::EnumDescriptor& type);

  OpenApiJson all_ = OpenApiJson::object();
};

// REQUIRED by its field_behavior.
bool IsRequired(const google::protobuf::FieldDescriptor& field);

}  // namespace auscult::rest
