#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auscult/v1/admin_service.pb.h"

namespace auscult::server {

// One role at one site, or at all of them.
struct SiteRole {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::string site;  // slug; "": every site, and what belongs to none
};

// Whom the server takes a caller for. Immutable once made, so that threads may share one.
struct Caller {
  std::string principal;  // "keys/{key}", "certificate:{name}", "{issuer}#{subject}", "local"
  std::vector<SiteRole> roles;
  std::optional<std::chrono::system_clock::time_point> expires;
};

}  // namespace auscult::server
