#include "server/rest/http_binding.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "google/api/annotations.pb.h"
#include "google/api/field_behavior.pb.h"
#include "server/rest/media_type.h"
#include "server/rest/series_table.h"

namespace auscult::rest {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

struct Pattern {
  std::string http_method;
  std::string path;
};

Pattern PatternOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

absl::Status Fault(const MethodDescriptor& method, const std::string& what) {
  return absl::InvalidArgumentError("google.api.http of " + method.full_name() + ": " + what);
}

// Streams as NDJSON and events, others as JSON and, where they hold number series, CSV and octets.
std::vector<std::string> MediaTypesOf(const MethodDescriptor& method) {
  if (method.server_streaming()) return {kNdjson, kEventStream};
  if (HasSeries(*method.output_type())) return {kJson, kCsv, kOctets};
  return {kJson};
}

absl::StatusOr<HttpBinding> Bind(const MethodDescriptor& method, const HttpRule& rule) {
  HttpBinding binding;
  binding.method = &method;
  binding.media_types = MediaTypesOf(method);
  const Pattern pattern = PatternOf(rule);
  binding.http_method = pattern.http_method;
  binding.pattern = pattern.path;
  auto path = ParsePathTemplate(pattern.path);
  if (!path.ok()) return Fault(method, std::string(path.status().message()));
  binding.path = *std::move(path);
  const Descriptor& input = *method.input_type();
  for (const PathTemplate::Variable& variable : binding.path.variables) {
    FieldPath fields = FindFieldPath(input, variable.field_path);
    if (fields.empty() || fields.back()->is_repeated()) {
      return Fault(method, "no single field " + variable.field_path);
    }
    binding.variables.push_back(std::move(fields));
  }
  if (rule.body() == "*") {
    binding.body = HttpBinding::Body::kAll;
  } else if (!rule.body().empty()) {
    binding.body = HttpBinding::Body::kField;
    binding.body_field = input.FindFieldByName(rule.body());
    if (binding.body_field == nullptr) return Fault(method, "no field " + rule.body());
  }
  if (!rule.response_body().empty()) {
    binding.response_field = method.output_type()->FindFieldByName(rule.response_body());
    if (binding.response_field == nullptr) return Fault(method, "no field " + rule.response_body());
  }
  return binding;
}

// google/longrunning/operations.proto leaves WaitOperation without a rule; what http.proto calls
// the service configuration gives it one.
HttpRule RuleOf(const MethodDescriptor& method) {
  if (method.options().HasExtension(google::api::http)) {
    return method.options().GetExtension(google::api::http);
  }
  HttpRule rule;
  if (method.full_name() == "google.longrunning.Operations.WaitOperation") {
    rule.set_post("/v1/{name=operations/**}:wait");
    rule.set_body("*");
  }
  return rule;
}

}  // namespace

absl::StatusOr<std::vector<HttpBinding>> BindingsOf(const MethodDescriptor& method) {
  std::vector<HttpBinding> bindings;
  const HttpRule rule = RuleOf(method);
  if (rule.pattern_case() == HttpRule::PATTERN_NOT_SET) return bindings;
  auto own = Bind(method, rule);
  if (!own.ok()) return own.status();
  bindings.push_back(*std::move(own));
  for (const HttpRule& additional : rule.additional_bindings()) {
    auto other = Bind(method, additional);
    if (!other.ok()) return other.status();
    bindings.push_back(*std::move(other));
  }
  return bindings;
}

const FieldDescriptor* FindField(const Descriptor& type, std::string_view name) {
  const std::string text(name);
  const FieldDescriptor* field = type.FindFieldByName(text);
  if (field != nullptr) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == text) return type.field(i);
  }
  return nullptr;
}

FieldPath FindFieldPath(const Descriptor& type, std::string_view path) {
  FieldPath fields;
  const Descriptor* inside = &type;
  while (true) {
    if (inside == nullptr) return {};
    const std::string_view name = path.substr(0, path.find('.'));
    const FieldDescriptor* field = FindField(*inside, name);
    if (field == nullptr) return {};
    fields.push_back(field);
    if (name.size() == path.size()) return fields;
    path.remove_prefix(name.size() + 1);
    inside = field->is_repeated() ? nullptr : field->message_type();
  }
}

std::string NameOf(const FieldPath& path) {
  std::string name;
  for (const FieldDescriptor* field : path) {
    if (!name.empty()) name += '.';
    name += field->name();
  }
  return name;
}

bool IsKeptByServer(const FieldDescriptor& field) {
  if (field.name() == "etag") return true;
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    const int behaviour = options.GetExtension(google::api::field_behavior, i);
    if (behaviour == google::api::OUTPUT_ONLY || behaviour == google::api::IDENTIFIER) return true;
  }
  return false;
}

}  // namespace auscult::rest
