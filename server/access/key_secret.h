#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace auscult::server {

// What a secret begins with, so that it is told from a token, and found where it should not be.
inline constexpr std::string_view kSecretPrefix = "ak_";

// A new secret: the prefix and 256 random bits in base64url. UNAVAILABLE where the system gives no
// randomness.
absl::StatusOr<std::string> MakeSecret();

// SHA-256, 32 bytes. A secret has as much randomness as the hash has bits, so that it needs no
// salt and no stretching.
std::string HashSecret(std::string_view secret);

}  // namespace auscult::server
