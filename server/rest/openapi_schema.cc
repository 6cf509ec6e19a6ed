#include "server/rest/openapi_schema.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "google/api/field_behavior.pb.h"
#include "server/rest/contract_comments.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using Json = OpenApiJson;

// "Site", "ListAlarmsRequest.State", "google.longrunning.Operation".
std::string SchemaName(const std::string& full_name) {
  constexpr std::string_view kOwn = "auscult.v1.";
  return full_name.starts_with(kOwn) ? full_name.substr(kOwn.size()) : full_name;
}

Json Reference(const std::string& name) { return Json{{"$ref", "#/components/schemas/" + name}}; }

bool Behaves(const FieldDescriptor& field, google::api::FieldBehavior wanted) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == wanted) return true;
  }
  return false;
}

Json RealNumber(const char* format) {
  return Json{{"oneOf",
               {{{"type", "number"}, {"format", format}},
                {{"type", "string"}, {"enum", {"NaN", "Infinity", "-Infinity"}}}}}};
}

Json WideInteger(const char* format) {
  return Json{{"type", "string"}, {"format", format}, {"pattern", "^-?[0-9]{1,20}$"}};
}

// Types that JSON does not write as an object of their fields.
Json WellKnown(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return {{"type", "string"}, {"format", "date-time"}, {"examples", {"2026-03-01T12:00:00Z"}}};
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return {{"type", "string"},
              {"pattern", "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$"},
              {"examples", {"1.5s"}}};
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return {{"type", "string"},
              {"description", "Field paths with commas between them."},
              {"examples", {"displayName,machine.ratedPowerKw"}}};
    case Descriptor::WELLKNOWNTYPE_ANY:
      return {{"type", "object"},
              {"description", "A message of the type that @type names, with its fields."},
              {"properties", {{"@type", {{"type", "string"}}}}},
              {"required", {"@type"}},
              {"additionalProperties", true}};
    default:
      return Json::object();
  }
}

// Exactly one of the fields of a oneof may be there.
void AddOneofs(const Descriptor& type, Json& schema) {
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const auto& oneof = *type.oneof_decl(i);
    for (int a = 0; a < oneof.field_count(); ++a) {
      for (int b = a + 1; b < oneof.field_count(); ++b) {
        schema["allOf"].push_back(
            {{"not", {{"required", {oneof.field(a)->json_name(), oneof.field(b)->json_name()}}}}});
      }
    }
  }
}

void AddRange(const FieldDescriptor& field, const CommentRange& range, Json& schema) {
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (field.message_type() != nullptr && !field.is_repeated()) return;
  const char* smallest = field.is_repeated() ? "minItems" : is_text ? "minLength" : "minimum";
  const char* largest = field.is_repeated() ? "maxItems" : is_text ? "maxLength" : "maximum";
  if (field.type() == FieldDescriptor::TYPE_BYTES) return;
  if (range.smallest) schema[smallest] = static_cast<int64_t>(*range.smallest);
  if (range.largest) schema[largest] = static_cast<int64_t>(*range.largest);
}

}  // namespace

bool IsRequired(const FieldDescriptor& field) { return Behaves(field, google::api::REQUIRED); }

OpenApiSchemas::OpenApiSchemas() {
  all_["Float"] = RealNumber("float");
  all_["Double"] = RealNumber("double");
  all_["Int64"] = WideInteger("int64");
  all_["Uint64"] = WideInteger("uint64");
}

Json OpenApiSchemas::Enum(const EnumDescriptor& type) {
  const std::string name = SchemaName(type.full_name());
  if (!all_.contains(name)) {
    Json schema = {{"type", "string"}};
    std::string description = CommentOf(type);
    for (int i = 0; i < type.value_count(); ++i) {
      schema["enum"].push_back(type.value(i)->name());
      const std::string comment = CommentOf(*type.value(i));
      if (comment.empty()) continue;
      description +=
          (description.empty() ? "" : "\n") + ("- `" + type.value(i)->name()) + "`: " + comment;
    }
    if (!description.empty()) schema["description"] = description;
    all_[name] = std::move(schema);
  }
  return Reference(name);
}

Json OpenApiSchemas::Value(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "uint32"}, {"minimum", 0}};
    case FieldDescriptor::CPPTYPE_INT64:
      return Reference("Int64");
    case FieldDescriptor::CPPTYPE_UINT64:
      return Reference("Uint64");
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Reference("Float");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Reference("Double");
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_ENUM:
      return Enum(*field.enum_type());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Of(*field.message_type());
    case FieldDescriptor::CPPTYPE_STRING:
      break;
  }
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    return {
        {"type", "string"}, {"contentEncoding", "base64"}, {"pattern", "^[A-Za-z0-9+/_-]*={0,2}$"}};
  }
  return {{"type", "string"}};
}

Json OpenApiSchemas::Object(const Descriptor& type, const std::vector<FieldPath>& left_out,
                            bool with_required) {
  Json schema = {{"type", "object"}};
  if (const std::string comment = CommentOf(type); !comment.empty()) {
    schema["description"] = comment;
  }
  schema["properties"] = Json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (std::find(left_out.begin(), left_out.end(), FieldPath{&field}) != left_out.end()) continue;
    schema["properties"][field.json_name()] = Of(field);
    if (with_required && IsRequired(field)) schema["required"].push_back(field.json_name());
  }
  AddOneofs(type, schema);
  schema["additionalProperties"] = false;
  return schema;
}

Json OpenApiSchemas::Of(const Descriptor& type) {
  const std::string name = SchemaName(type.full_name());
  if (!all_.contains(name)) {
    Json known = WellKnown(type);
    all_[name] = Json::object();  // for those that hold themselves
    all_[name] = known.empty() ? Object(type, {}, true) : std::move(known);
  }
  return Reference(name);
}

Json OpenApiSchemas::Of(const FieldDescriptor& field) {
  Json schema;
  if (field.is_map()) {
    schema = {{"type", "object"}, {"additionalProperties", Of(*field.message_type()->map_value())}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", Value(field)}};
  } else {
    schema = Value(field);
  }
  const std::string comment = CommentOf(field);
  if (!comment.empty()) schema["description"] = comment;
  AddRange(field, RangeIn(comment), schema);
  const auto example = ExampleIn(comment);
  if (example && field.type() == FieldDescriptor::TYPE_STRING) {
    const Json one = field.is_repeated() ? Json::array({*example}) : Json(*example);
    schema["examples"] = Json::array({one});
  }
  if (const std::string unit = UnitOf(field); !unit.empty()) schema["x-unit"] = unit;
  if (Behaves(field, google::api::OUTPUT_ONLY)) schema["readOnly"] = true;
  return schema;
}

Json OpenApiSchemas::OfParameter(const FieldDescriptor& field) {
  Json schema = Of(field);
  const bool is_wide = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64;
  if (is_wide && !field.is_repeated()) schema = {{"type", "integer"}, {"format", "int64"}};
  schema.erase("description");
  return schema;
}

Json OpenApiSchemas::OfBody(const Descriptor& type, const std::vector<FieldPath>& in_path,
                            bool is_update) {
  if (!is_update && in_path.empty()) return Of(type);
  return Object(type, in_path, !is_update);
}

}  // namespace auscult::rest
