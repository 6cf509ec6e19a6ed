#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "server/access/caller.h"
#include "server/access/key_ring.h"

namespace auscult::server {

class TokenVerifier;

// Whether callers have to show who they are.
enum class CredentialsWanted {
  kAuto,  // once there is a key, or an issuer or a client CA is set
  kAlways,
  kNever,  // from this machine
};

// Says who calls, from what he shows: a key or a token of the issuer in `authorization`, else the
// certificate of his connection. What is shown and does not hold is refused, never passed over.
// Where nothing is shown and nothing is wanted, who calls from this machine is LocalCaller().
// Thread-safe.
class Authenticator {
 public:
  struct Options {
    CredentialsWanted wanted = CredentialsWanted::kAuto;
    bool certificates = false;   // a client CA is set
    bool http_is_local = false;  // HTTP, whose calls come from inside, is for this machine alone
  };
  // `keys` and `tokens` (null: no issuer is set) outlive it.
  Authenticator(Options options, const KeyRing* keys, TokenVerifier* tokens)
      : options_(options), keys_(keys), tokens_(tokens) {}

  // UNAUTHENTICATED with the reason; UNAVAILABLE while the issuer's keys are fetched.
  absl::StatusOr<std::shared_ptr<const Caller>> Identify(
      const grpc::CallbackServerContext& context) const;

  bool credentials_wanted() const;

 private:
  absl::StatusOr<std::shared_ptr<const Caller>> OfBearer(std::string_view authorization) const;
  absl::StatusOr<std::shared_ptr<const Caller>> WithoutCredentials(
      const grpc::CallbackServerContext& context) const;

  const Options options_;
  const KeyRing* const keys_;
  TokenVerifier* const tokens_;
};

}  // namespace auscult::server
