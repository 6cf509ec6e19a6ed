#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "server/rest/exchange.h"
#include "server/rest/route_table.h"
#include "server/rest/unary_call.h"

namespace auscult::rest {

inline std::string PercentEncode(const std::string& text, bool keep_slashes) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                       c == '.' || c == '~' || (c == '/' && keep_slashes);
    char hex[4];
    std::snprintf(hex, sizeof(hex), "%%%02X", static_cast<unsigned char>(c));
    encoded += plain ? std::string(1, c) : hex;
  }
  return encoded;
}

inline void AppendQuery(const nlohmann::json& value, const std::string& name, std::string& query) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      AppendQuery(inner, name.empty() ? key : name + "." + key, query);
    }
  } else if (value.is_array()) {
    for (const auto& inner : value) AppendQuery(inner, name, query);
  } else {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    query += (query.empty() ? "" : "&") + name + "=" + PercentEncode(text, false);
  }
}

// What a client sends for a request by the binding, as http.proto has it; nothing where the names
// in the request do not fit its path.
inline std::optional<HttpRequest> HttpRequestOf(const RouteTable& routes,
                                                const HttpBinding& binding,
                                                const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> rest(request.New());
  rest->CopyFrom(request);
  HttpRequest http;
  http.method = binding.http_method;
  std::vector<std::string> values;
  std::string path = binding.pattern;
  for (const FieldPath& variable : binding.variables) {
    google::protobuf::Message* inside = rest.get();
    for (size_t i = 0; i + 1 < variable.size(); ++i) {
      inside = inside->GetReflection()->MutableMessage(inside, variable[i]);
    }
    values.push_back(inside->GetReflection()->GetString(*inside, variable.back()));
    inside->GetReflection()->ClearField(inside, variable.back());
    const size_t first = path.find('{');
    path.replace(first, path.find('}') - first + 1, PercentEncode(values.back(), true));
  }
  const auto route = routes.Find(http.method, path);
  if (!route.ok() || route->binding != &binding || route->values != values) return std::nullopt;
  http.path = path;
  std::string text;
  if (binding.body == HttpBinding::Body::kField) {
    const auto& body = rest->GetReflection()->GetMessage(*rest, binding.body_field);
    if (!google::protobuf::util::MessageToJsonString(body, &http.body).ok()) return std::nullopt;
    rest->GetReflection()->ClearField(rest.get(), binding.body_field);
  }
  if (!google::protobuf::util::MessageToJsonString(*rest, &text).ok()) return std::nullopt;
  if (binding.body == HttpBinding::Body::kAll) {
    http.body = text;
  } else {
    AppendQuery(nlohmann::json::parse(text), "", http.query);
  }
  if (!http.body.empty()) http.headers.emplace_back("Content-Type", "application/json");
  return http;
}

}  // namespace auscult::rest
