#include "tests/fuzz/token_target.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "server/access/json_web_key.h"
#include "server/access/json_web_token.h"

namespace auscult::fuzz {
namespace {

using server::JsonWebToken;

const server::TokenRules kRules = {
    .issuer = "https://id.example", .audience = "auscult", .roles_claim = "roles"};

void CheckClaims(const std::string& claims) {
  const auto now = std::chrono::system_clock::from_time_t(1'700'000'000);
  const auto caller = server::ReadClaims(claims, kRules, now);
  if (!caller.ok()) {
    if (!absl::IsUnauthenticated(caller.status()) || caller.status().message().empty()) {
      std::abort();
    }
    return;
  }
  if (!caller->principal.starts_with(kRules.issuer + "#") || server::IsLocal(*caller)) std::abort();
  if (!caller->expires || *caller->expires < now - std::chrono::minutes(2)) std::abort();
}

void CheckKeys(const std::string& json, const absl::StatusOr<JsonWebToken>& token) {
  const auto keys = server::ParseKeySet(json);
  if (!keys.ok()) {
    if (keys.status().message().empty()) std::abort();
    return;
  }
  if (!token.ok()) return;
  for (const server::JsonWebKey& key : *keys) {
    if (!key.Verifies(token->signed_text, token->signature)) continue;
    if (key.Verifies(token->signed_text + "x", token->signature)) std::abort();
  }
}

}  // namespace

void TryToken(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const std::string rest(bytes.substr(std::min(bytes.size(), line.size() + 1)));
  const auto token = server::ParseToken(line);
  if (token.ok()) {
    CheckClaims(token->claims);
  } else if (!absl::IsUnauthenticated(token.status()) || token.status().message().empty()) {
    std::abort();
  }
  CheckClaims(rest);
  CheckKeys(rest, token);
}

}  // namespace auscult::fuzz
