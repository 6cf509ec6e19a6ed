#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "server/access/caller.h"
#include "server/access/issuer_keys.h"
#include "server/access/json_web_token.h"
#include "server/config.h"

namespace auscult::server {

// INVALID_ARGUMENT where the settings of the issuer cannot be used: an issuer without audience, a
// URL that is not https.
absl::Status CheckTokenSettings(const Config& config);

// Says who bears a token of the issuer. Thread-safe; waits for nothing. Remembers the tokens that
// it verified, for as long as they and the issuer's keys hold.
class TokenVerifier {
 public:
  // `keys` outlives it.
  TokenVerifier(TokenRules rules, IssuerKeys* keys) : rules_(std::move(rules)), keys_(keys) {}

  // UNAUTHENTICATED: what ParseToken and ReadClaims say, UNKNOWN_SIGNING_KEY, BAD_TOKEN for a
  // signature that is not the key's. UNAVAILABLE (ISSUER_UNAVAILABLE) while keys are fetched among
  // which the token's may be.
  absl::StatusOr<std::shared_ptr<const Caller>> Verify(std::string_view token);

 private:
  absl::StatusOr<std::shared_ptr<const Caller>> VerifyAnew(const IssuerKeys::Set& keys,
                                                           std::string_view token);
  absl::StatusOr<const JsonWebKey*> KeyOf(const IssuerKeys::Set& keys, const JsonWebToken& token);
  std::shared_ptr<const Caller> Remembered(int64_t keys, const std::string& hash);
  void Remember(int64_t keys, const std::string& hash, std::shared_ptr<const Caller> caller);

  const TokenRules rules_;
  IssuerKeys* const keys_;
  std::mutex mutex_;
  int64_t known_by_keys_ = 0;  // the set by which `known_` was verified
  std::unordered_map<std::string, std::shared_ptr<const Caller>> known_;  // by SHA-256
};

}  // namespace auscult::server
