#include "server/access/key_secret.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "absl/strings/escaping.h"
#include "server/concat.h"

namespace auscult::server {
namespace {

constexpr size_t kSecretBytes = 32, kHashBytes = 32;

}  // namespace

absl::StatusOr<std::string> MakeSecret() {
  std::array<unsigned char, kSecretBytes> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return absl::UnavailableError("the system gives no random numbers");
  }
  const absl::string_view raw(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return Concat(kSecretPrefix, absl::WebSafeBase64Escape(raw));
}

std::string HashSecret(std::string_view secret) {
  std::string hash(kHashBytes, '\0');
  EVP_Digest(secret.data(), secret.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
             EVP_sha256(), nullptr);
  return hash;
}

}  // namespace auscult::server
