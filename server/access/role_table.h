#pragma once

#include <span>
#include <string>
#include <vector>

#include "auscult/v1/admin_service.pb.h"
#include "google/protobuf/descriptor.h"

namespace auscult::server {

// Where a caller has to hold the role of a call.
enum class Where {
  kNamedSites,  // at every site that the request names; where it names none, or "-", at all sites
  kAnySite,     // at every site that it names; where it names none, or "-", at one or more: what
                // belongs to other sites is then left out of the answer
  kPlant,       // at all sites, whatever it names
  kNowhere,     // any caller who is known
};

// Who may make a call.
struct CallRule {
  const char* method;  // full name: "auscult.v1.AssetService.GetSite"
  v1::Role role;
  Where where;
};

// Every method of every service that asks who calls, which leaves out health checks and
// reflection.
std::span<const CallRule> RoleTable();

// The rule of the method whose request this is; null: it is no request. Each type is the request of
// one method.
const CallRule* RuleOf(const google::protobuf::Descriptor& request_type);

// What keeps the table from holding: methods of the services in these files that it does not name,
// methods that it names and that do not exist, requests of several methods. Empty: nothing. The
// build stops where there is anything.
std::vector<std::string> FlawsOfRoleTable(std::span<const std::string> proto_files);

}  // namespace auscult::server
