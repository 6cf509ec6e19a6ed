#include "server/access/json_web_token.h"

#include <algorithm>
#include <cmath>

#include "nlohmann/json.hpp"
#include "server/access/base64url.h"
#include "server/access/grants.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using nlohmann::json;
using Clock = std::chrono::system_clock;

constexpr size_t kMostBytes = 16 << 10;
constexpr std::chrono::seconds kSkew{60};
constexpr double kLatestSeconds = 253'402'300'799;  // the year 9999
// The clock counts nanoseconds, and ends in 2262: what is later counts as this, in 2255.
constexpr int64_t kLatestOfClock = 9'000'000'000;
constexpr char kRemedy[] = "have a new token made";

absl::Status Refused(std::string_view reason, std::string message) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      {.reason = reason, .message = std::move(message), .remedy = kRemedy, .field = ""});
}

absl::Status Bad(std::string message) { return Refused("BAD_TOKEN", std::move(message)); }

// The object in a part of a token; discarded where there is none.
json ObjectIn(std::string_view part, std::string* text = nullptr) {
  const std::optional<std::string> decoded = DecodeBase64Url(part);
  if (!decoded) return json(json::value_t::discarded);
  json parsed = json::parse(*decoded, nullptr, false);
  if (text != nullptr) *text = *decoded;
  return parsed.is_object() ? parsed : json(json::value_t::discarded);
}

// The time of a claim; nothing where it is absent.
absl::StatusOr<std::optional<Clock::time_point>> TimeOf(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<Clock::time_point>();
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kLatestSeconds)) {
    return Bad(Concat("the claim ", name, " of the token is no time"));
  }
  const auto whole = std::min(static_cast<int64_t>(seconds), kLatestOfClock);
  return std::optional(Clock::time_point(std::chrono::seconds(whole)));
}

bool IsFor(const json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  return found->is_array() && std::find(found->begin(), found->end(), audience) != found->end();
}

std::vector<SiteRole> RolesIn(const json& claims, const std::string& name) {
  std::vector<SiteRole> roles;
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_array()) return roles;
  for (const json& item : *found) {
    if (!item.is_string()) continue;
    absl::StatusOr<SiteRole> role = ParseSiteRole(item.get<std::string>());
    if (role.ok()) roles.push_back(*std::move(role));
  }
  return roles;
}

absl::Status CheckTimes(const json& claims, Clock::time_point now,
                        std::optional<Clock::time_point>& expires) {
  const auto expiry = TimeOf(claims, "exp");
  if (!expiry.ok()) return expiry.status();
  if (!*expiry) return Bad("the token does not say when it expires");
  if (**expiry + kSkew <= now) return Refused("TOKEN_EXPIRED", "the token has expired");
  const auto begin = TimeOf(claims, "nbf");
  if (!begin.ok()) return begin.status();
  if (*begin && **begin - kSkew > now) {
    return Refused("TOKEN_NOT_YET_VALID", "the token is not valid yet");
  }
  expires = **expiry + kSkew;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JsonWebToken> ParseToken(std::string_view text) {
  if (text.size() > kMostBytes) return Bad("the token is longer than 16 KB");
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return Bad("this is neither a key nor a signed token");
  }
  const json header = ObjectIn(text.substr(0, first));
  JsonWebToken token;
  const json claims = ObjectIn(text.substr(first + 1, second - first - 1), &token.claims);
  std::optional<std::string> signature = DecodeBase64Url(text.substr(second + 1));
  if (header.is_discarded() || claims.is_discarded() || !signature) {
    return Bad("the token cannot be read");
  }
  const auto algorithm = header.find("alg");
  const std::string name = algorithm != header.end() && algorithm->is_string()
                               ? algorithm->get<std::string>()
                               : std::string();
  const std::optional<SignatureAlgorithm> known = ParseSignatureAlgorithm(name);
  if (!known) {
    return Bad(Concat("the token is signed by ", Quoted(name), "; RS256, ES256, EdDSA are taken"));
  }
  if (header.contains("crit")) return Bad("the token has extensions that are not understood here");
  if (const auto id = header.find("kid"); id != header.end()) {
    if (!id->is_string()) return Bad("the key of the token is named by no text");
    token.key_id = id->get<std::string>();
  }
  token.algorithm = *known;
  token.signed_text = text.substr(0, second);
  token.signature = *std::move(signature);
  return token;
}

absl::StatusOr<Caller> ReadClaims(const std::string& text, const TokenRules& rules,
                                  Clock::time_point now) {
  const json claims = json::parse(text, nullptr, false);
  if (!claims.is_object()) return Bad("the token cannot be read");
  const auto issuer = claims.find("iss");
  if (issuer == claims.end() || *issuer != rules.issuer) {
    return Refused("WRONG_ISSUER", "the token is of another issuer");
  }
  if (!IsFor(claims, rules.audience)) {
    return Refused("WRONG_AUDIENCE", Concat("the token is not for ", Quoted(rules.audience)));
  }
  Caller caller;
  if (absl::Status status = CheckTimes(claims, now, caller.expires); !status.ok()) return status;
  const auto subject = claims.find("sub");
  if (subject == claims.end() || !subject->is_string() || subject->get<std::string>().empty()) {
    return Bad("the token does not say whose it is");
  }
  caller.principal = Concat(rules.issuer, "#", subject->get<std::string>());
  caller.roles = RolesIn(claims, rules.roles_claim);
  return caller;
}

}  // namespace auscult::server
