#include "server/rest/openapi_operation.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/rest/contract_comments.h"
#include "server/rest/event_stream.h"
#include "server/rest/field_text.h"
#include "server/rest/media_type.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using Json = OpenApiJson;
using Kind = PathTemplate::Kind;

constexpr int kMaxParameterDepth = 4;

// "sites" to "site", "policies" to "policy".
std::string Singular(const std::string& plural) {
  if (plural.ends_with("ies")) return plural.substr(0, plural.size() - 3) + "y";
  return plural.ends_with("s") ? plural.substr(0, plural.size() - 1) : plural;
}

std::string ParameterName(const PathTemplate& path, size_t segment) {
  return segment == 0 ? "name" : Singular(path.segments[segment - 1].literal);
}

Json SharedParameter(const char* name) {
  return {{"$ref", std::string("#/components/parameters/") + name}};
}

void AddPathParameters(const HttpBinding& binding, Json& parameters) {
  const PathTemplate& path = binding.path;
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const Kind kind = path.segments[i].kind;
    if (kind == Kind::kLiteral) continue;
    Json parameter = {{"name", ParameterName(path, i)}, {"in", "path"}, {"required", true}};
    for (size_t v = 0; v < path.variables.size(); ++v) {
      const auto& variable = path.variables[v];
      if (i < variable.first || i >= variable.end) continue;
      std::string text = "Part of `" + NameOf(binding.variables[v]) + "`.";
      const std::string comment = CommentOf(*binding.variables[v].back());
      if (!comment.empty()) text += " " + comment;
      if (kind == Kind::kRest) text += " May go on with more segments, `a/points/b`.";
      parameter["description"] = text;
    }
    parameter["schema"] = {{"type", "string"}, {"minLength", 1}, {"pattern", "^[^/]+$"}};
    parameters.push_back(std::move(parameter));
  }
}

bool IsInPath(const HttpBinding& binding, const FieldPath& path) {
  return std::find(binding.variables.begin(), binding.variables.end(), path) !=
         binding.variables.end();
}

std::string JsonPath(const FieldPath& path) {
  std::string name;
  for (const FieldDescriptor* field : path) name += (name.empty() ? "" : ".") + field->json_name();
  return name;
}

void AddQueryParameters(const HttpBinding& binding, const Descriptor& type, const FieldPath& prefix,
                        OpenApiSchemas& schemas, Json& parameters) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FieldPath path = prefix;
    path.push_back(&field);
    if (&field == binding.body_field || IsInPath(binding, path) || field.is_map()) continue;
    if (field.message_type() != nullptr && !IsTextMessage(*field.message_type())) {
      if (field.is_repeated() || path.size() > kMaxParameterDepth) continue;
      AddQueryParameters(binding, *field.message_type(), path, schemas, parameters);
      continue;
    }
    Json parameter = {{"name", JsonPath(path)}, {"in", "query"}};
    if (IsRequired(field) && prefix.empty()) parameter["required"] = true;
    if (const std::string comment = CommentOf(field); !comment.empty()) {
      parameter["description"] = comment;
    }
    parameter["schema"] = schemas.OfParameter(field);
    parameters.push_back(std::move(parameter));
  }
}

// The field is named "etag", or the resource in the body has one.
bool TakesIfMatch(const HttpBinding& binding) {
  const Descriptor& input = *binding.method->input_type();
  const Descriptor* resource =
      binding.body_field == nullptr ? nullptr : binding.body_field->message_type();
  return input.FindFieldByName("etag") != nullptr ||
         (resource != nullptr && resource->FindFieldByName("etag") != nullptr);
}

Json ParametersOf(const HttpBinding& binding, OpenApiSchemas& schemas) {
  Json parameters = Json::array();
  AddPathParameters(binding, parameters);
  if (binding.body != HttpBinding::Body::kAll) {
    AddQueryParameters(binding, *binding.method->input_type(), {}, schemas, parameters);
  }
  parameters.push_back(SharedParameter("RequestTimeout"));
  const bool is_stream = binding.method->server_streaming();
  if (binding.http_method == "GET" && !is_stream) {
    parameters.push_back(SharedParameter("IfNoneMatch"));
  }
  if (TakesIfMatch(binding)) parameters.push_back(SharedParameter("IfMatch"));
  if (is_stream && FindResumeField(*binding.method->input_type()) != nullptr) {
    parameters.push_back(SharedParameter("LastEventId"));
  }
  return parameters;
}

Json BodyOf(const HttpBinding& binding, OpenApiSchemas& schemas) {
  const MethodDescriptor& method = *binding.method;
  if (method.client_streaming()) {
    const Json message = {{"schema", schemas.Of(*method.input_type())}};
    return {{"required", true},
            {"description", "One message a line; as application/json a single one."},
            {"content", {{kNdjson, message}, {kJson, message}}}};
  }
  Json schema;
  if (binding.body == HttpBinding::Body::kAll) {
    schema = schemas.OfBody(*method.input_type(), binding.variables, false);
  } else if (binding.body_field->message_type() != nullptr && !binding.body_field->is_repeated()) {
    schema =
        schemas.OfBody(*binding.body_field->message_type(), {}, binding.http_method == "PATCH");
  } else {
    schema = schemas.Of(*binding.body_field);
  }
  return {{"required", true}, {"content", {{kJson, {{"schema", schema}}}}}};
}

Json ContentOf(const HttpBinding& binding, OpenApiSchemas& schemas) {
  Json content = Json::object();
  const Json answer = binding.response_field == nullptr ? schemas.Of(*binding.method->output_type())
                                                        : schemas.Of(*binding.response_field);
  for (const std::string& type : binding.media_types) {
    if (type == kJson || type == kNdjson) {
      content[type] = {{"schema", answer}};
    } else if (type == kOctets) {
      content[type] = Json::object();
    } else {
      content[type] = {{"schema", {{"type", "string"}}}};
    }
  }
  return content;
}

Json ResponsesOf(const HttpBinding& binding, OpenApiSchemas& schemas) {
  const bool is_stream = binding.method->server_streaming();
  Json ok = {
      {"description", is_stream ? "A stream: one message a line, or an event for each." : "Done."}};
  ok["content"] = ContentOf(binding, schemas);
  if (ok["content"].contains(kOctets)) {
    ok["headers"]["X-Series-Columns"] = {
        {"description", "As octets: the columns, one after the other, little-endian."},
        {"schema", {{"type", "string"}, {"examples", {"time_us;int64;1000, value;float32;1000"}}}}};
  }
  Json responses = {{"200", std::move(ok)}};
  std::vector<const char*> others = {"400", "401", "403", "404", "406",
                                     "429", "500", "501", "503", "504"};
  if (binding.http_method == "GET" && !is_stream) others.push_back("304");
  if (binding.http_method != "GET") others.push_back("409");
  if (TakesIfMatch(binding)) others.push_back("412");
  if (binding.body != HttpBinding::Body::kNone) {
    others.push_back("413");
    others.push_back("415");
  }
  std::sort(others.begin(), others.end(),
            [](std::string_view a, std::string_view b) { return a < b; });
  for (const char* status : others) {
    responses[status] = {{"$ref", std::string("#/components/responses/") + status}};
  }
  responses["default"] = {{"$ref", "#/components/responses/default"}};
  return responses;
}

// The first sentence, without its stop.
std::string SummaryOf(const std::string& comment, const std::string& name) {
  const std::string sentence = comment.substr(0, comment.find(". "));
  if (sentence.empty() || sentence.size() > 120) return name;
  return sentence.back() == '.' ? sentence.substr(0, sentence.size() - 1) : sentence;
}

}  // namespace

std::string OpenApiPath(const PathTemplate& path) {
  std::string text;
  for (size_t i = 0; i < path.segments.size(); ++i) {
    const auto& segment = path.segments[i];
    text += '/';
    text += segment.kind == Kind::kLiteral ? segment.literal : "{" + ParameterName(path, i) + "}";
  }
  return path.verb.empty() ? text : text + ":" + path.verb;
}

Json OpenApiOperation(const HttpBinding& binding, const std::string& id, OpenApiSchemas& schemas) {
  const std::string comment = CommentOf(*binding.method);
  Json operation = {{"operationId", id},
                    {"tags", {binding.method->service()->name()}},
                    {"summary", SummaryOf(comment, binding.method->name())}};
  operation["description"] =
      comment.empty() ? "The RPC " + binding.method->full_name() + "." : comment;
  operation["parameters"] = ParametersOf(binding, schemas);
  if (binding.body != HttpBinding::Body::kNone) operation["requestBody"] = BodyOf(binding, schemas);
  operation["responses"] = ResponsesOf(binding, schemas);
  return operation;
}

}  // namespace auscult::rest
