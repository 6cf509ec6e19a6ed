#include "server/rest/origin_policy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/rest/http_error.h"

namespace auscult::rest {
namespace {

constexpr char kMethods[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr char kRequestHeaders[] =
    "Accept, Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, "
    "Traceparent, Tracestate";
constexpr char kAnswerHeaders[] =
    "ETag, Retry-After, X-Request-Id, X-Series-Axis, X-Series-Columns";

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

bool IsIn(const std::vector<std::string>& names, std::string_view wanted) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return absl::EqualsIgnoreCase(name, ToAbsl(wanted));
  });
}

std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool IsAddress(std::string_view host) {
  in_addr v4{};
  in6_addr v6{};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &v6) == 1;
  }
  return inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1;
}

bool IsName(absl::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
}

template <typename Accepts>
absl::Status ParseList(std::string_view setting, std::string_view text, const char* wanted,
                       const Accepts& accepts, std::vector<std::string>& list) {
  for (absl::string_view part : absl::StrSplit(ToAbsl(text), ',', absl::SkipWhitespace())) {
    part = absl::StripAsciiWhitespace(part);
    if (!accepts(part)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(setting), ": \"", part, "\" is not ", wanted));
    }
    list.emplace_back(part.data(), part.size());
  }
  return absl::OkStatus();
}

}  // namespace

bool OriginPolicy::KnowsHost(std::string_view host) const {
  const std::string_view name = WithoutPort(host);
  return name.empty() || IsAddress(name) || absl::EqualsIgnoreCase(ToAbsl(name), "localhost") ||
         IsIn(hosts_, name);
}

OriginPolicy::Origin OriginPolicy::OriginOf(const HttpRequest& request) const {
  const std::string_view origin = request.Header("Origin");
  if (origin.empty()) return Origin::kOwn;
  // A proxy in front may speak TLS, so that the scheme tells nothing here.
  const size_t scheme = origin.find("://");
  if (scheme != origin.npos &&
      absl::EqualsIgnoreCase(ToAbsl(origin.substr(scheme + 3)), ToAbsl(request.Header("Host")))) {
    return Origin::kOwn;
  }
  return IsIn(origins_, origin) ? Origin::kAllowed : Origin::kForeign;
}

HttpResponse OriginPolicy::AnswerOptions(const HttpRequest& request) const {
  HttpResponse response;
  response.status = 204;
  response.route = "OPTIONS";
  response.headers = {{"Allow", kMethods}};
  if (request.Header("Access-Control-Request-Method").empty()) return response;
  if (OriginOf(request) == Origin::kForeign) {
    return ErrorResponse(403,
                         "pages of this origin may not call; name it in the setting cors_origins",
                         request.Header("Accept"));
  }
  response.headers.emplace_back("Access-Control-Allow-Methods", kMethods);
  response.headers.emplace_back("Access-Control-Allow-Headers", kRequestHeaders);
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

void OriginPolicy::Allow(const HttpRequest& request, HeaderFields& headers) const {
  if (!origins_.empty()) headers.emplace_back("Vary", "Origin");
  if (OriginOf(request) != Origin::kAllowed) return;
  headers.emplace_back("Access-Control-Allow-Origin", std::string(request.Header("Origin")));
  headers.emplace_back("Access-Control-Expose-Headers", kAnswerHeaders);
}

absl::Status ParseOrigins(std::string_view setting, std::string_view text,
                          std::vector<std::string>& origins) {
  const auto accepts = [](absl::string_view part) {
    const size_t scheme = part.find("://");
    if (scheme == part.npos) return false;
    const absl::string_view name = part.substr(0, scheme), host = part.substr(scheme + 3);
    return (name == "http" || name == "https") && !host.empty() &&
           host.find_first_of("/?#@* ") == host.npos;
  };
  return ParseList(setting, text, "an origin; write https://plant.example or http://10.0.0.7:3000",
                   accepts, origins);
}

absl::Status ParseHosts(std::string_view setting, std::string_view text,
                        std::vector<std::string>& hosts) {
  return ParseList(setting, text, "the name of a host; write plant.example, without a port", IsName,
                   hosts);
}

}  // namespace auscult::rest
