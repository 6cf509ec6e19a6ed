#include "server/rest/request_message.h"

#include <set>
#include <utility>
#include <vector>

#include "google/protobuf/field_mask.pb.h"
#include "server/rest/field_text.h"
#include "server/rest/json_reader.h"
#include "server/rest/percent_code.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Message& Inside(Message& message, const FieldPath& path) {
  Message* inside = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    inside = inside->GetReflection()->MutableMessage(inside, path[i]);
  }
  return *inside;
}

absl::Status SetAt(Message& message, const FieldPath& path, const std::string& text) {
  return SetFieldFromText(Inside(message, path), *path.back(), text, NameOf(path));
}

// The mask of an update, where the request has one.
const FieldDescriptor* FindMask(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByName("update_mask");
  return field != nullptr && field->message_type() == google::protobuf::FieldMask::descriptor()
             ? field
             : nullptr;
}

absl::Status FillFromBody(const HttpBinding& binding, const HttpRequest& request,
                          std::vector<std::string>& set_paths, Message& message) {
  if (binding.body == HttpBinding::Body::kAll) {
    // A custom verb without arguments needs no body.
    if (request.body.empty()) return absl::OkStatus();
    return ReadJson({.text = request.body}, message);
  }
  const FieldDescriptor& field = *binding.body_field;
  if (request.body.empty()) {
    return Refuse({.reason = "MISSING_BODY",
                   .message = "the body is empty",
                   .remedy = "send " + field.json_name() + " as JSON",
                   .field = field.name()});
  }
  if (field.message_type() == nullptr || field.is_repeated()) {
    return ReadFieldJson({.text = request.body, .path = field.name()}, field, message);
  }
  Message& resource = *message.GetReflection()->MutableMessage(&message, &field);
  return ReadJson({.text = request.body, .path = field.name()}, resource, &set_paths);
}

// True where the binding takes the field from elsewhere.
bool IsTaken(const HttpBinding& binding, const FieldPath& path) {
  if (binding.body == HttpBinding::Body::kField && path.front() == binding.body_field) return true;
  for (const FieldPath& variable : binding.variables) {
    if (variable == path) return true;
  }
  return false;
}

std::string ParametersOf(const HttpBinding& binding) {
  const Descriptor& type = *binding.method->input_type();
  std::string names;
  for (int i = 0; i < type.field_count(); ++i) {
    if (binding.body == HttpBinding::Body::kAll || IsTaken(binding, {type.field(i)})) continue;
    names += (names.empty() ? "" : ", ") + type.field(i)->json_name();
  }
  return names;
}

absl::Status UnknownParameter(const HttpBinding& binding, const std::string& name) {
  const std::string shown = IsUtf8(name) ? name : "what is no UTF-8";
  const std::string known = ParametersOf(binding);
  return Refuse({.reason = "UNKNOWN_PARAMETER",
                 .message = "\"" + shown + "\" is no query parameter of this call",
                 .remedy = !known.empty() ? "its parameters are " + known
                           : binding.body == HttpBinding::Body::kAll
                               ? "it takes none: all stands in the body"
                               : "it takes none",
                 .field = shown});
}

absl::Status FillFromQuery(const HttpBinding& binding, const HttpRequest& request,
                           Message& message) {
  const auto parameters = ParseQuery(request.query);
  if (!parameters) {
    return Refuse({.reason = "BAD_QUERY",
                   .message = "the query is not percent-encoded well",
                   .remedy = "write a '%' as %25"});
  }
  std::set<std::string> seen;
  for (const auto& [name, value] : *parameters) {
    const FieldPath path = FindFieldPath(*binding.method->input_type(), name);
    if (path.empty() || binding.body == HttpBinding::Body::kAll || IsTaken(binding, path)) {
      return UnknownParameter(binding, name);
    }
    if (!path.back()->is_repeated() && !seen.insert(NameOf(path)).second) {
      return Refuse({.reason = "TWICE",
                     .message = "the query has " + NameOf(path) + " twice",
                     .remedy = "send it once",
                     .field = NameOf(path)});
    }
    if (absl::Status set = SetAt(message, path, value); !set.ok()) return set;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FillFromQueryAndPath(const Route& route, const HttpRequest& request,
                                  Message& message) {
  const HttpBinding& binding = *route.binding;
  if (absl::Status filled = FillFromQuery(binding, request, message); !filled.ok()) return filled;
  for (size_t i = 0; i < route.values.size(); ++i) {
    absl::Status set = SetAt(message, binding.variables[i], route.values[i]);
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

absl::Status FillRequest(const Route& route, const HttpRequest& request, Message& message) {
  const HttpBinding& binding = *route.binding;
  std::vector<std::string> set_paths;
  if (binding.body != HttpBinding::Body::kNone) {
    absl::Status filled = FillFromBody(binding, request, set_paths, message);
    if (!filled.ok()) return filled;
  }
  if (absl::Status filled = FillFromQueryAndPath(route, request, message); !filled.ok()) {
    return filled;
  }
  const FieldDescriptor* mask = FindMask(*binding.method->input_type());
  if (binding.http_method == "PATCH" && mask != nullptr &&
      !message.GetReflection()->HasField(message, mask)) {
    auto& paths = static_cast<google::protobuf::FieldMask&>(
        *message.GetReflection()->MutableMessage(&message, mask));
    for (std::string& path : set_paths) paths.add_paths(std::move(path));
  }
  return absl::OkStatus();
}

EtagField FindEtagField(const HttpBinding& binding, Message& message) {
  const FieldDescriptor* own = message.GetDescriptor()->FindFieldByName("etag");
  if (own != nullptr) return {&message, own};
  const FieldDescriptor* resource = binding.body_field;
  if (resource == nullptr || resource->message_type() == nullptr || resource->is_repeated()) {
    return {};
  }
  const FieldDescriptor* inner = resource->message_type()->FindFieldByName("etag");
  if (inner == nullptr) return {};
  return {message.GetReflection()->MutableMessage(&message, resource), inner};
}

}  // namespace auscult::rest
