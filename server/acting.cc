#include "server/acting.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "server/access/gate.h"
#include "server/operation_view.h"

namespace auscult::server {
namespace {

constexpr size_t kMostIdBytes = 128;

// Where the caller holds the role of the call, for the database to show him nothing else; unset:
// at all sites.
absl::StatusOr<std::optional<std::vector<int64_t>>> SitesOf(db::Connection& connection,
                                                            const Admitted& admitted) {
  const CallRule& rule = *admitted.rule;
  if (rule.where == Where::kNowhere || Holds(*admitted.caller, rule.role, "")) return std::nullopt;
  std::vector<db::Param> slugs;
  for (const SiteRole& role : admitted.caller->roles) {
    if (Includes(role.role, rule.role)) slugs.push_back(db::Text(role.site));
  }
  const db::Param values[] = {db::Array(slugs)};
  const absl::StatusOr<db::Rows> rows =
      connection.Query("SELECT site_id FROM site WHERE slug = ANY ($1::text[])", values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> ids;
  for (int row = 0; row < rows->count(); ++row) ids.push_back(rows->Int(row, 0));
  return ids;
}

}  // namespace

std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("x-request-id");
  if (found == metadata.end()) return "";
  return std::string(found->second.data(), std::min(found->second.size(), kMostIdBytes));
}

absl::Status ActForCaller(db::Connection& connection, const Admitted& admitted,
                          std::string request_id) {
  auto sites = SitesOf(connection, admitted);
  if (!sites.ok()) return sites.status();
  connection.ActFor({.principal = admitted.caller->principal,
                     .request_id = std::move(request_id),
                     .site_ids = *std::move(sites)});
  return absl::OkStatus();
}

Acting::Acting(db::Connection& connection, const db::Operation& operation)
    : connection_(connection) {
  connection.ActFor({.principal = operation.actor,
                     .request_id = OperationResource(operation.id),
                     .site_ids = std::nullopt});
}

}  // namespace auscult::server
