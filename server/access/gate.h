#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "server/access/caller.h"
#include "server/access/role_table.h"

namespace auscult::server {

class Tenant;
class Tenants;

// A call that may be made, and by whom.
struct Admitted {
  std::shared_ptr<const Caller> caller;
  const CallRule* rule = nullptr;
  std::shared_ptr<Tenant> key = nullptr;  // whose quota is charged; null: nobody's
};

// Whether the caller may make the call of this rule with this request. A site at which he holds
// nothing is answered like one that does not exist, NOT_FOUND with the reason of what is named;
// PERMISSION_DENIED (ROLE_REQUIRED) says which role is needed where.
absl::Status Judge(const Caller& caller, const CallRule& rule,
                   const google::protobuf::Message& request);

// The same for one name of a resource of a site: "sites/a/assets/b". `field`: its path.
absl::Status JudgeName(const Caller& caller, const CallRule& rule, std::string_view name,
                       const std::string& field);

// Stands before every call: who calls, and whether the role table lets him. Waits for nothing.
// Thread-safe.
class Gate {
 public:
  // UNAUTHENTICATED where it cannot be known.
  using Identify = std::function<absl::StatusOr<std::shared_ptr<const Caller>>(
      const grpc::CallbackServerContext&)>;
  // Whether the credential of a caller who was known still holds.
  using Recheck = std::function<absl::Status(const Caller&)>;
  // `tenants` must outlive it; null: keys have no quotas.
  explicit Gate(Identify identify, Tenants* tenants = nullptr, Recheck recheck = nullptr)
      : identify_(std::move(identify)), tenants_(tenants), recheck_(std::move(recheck)) {}

  // `request` is the message that the method takes.
  absl::StatusOr<Admitted> Admit(const grpc::CallbackServerContext& context,
                                 const google::protobuf::Message& request) const;

  // For a call that lasts: says, as often as it is asked, whether the caller still is who he was.
  // UNAUTHENTICATED once his key was revoked, or key or token have expired. The gate outlives it.
  std::function<absl::Status()> StillHolds(std::shared_ptr<const Caller> caller) const;

  Tenants* tenants() const { return tenants_; }

 private:
  const Identify identify_;
  Tenants* const tenants_;
  const Recheck recheck_;
};

}  // namespace auscult::server
