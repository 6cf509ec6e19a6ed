#include "server/access/grants.h"

#include "absl/strings/ascii.h"
#include "nlohmann/json.hpp"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

using nlohmann::json;

constexpr std::string_view kEverySite = "sites/-";

}  // namespace

absl::StatusOr<std::vector<SiteRole>> RolesOf(const Grants& grants, const std::string& field) {
  std::vector<SiteRole> roles;
  for (int i = 0; i < grants.size(); ++i) {
    const v1::Grant& grant = grants[i];
    const std::string place = Concat(field, "[", i, "]");
    if (grant.role() == v1::ROLE_UNSPECIFIED || !v1::Role_IsValid(grant.role())) {
      return BadField("BAD_GRANT", Concat(place, ".role"), "the grant names no role",
                      "send viewer, operator, analyst, admin or ingest");
    }
    absl::StatusOr<std::string> site = ParseSiteName(grant.site(), true, Concat(place, ".site"));
    if (!site.ok()) return site.status();
    roles.push_back({grant.role(), *site == "-" ? "" : *std::move(site)});
  }
  return roles;
}

Grants GrantsOf(const std::vector<SiteRole>& roles) {
  Grants grants;
  for (const SiteRole& role : roles) {
    v1::Grant& grant = *grants.Add();
    grant.set_role(role.role);
    grant.set_site(role.site.empty() ? std::string(kEverySite) : SiteResource(role.site));
  }
  return grants;
}

absl::StatusOr<SiteRole> ParseSiteRole(std::string_view text) {
  const size_t at = text.find('@');
  SiteRole parsed;
  const std::string name = Concat("ROLE_", absl::AsciiStrToUpper(ToAbsl(text.substr(0, at))));
  if (!v1::Role_Parse(name, &parsed.role) || parsed.role == v1::ROLE_UNSPECIFIED) {
    return absl::InvalidArgumentError(Concat(Quoted(text), " begins with no role"));
  }
  if (at == std::string_view::npos) return parsed;
  std::string_view site = text.substr(at + 1);
  if (site.starts_with("sites/")) site.remove_prefix(std::string_view("sites/").size());
  if (site == "-") return parsed;
  if (absl::Status status = CheckId(site, "site"); !status.ok()) return status;
  parsed.site = site;
  return parsed;
}

std::string StoredGrants(const Grants& grants) {
  json stored = json::array();
  for (const v1::Grant& grant : grants) {
    stored.push_back({{"role", static_cast<int>(grant.role())}, {"site", grant.site()}});
  }
  return stored.dump();
}

absl::StatusOr<Grants> ReadGrants(const std::string& stored, const std::string& what) {
  const json parsed = json::parse(stored, nullptr, false);
  Grants grants;
  for (const json& item : parsed) {
    if (!item.is_object() || !item.contains("role") || !item["role"].is_number_integer() ||
        !item.contains("site") || !item["site"].is_string()) {
      return absl::InternalError(Concat("the grants of ", what, " cannot be read"));
    }
    v1::Grant& grant = *grants.Add();
    grant.set_role(static_cast<v1::Role>(item["role"].get<int>()));
    grant.set_site(item["site"].get<std::string>());
  }
  return grants;
}

}  // namespace auscult::server
