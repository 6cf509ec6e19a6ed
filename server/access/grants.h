#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/admin_service.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "server/access/caller.h"

namespace auscult::server {

// Roles as the API and the store write them. A site is "sites/{site}", "sites/-" for all.
using Grants = google::protobuf::RepeatedPtrField<v1::Grant>;

// INVALID_ARGUMENT (BAD_GRANT, MALFORMED_NAME) with the path below `field`.
absl::StatusOr<std::vector<SiteRole>> RolesOf(const Grants& grants, const std::string& field);
Grants GrantsOf(const std::vector<SiteRole>& roles);

// "operator@a", "operator@sites/a", "viewer" or "viewer@-" for all sites. INVALID_ARGUMENT.
absl::StatusOr<SiteRole> ParseSiteRole(std::string_view text);

// As stored. INTERNAL where it cannot be read.
std::string StoredGrants(const Grants& grants);
absl::StatusOr<Grants> ReadGrants(const std::string& stored, const std::string& what);

}  // namespace auscult::server
