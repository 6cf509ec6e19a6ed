#include "server/access/authenticator.h"

#include <grpc/grpc_security_constants.h>

#include <vector>

#include "absl/strings/match.h"
#include "server/access/key_secret.h"
#include "server/access/token_verifier.h"
#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

constexpr std::string_view kScheme = "bearer ";

absl::Status Refused(std::string_view reason, std::string message, std::string remedy) {
  return MakeError(
      absl::StatusCode::kUnauthenticated,
      {.reason = reason, .message = std::move(message), .remedy = std::move(remedy), .field = ""});
}

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

// Names of the certificate that the transport verified: URI and DNS alternatives, the common name
// where it has no alternatives at all.
std::vector<std::string> CertificateNames(const grpc::CallbackServerContext& context) {
  std::vector<std::string> names;
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return names;
  for (const char* property : {GRPC_PEER_URI_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : peer->FindPropertyValues(property)) {
      names.emplace_back(View(name));
    }
  }
  if (!peer->FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME).empty()) return names;
  for (const grpc::string_ref& name : peer->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME)) {
    names.emplace_back(View(name));
  }
  return names;
}

bool IsFromThisMachine(std::string_view peer) {
  for (const std::string_view prefix : {"ipv4:127.", "ipv6:[::1]", "ipv6:%5B::1%5D",
                                        "ipv6:[::ffff:127.", "ipv6:%5B::ffff:127.", "unix:"}) {
    if (peer.starts_with(prefix)) return true;
  }
  return false;
}

// Every connection says how it is secured, be it not at all; a call within the process has none.
// Its peer is "unknown" (gRPC 1.51).
bool IsFromInside(const grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  return peer == nullptr ||
         peer->FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME).empty();
}

}  // namespace

bool Authenticator::credentials_wanted() const {
  if (options_.wanted != CredentialsWanted::kAuto) {
    return options_.wanted == CredentialsWanted::kAlways;
  }
  return options_.certificates || tokens_ != nullptr || keys_->has_keys();
}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::Identify(
    const grpc::CallbackServerContext& context) const {
  const auto& metadata = context.client_metadata();
  const auto authorization = metadata.find("authorization");
  if (authorization != metadata.end()) return OfBearer(View(authorization->second));
  absl::Status unknown;
  for (const std::string& name : CertificateNames(context)) {
    auto caller = keys_->FindCertificate(name);
    if (caller.ok() || ReasonOf(caller.status()) != "UNKNOWN_CERTIFICATE") return caller;
    if (unknown.ok()) unknown = caller.status();
  }
  if (!unknown.ok()) return unknown;
  return WithoutCredentials(context);
}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::OfBearer(
    std::string_view authorization) const {
  if (!absl::StartsWithIgnoreCase(ToAbsl(authorization), ToAbsl(kScheme))) {
    return Refused("BAD_CREDENTIALS", "the authorization is not that of a bearer",
                   "send \"authorization: Bearer\" with a key or a token");
  }
  const std::string_view credential = authorization.substr(kScheme.size());
  if (credential.starts_with(kSecretPrefix)) return keys_->FindSecret(credential);
  if (tokens_ != nullptr) return tokens_->Verify(credential);
  return Refused("BAD_TOKEN", "no issuer of tokens is set, and this is no key",
                 "send a key, or have the server's setting oidc_issuer set");
}

absl::StatusOr<std::shared_ptr<const Caller>> Authenticator::WithoutCredentials(
    const grpc::CallbackServerContext& context) const {
  if (!credentials_wanted()) {
    const bool may =
        IsFromInside(context) ? options_.http_is_local : IsFromThisMachine(context.peer());
    if (may) return LocalCaller();
  }
  return Refused("NO_CREDENTIALS", "the call shows no key, no token and no certificate",
                 "send \"authorization: Bearer\" with a key (auscult --key-file, AUSCULT_KEY)");
}

}  // namespace auscult::server
