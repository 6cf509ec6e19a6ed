#include "server/access/json_web_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "nlohmann/json.hpp"
#include "server/access/base64url.h"

namespace auscult::server {
namespace {

using nlohmann::json;

constexpr int kFewestRsaBits = 2048, kMostRsaBits = 8192;
constexpr size_t kMostExponentBytes = 8;
constexpr size_t kFieldBytes = 32;  // of P-256 and of Ed25519

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* held) const { Free(held); }
};
using BigNumber = std::unique_ptr<BIGNUM, Freed<BIGNUM, BN_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM, OSSL_PARAM_free>>;
using ParamsBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG, ECDSA_SIG_free>>;
using PublicKey = std::shared_ptr<EVP_PKEY>;

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PublicKey Hold(EVP_PKEY* key) { return key == nullptr ? nullptr : PublicKey(key, EVP_PKEY_free); }

BigNumber NumberOf(std::string_view bytes) {
  return BigNumber(BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string TextAt(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

// "" for what is no base64url too: no key has an empty part.
std::string BytesAt(const json& object, const char* name) {
  return DecodeBase64Url(TextAt(object, name)).value_or("");
}

// A public key of this kind that OpenSSL finds sound.
PublicKey Build(const char* kind, const ParamsBuilder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  PublicKey key = Hold(made);
  const KeyContext check(EVP_PKEY_CTX_new(key.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

PublicKey RsaKey(const json& object) {
  const std::string modulus = BytesAt(object, "n"), exponent = BytesAt(object, "e");
  if (modulus.empty() || exponent.empty() || exponent.size() > kMostExponentBytes) return nullptr;
  const BigNumber n = NumberOf(modulus), e = NumberOf(exponent);
  const int bits = n ? BN_num_bits(n.get()) : 0;
  if (bits < kFewestRsaBits || bits > kMostRsaBits || !e || !BN_is_odd(e.get()) ||
      BN_is_one(e.get())) {
    return nullptr;
  }
  const ParamsBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return Build("RSA", builder);
}

PublicKey EcKey(const json& object) {
  const std::string x = BytesAt(object, "x"), y = BytesAt(object, "y");
  if (x.size() != kFieldBytes || y.size() != kFieldBytes) return nullptr;
  const std::string point = "\x04" + x + y;  // uncompressed, SEC 1 section 2.3.3
  const ParamsBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return Build("EC", builder);
}

PublicKey Ed25519Key(const json& object) {
  const std::string x = BytesAt(object, "x");
  if (x.size() != kFieldBytes) return nullptr;
  return Hold(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, BytesOf(x), x.size()));
}

// As OpenSSL takes it, of the two numbers side by side (RFC 7518 section 3.4). "" for another size.
std::string DerSignature(std::string_view signature) {
  if (signature.size() != 2 * kFieldBytes) return "";
  const EcdsaSignature numbers(ECDSA_SIG_new());
  BigNumber r = NumberOf(signature.substr(0, kFieldBytes));
  BigNumber s = NumberOf(signature.substr(kFieldBytes));
  if (!numbers || !r || !s || ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) return "";
  (void)r.release();  // of the signature now
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  if (size <= 0) return "";
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

bool IsForSignatures(const json& object) {
  if (object.contains("use") && TextAt(object, "use") != "sig") return false;
  const auto operations = object.find("key_ops");
  if (operations == object.end()) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

}  // namespace

std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(std::string_view name) {
  if (name == "RS256") return SignatureAlgorithm::kRs256;
  if (name == "ES256") return SignatureAlgorithm::kEs256;
  if (name == "EdDSA") return SignatureAlgorithm::kEdDsa;
  return std::nullopt;
}

absl::StatusOr<JsonWebKey> JsonWebKey::Parse(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  const auto refuse = [](const char* why) { return absl::InvalidArgumentError(why); };
  if (!object.is_object()) return refuse("no JSON object");
  if (!IsForSignatures(object)) return refuse("not for signatures");
  const std::string kind = TextAt(object, "kty"), curve = TextAt(object, "crv");
  JsonWebKey key;
  key.id_ = TextAt(object, "kid");
  if (kind == "RSA") {
    key.algorithm_ = SignatureAlgorithm::kRs256;
    key.key_ = RsaKey(object);
  } else if (kind == "EC" && curve == "P-256") {
    key.algorithm_ = SignatureAlgorithm::kEs256;
    key.key_ = EcKey(object);
  } else if (kind == "OKP" && curve == "Ed25519") {
    key.algorithm_ = SignatureAlgorithm::kEdDsa;
    key.key_ = Ed25519Key(object);
  } else {
    return refuse("of a kind that is not taken");
  }
  if (object.contains("alg") && ParseSignatureAlgorithm(TextAt(object, "alg")) != key.algorithm_) {
    return refuse("for another algorithm");
  }
  if (key.key_ == nullptr) return refuse("not a sound key");
  return key;
}

bool JsonWebKey::Verifies(std::string_view text, std::string_view signature) const {
  std::string der;
  if (algorithm_ == SignatureAlgorithm::kEs256) {
    der = DerSignature(signature);
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm_ == SignatureAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  return context && !signature.empty() &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), BytesOf(signature), signature.size(), BytesOf(text),
                          text.size()) == 1;
}

absl::StatusOr<std::vector<JsonWebKey>> ParseKeySet(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains("keys") || !object["keys"].is_array()) {
    return absl::InvalidArgumentError("no JSON Web Key Set");
  }
  std::vector<JsonWebKey> keys;
  for (const json& item : object["keys"]) {
    absl::StatusOr<JsonWebKey> key = JsonWebKey::Parse(item.dump());
    if (key.ok()) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace auscult::server
