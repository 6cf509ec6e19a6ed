#pragma once

#include <memory>

#include "absl/status/status.h"
#include "db/postgres.h"
#include "server/access/authenticator.h"
#include "server/access/gate.h"
#include "server/access/issuer_keys.h"
#include "server/access/key_ring.h"
#include "server/access/token_verifier.h"
#include "server/config.h"

namespace auscult::server {

// Who may call a server: its gate, with all that this looks at, as the settings have it.
// Thread-safe.
class AccessControl {
 public:
  // The settings were checked with CheckTokenSettings. What asks the issuer begins at once.
  // `tenants` must outlive it.
  AccessControl(const Config& config, Tenants* tenants);

  // Reads the keys of the database; to be called before the first call and every second.
  absl::Status Refresh(db::Connection& connection) { return keys_.Refresh(connection); }

  const Gate& gate() const { return gate_; }
  KeyRing& keys() { return keys_; }
  bool credentials_wanted() const { return authenticator_.credentials_wanted(); }

 private:
  KeyRing keys_;
  std::unique_ptr<IssuerKeys> issuer_;  // null: tokens are not taken
  std::unique_ptr<TokenVerifier> tokens_;
  const Authenticator authenticator_;
  const Gate gate_;
};

}  // namespace auscult::server
