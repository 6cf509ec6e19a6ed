#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/access/base64url.h"

// An issuer of tokens as tests need it, with its own small implementation of the signer's side.
namespace auscult::server {

using Json = nlohmann::json;

inline int64_t SecondsNow() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A key pair of one of the kinds that are taken: "RS256", "ES256" or "EdDSA".
class SigningKey {
 public:
  SigningKey(std::string algorithm, std::string id)
      : algorithm_(std::move(algorithm)), id_(std::move(id)) {
    EVP_PKEY* made = algorithm_ == "RS256"
                         ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048})
                     : algorithm_ == "ES256" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                             : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (made == nullptr) std::abort();
    key_ = std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free);
  }

  const std::string& id() const { return id_; }
  const std::string& algorithm() const { return algorithm_; }

  // The public half as a JSON Web Key.
  Json PublicJwk() const {
    Json jwk = {{"kid", id_}, {"use", "sig"}, {"alg", algorithm_}};
    if (algorithm_ == "RS256") {
      jwk["kty"] = "RSA";
      jwk["n"] = Number(OSSL_PKEY_PARAM_RSA_N, 0);
      jwk["e"] = Number(OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (algorithm_ == "ES256") {
      jwk["kty"] = "EC";
      jwk["crv"] = "P-256";
      jwk["x"] = Number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
      jwk["y"] = Number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    } else {
      unsigned char raw[32];
      size_t size = sizeof raw;
      if (EVP_PKEY_get_raw_public_key(key_.get(), raw, &size) != 1) std::abort();
      jwk["kty"] = "OKP";
      jwk["crv"] = "Ed25519";
      jwk["x"] = EncodeBase64Url({reinterpret_cast<char*>(raw), size});
    }
    return jwk;
  }

  std::string Signature(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
    size_t size = 1024;
    std::string signature(size, '\0');
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes, text.size()) != 1) {
      std::abort();
    }
    signature.resize(size);
    return algorithm_ == "ES256" ? SideBySide(signature) : signature;
  }

 private:
  std::string Number(const char* name, int width) const {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &number) != 1) std::abort();
    std::string bytes(static_cast<size_t>(width == 0 ? BN_num_bytes(number) : width), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(number);
    return EncodeBase64Url(bytes);
  }

  static std::string SideBySide(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + 32, 32);
    ECDSA_SIG_free(numbers);
    return raw;
  }

  std::string algorithm_, id_;
  std::shared_ptr<EVP_PKEY> key_;
};

// The first two parts of a token.
inline std::string SignedPart(const Json& header, const Json& claims) {
  return EncodeBase64Url(header.dump()) + "." + EncodeBase64Url(claims.dump());
}

inline std::string SignedToken(const SigningKey& key, const Json& claims) {
  const std::string text = SignedPart({{"alg", key.algorithm()}, {"kid", key.id()}}, claims);
  return text + "." + EncodeBase64Url(key.Signature(text));
}

// As somebody without a key would make it.
inline std::string UnsignedToken(const Json& claims, const std::string& key_id) {
  return SignedPart({{"alg", "none"}, {"kid", key_id}}, claims) + ".";
}

// Signed with what everybody can read, as if it were a shared secret.
inline std::string HmacToken(const Json& claims, const std::string& secret,
                             const std::string& key_id) {
  const std::string text = SignedPart({{"alg", "HS256"}, {"kid", key_id}}, claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + EncodeBase64Url({reinterpret_cast<char*>(mac), size});
}

inline constexpr char kTestIssuer[] = "https://login.test/";
inline constexpr char kTestAudience[] = "auscult";

inline Json ClaimsOf(const std::string& subject, const std::vector<std::string>& roles) {
  return {{"iss", kTestIssuer},
          {"aud", kTestAudience},
          {"sub", subject},
          {"exp", SecondsNow() + 600},
          {"auscult_roles", roles}};
}

inline std::string KeySetOf(const std::vector<SigningKey>& keys) {
  Json set = {{"keys", Json::array()}};
  for (const SigningKey& key : keys) set["keys"].push_back(key.PublicJwk());
  return set.dump();
}

}  // namespace auscult::server
