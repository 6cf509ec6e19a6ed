#pragma once

#include <chrono>
#include <memory>
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

// Whoever calls from this machine where no credentials are wanted: "local", who may do everything.
std::shared_ptr<const Caller> LocalCaller();
bool IsLocal(const Caller& caller);

// Who a change is said to be by, where the request has a word for it: the word of who is local, of
// anybody else who he is, with his word in brackets.
std::string ActorOf(const Caller& caller, std::string_view word);

// Viewer < operator < analyst < admin, each of whom may do what the ones before may; ingest stands
// beside them.
bool Includes(v1::Role held, v1::Role needed);
// "analyst".
std::string RoleName(v1::Role role);

// Whether the caller may do what `needed` may: at the site of this slug, "" being all of them and
// what belongs to none.
bool Holds(const Caller& caller, v1::Role needed, std::string_view site);
// At one site or more.
bool HoldsSomewhere(const Caller& caller, v1::Role needed);
// Whether any role at the site was given to him, so that he may know that it exists.
bool KnowsSite(const Caller& caller, std::string_view site);

}  // namespace auscult::server
