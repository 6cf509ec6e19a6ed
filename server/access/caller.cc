#include "server/access/caller.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "server/concat.h"

namespace auscult::server {
namespace {

constexpr char kLocal[] = "local";

bool At(const SiteRole& grant, std::string_view site) {
  return grant.site.empty() || (!site.empty() && grant.site == site);
}

}  // namespace

std::shared_ptr<const Caller> LocalCaller() {
  static const std::shared_ptr<const Caller> local =
      std::make_shared<const Caller>(Caller{.principal = kLocal,
                                            .roles = {{v1::ROLE_ADMIN, ""}, {v1::ROLE_INGEST, ""}},
                                            .expires = std::nullopt});
  return local;
}

bool IsLocal(const Caller& caller) { return caller.principal == kLocal; }

std::string ActorOf(const Caller& caller, std::string_view word) {
  if (IsLocal(caller)) return std::string(word);
  return word.empty() ? caller.principal : Concat(caller.principal, " (", word, ")");
}

bool Includes(v1::Role held, v1::Role needed) {
  if (held == v1::ROLE_INGEST || needed == v1::ROLE_INGEST) return held == needed;
  return held >= needed && needed != v1::ROLE_UNSPECIFIED;
}

std::string RoleName(v1::Role role) {
  constexpr size_t kPrefix = std::string_view("ROLE_").size();
  const std::string name = v1::Role_Name(role);
  return name.size() > kPrefix ? absl::AsciiStrToLower(name.substr(kPrefix)) : "";
}

bool Holds(const Caller& caller, v1::Role needed, std::string_view site) {
  return std::ranges::any_of(caller.roles, [&](const SiteRole& grant) {
    return At(grant, site) && Includes(grant.role, needed);
  });
}

bool HoldsSomewhere(const Caller& caller, v1::Role needed) {
  return std::ranges::any_of(caller.roles,
                             [&](const SiteRole& grant) { return Includes(grant.role, needed); });
}

bool KnowsSite(const Caller& caller, std::string_view site) {
  return std::ranges::any_of(caller.roles, [&](const SiteRole& grant) { return At(grant, site); });
}

}  // namespace auscult::server
