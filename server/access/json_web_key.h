#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

struct evp_pkey_st;

namespace auscult::server {

// The signatures that are taken (RFC 7518, RFC 8037); "none" and those with a shared secret are
// not.
enum class SignatureAlgorithm { kRs256, kEs256, kEdDsa };

std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(std::string_view name);

// A public key of an issuer, which verifies by one algorithm alone: the one that its kind is for.
// Immutable.
class JsonWebKey {
 public:
  // Of one object of a set: RSA of 2048 to 8192 bits for RS256, P-256 for ES256, Ed25519 for EdDSA,
  // and not meant for anything but signatures. INVALID_ARGUMENT for every other key.
  static absl::StatusOr<JsonWebKey> Parse(const std::string& json);

  const std::string& id() const { return id_; }  // "" where it has none
  SignatureAlgorithm algorithm() const { return algorithm_; }

  // Whether the signature, as it stands in a token, is that of the text.
  bool Verifies(std::string_view text, std::string_view signature) const;

 private:
  std::string id_;
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::kRs256;
  std::shared_ptr<evp_pkey_st> key_;
};

// The usable keys of a JSON Web Key Set (RFC 7517); others are passed over. INVALID_ARGUMENT for
// text that is no such set.
absl::StatusOr<std::vector<JsonWebKey>> ParseKeySet(const std::string& json);

}  // namespace auscult::server
