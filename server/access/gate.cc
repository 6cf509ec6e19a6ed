#include "server/access/gate.h"

#include <chrono>
#include <utility>

#include "server/access/request_sites.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/store_errors.h"
#include "server/tenants.h"

namespace auscult::server {
namespace {

constexpr std::string_view kEverySite = "-";

absl::Status RoleRequired(const Caller& caller, const CallRule& rule, std::string_view where) {
  const std::string_view method(rule.method);
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      {.reason = "ROLE_REQUIRED",
       .message =
           Concat(method.substr(method.rfind('.') + 1), " needs the role ", RoleName(rule.role),
                  " ", where, ", which ", Quoted(caller.principal), " does not hold"),
       .remedy = "ask the one who runs the server for it; GetCaller tells the roles that are held",
       .field = ""});
}

// As the handlers answer for what is not there: by the last collection of the name.
absl::Status NotThere(std::string_view name, const std::string& field) {
  struct Kind {
    std::string_view collection;
    Resource resource;
  };
  constexpr Kind kKinds[] = {{"/points/", Resource::kPoint},
                             {"/alarms/", Resource::kAlarm},
                             {"/schedules/", Resource::kSchedule},
                             {"/bearings/", Resource::kBearing},
                             {"/assets/", Resource::kAsset}};
  for (const Kind& kind : kKinds) {
    if (name.find(kind.collection) == std::string_view::npos) continue;
    return UnknownResource(kind.resource, name, field);
  }
  return UnknownResource(Resource::kSite, name, field);
}

}  // namespace

absl::Status JudgeName(const Caller& caller, const CallRule& rule, std::string_view name,
                       const std::string& field) {
  const std::string_view site = SiteOf(name) == kEverySite ? "" : SiteOf(name);
  if (Holds(caller, rule.role, site)) return absl::OkStatus();
  if (site.empty()) return RoleRequired(caller, rule, "at all sites");
  if (KnowsSite(caller, site)) return RoleRequired(caller, rule, Concat("at ", SiteResource(site)));
  return NotThere(name, field);
}

absl::Status Judge(const Caller& caller, const CallRule& rule,
                   const google::protobuf::Message& request) {
  if (rule.where == Where::kNowhere || Holds(caller, rule.role, "")) return absl::OkStatus();
  if (rule.where == Where::kPlant) return RoleRequired(caller, rule, "at all sites");
  bool names_a_site = false, names_all = false;
  absl::Status refused;
  VisitNames(request, [&](const NamedResource& resource) {
    if (resource.site == kEverySite) {
      names_all = true;
      return true;
    }
    names_a_site = true;
    if (Holds(caller, rule.role, resource.site)) return true;
    // What is not there comes before what is not allowed.
    if (refused.ok() || !KnowsSite(caller, resource.site)) {
      refused = JudgeName(caller, rule, resource.name, FieldOfName(request, resource.name));
    }
    return !absl::IsNotFound(refused);
  });
  if (!refused.ok()) return refused;
  if (names_a_site && !names_all) return absl::OkStatus();
  if (rule.where == Where::kNamedSites) return RoleRequired(caller, rule, "at all sites");
  return HoldsSomewhere(caller, rule.role) ? absl::OkStatus()
                                           : RoleRequired(caller, rule, "at a site");
}

absl::StatusOr<Admitted> Gate::Admit(const grpc::CallbackServerContext& context,
                                     const google::protobuf::Message& request) const {
  const CallRule* const rule = RuleOf(*request.GetDescriptor());
  if (rule == nullptr) return absl::InternalError("a call without a rule");
  absl::StatusOr<std::shared_ptr<const Caller>> caller = identify_(context);
  if (!caller.ok()) return caller.status();
  if (absl::Status status = Judge(**caller, *rule, request); !status.ok()) return status;
  std::shared_ptr<Tenant> key = tenants_ ? tenants_->OfKey((*caller)->principal) : nullptr;
  return Admitted{.caller = *std::move(caller), .rule = rule, .key = std::move(key)};
}

std::function<absl::Status()> Gate::StillHolds(std::shared_ptr<const Caller> caller) const {
  return [this, caller = std::move(caller)]() -> absl::Status {
    if (!caller->expires || *caller->expires > std::chrono::system_clock::now()) {
      return recheck_ ? recheck_(*caller) : absl::OkStatus();
    }
    return MakeError(absl::StatusCode::kUnauthenticated,
                     {.reason = "CREDENTIALS_EXPIRED",
                      .message = Concat("the credentials of ", Quoted(caller->principal),
                                        " have expired since the call began"),
                      .remedy = "call again with new ones",
                      .field = ""});
  };
}

}  // namespace auscult::server
