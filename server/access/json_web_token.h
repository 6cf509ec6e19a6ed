#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/caller.h"
#include "server/access/json_web_key.h"

namespace auscult::server {

// A signed token in compact form (RFC 7515, RFC 7519), taken apart and not yet believed.
struct JsonWebToken {
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRs256;
  std::string key_id;  // "" where it names none
  std::string signed_text, signature;
  std::string claims;  // JSON
};

// UNAUTHENTICATED (BAD_TOKEN): not of three parts in strict base64url, longer than 16 KB, signed by
// an algorithm that is not taken, or with extensions that have to be understood.
absl::StatusOr<JsonWebToken> ParseToken(std::string_view token);

// Of whom the token has to be, and for whom.
struct TokenRules {
  std::string issuer, audience;
  std::string roles_claim;  // holds "operator@hamburg", "viewer": at all sites
};

// Who bears a token whose signature was verified. Roles that are not known are passed over.
// UNAUTHENTICATED: WRONG_ISSUER, WRONG_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, by clocks that
// differ by a minute; BAD_TOKEN where a claim is missing or of the wrong kind.
absl::StatusOr<Caller> ReadClaims(const std::string& claims, const TokenRules& rules,
                                  std::chrono::system_clock::time_point now);

}  // namespace auscult::server
