#include "server/access/access_control.h"

#include "server/listen_address.h"

namespace auscult::server {
namespace {

CredentialsWanted WantedBy(const Config& config) {
  if (config.auth == "required") return CredentialsWanted::kAlways;
  return config.auth == "off" ? CredentialsWanted::kNever : CredentialsWanted::kAuto;
}

Authenticator::Options OptionsOf(const Config& config) {
  const auto http = ParseListenAddress("rest_listen", config.rest_listen);
  return {.wanted = WantedBy(config),
          .certificates = !config.tls_client_ca.empty(),
          .http_is_local = http.ok() && http->is_loopback()};
}

std::unique_ptr<IssuerKeys> IssuerOf(const Config& config) {
  if (config.oidc_issuer.empty()) return nullptr;
  return std::make_unique<IssuerKeys>(
      IssuerKeys::Source{.issuer = config.oidc_issuer, .jwks = config.oidc_jwks});
}

std::unique_ptr<TokenVerifier> TokensOf(const Config& config, IssuerKeys* issuer) {
  if (issuer == nullptr) return nullptr;
  return std::make_unique<TokenVerifier>(TokenRules{.issuer = config.oidc_issuer,
                                                    .audience = config.oidc_audience,
                                                    .roles_claim = config.oidc_roles_claim},
                                         issuer);
}

}  // namespace

AccessControl::AccessControl(const Config& config, Tenants* tenants)
    : issuer_(IssuerOf(config)),
      tokens_(TokensOf(config, issuer_.get())),
      authenticator_(OptionsOf(config), &keys_, tokens_.get()),
      gate_(
          [this](const grpc::CallbackServerContext& context) {
            return authenticator_.Identify(context);
          },
          tenants, [this](const Caller& caller) { return keys_.CheckStillHolds(caller); }) {}

}  // namespace auscult::server
