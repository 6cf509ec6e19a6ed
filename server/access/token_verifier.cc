#include "server/access/token_verifier.h"

#include <chrono>
#include <utility>

#include "server/access/http_fetch.h"
#include "server/access/key_secret.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::system_clock;

constexpr size_t kMostRemembered = 4096;
constexpr std::chrono::milliseconds kRetryAfter{1000};

absl::Status Refused(std::string_view reason, std::string message, std::string remedy) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      {.reason = reason, .message = std::move(message), .remedy = std::move(remedy), .field = ""});
}

}  // namespace

absl::Status CheckTokenSettings(const Config& config) {
  if (config.oidc_issuer.empty()) {
    if (config.oidc_audience.empty() && config.oidc_jwks.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "oidc_audience and oidc_jwks mean nothing without oidc_issuer; set it, or leave them out");
  }
  if (config.oidc_audience.empty()) {
    return absl::InvalidArgumentError(
        "oidc_issuer is set without oidc_audience: tokens that were made for others would be "
        "taken; set it to what the issuer calls this server");
  }
  const bool is_file = !config.oidc_jwks.empty() && !config.oidc_jwks.starts_with("http");
  if (is_file) return absl::OkStatus();
  const bool by_issuer = config.oidc_jwks.empty();
  const absl::Status status = CheckFetchUrl(by_issuer ? config.oidc_issuer : config.oidc_jwks);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      Concat(by_issuer ? "oidc_issuer: " : "oidc_jwks: ", std::string(status.message())));
}

absl::StatusOr<std::shared_ptr<const Caller>> TokenVerifier::Verify(std::string_view token) {
  const std::shared_ptr<const IssuerKeys::Set> keys = keys_->current();
  const std::string hash = HashSecret(token);
  if (std::shared_ptr<const Caller> known = Remembered(keys->number, hash)) return known;
  auto caller = VerifyAnew(*keys, token);
  if (caller.ok()) Remember(keys->number, hash, *caller);
  return caller;
}

absl::StatusOr<std::shared_ptr<const Caller>> TokenVerifier::VerifyAnew(const IssuerKeys::Set& keys,
                                                                        std::string_view text) {
  const absl::StatusOr<JsonWebToken> token = ParseToken(text);
  if (!token.ok()) return token.status();
  const absl::StatusOr<const JsonWebKey*> key = KeyOf(keys, *token);
  if (!key.ok()) return key.status();
  if (!(*key)->Verifies(token->signed_text, token->signature)) {
    return Refused("BAD_TOKEN", "the signature of the token is not that of its key",
                   "have a new token made");
  }
  absl::StatusOr<Caller> caller = ReadClaims(token->claims, rules_, Clock::now());
  if (!caller.ok()) return caller.status();
  return std::make_shared<const Caller>(*std::move(caller));
}

absl::StatusOr<const JsonWebKey*> TokenVerifier::KeyOf(const IssuerKeys::Set& keys,
                                                       const JsonWebToken& token) {
  if (token.key_id.empty() && keys.keys.size() > 1) {
    return Refused("BAD_TOKEN", "the token does not name its key, and the issuer has several",
                   "have the issuer write kid into its tokens");
  }
  bool named = false;
  for (const JsonWebKey& key : keys.keys) {
    if (!token.key_id.empty() && key.id() != token.key_id) continue;
    named = true;
    if (key.algorithm() == token.algorithm) return &key;
  }
  if (named) {
    return Refused("BAD_TOKEN", "the key of the token is for another algorithm",
                   "have a new token made");
  }
  if (keys_->AskForFresh() || keys.number == 0) {
    return AskToRetry(MakeError(absl::StatusCode::kUnavailable,
                                {.reason = "ISSUER_UNAVAILABLE",
                                 .message = "the keys of the issuer are being fetched",
                                 .remedy = "try again after the time given",
                                 .field = ""}),
                      kRetryAfter);
  }
  return Refused("UNKNOWN_SIGNING_KEY",
                 Concat("the issuer has no key ", Quoted(token.key_id), " that is taken here"),
                 "have a new token made; new keys of the issuer are known within half a minute");
}

std::shared_ptr<const Caller> TokenVerifier::Remembered(int64_t keys, const std::string& hash) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(known_by_keys_, keys) != keys) known_.clear();
  const auto found = known_.find(hash);
  if (found == known_.end()) return nullptr;
  if (found->second->expires > Clock::now()) return found->second;
  known_.erase(found);
  return nullptr;
}

void TokenVerifier::Remember(int64_t keys, const std::string& hash,
                             std::shared_ptr<const Caller> caller) {
  const std::lock_guard lock(mutex_);
  if (known_by_keys_ != keys) return;
  if (known_.size() >= kMostRemembered) {
    std::erase_if(known_, [](const auto& item) { return item.second->expires <= Clock::now(); });
  }
  if (known_.size() >= kMostRemembered) known_.clear();
  known_.emplace(hash, std::move(caller));
}

}  // namespace auscult::server
