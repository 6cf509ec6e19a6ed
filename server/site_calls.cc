#include "server/site_calls.h"

#include "db/plant_store.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {

absl::Status GetSite(CallScope& scope, const v1::GetSiteRequest& request, v1::Site& response) {
  const absl::StatusOr<std::string> slug = ParseSiteName(request.name());
  if (!slug.ok()) return slug.status();
  const absl::StatusOr<db::Site> row = db::GetSite(scope.connection, *slug);
  if (!row.ok()) return FromStore(row.status(), Resource::kSite, request.name(), "name");
  response = MessageOf(*row);
  return absl::OkStatus();
}

absl::Status ListSites(CallScope& scope, const v1::ListSitesRequest& request,
                       v1::ListSitesResponse& response) {
  constexpr std::string_view kScope = "ListSites";
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), kScope, 1);
  if (!cursor.ok()) return cursor.status();
  const auto rows = db::ListSites(scope.connection, cursor->front(), *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (const db::Site& row : *rows) {
    if (response.sites_size() == *page_size) {
      response.set_next_page_token(
          MakePageToken(kScope, {ParseSiteName(response.sites().rbegin()->name()).value()}));
      break;
    }
    *response.add_sites() = MessageOf(row);
  }
  return absl::OkStatus();
}

absl::Status CreateSite(CallScope& scope, const v1::CreateSiteRequest& request,
                        v1::Site& response) {
  if (absl::Status status = CheckId(request.site_id(), "site_id"); !status.ok()) return status;
  if (absl::Status status = CheckSite(request.site(), "site"); !status.ok()) return status;
  v1::Site site = request.site();
  site.set_name(SiteResource(request.site_id()));
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    const absl::StatusOr<db::Site> made = db::CreateSite(scope.connection, RowOf(site));
    if (!made.ok()) return FromStore(made.status(), Resource::kSite, site.name(), "site_id");
    response = MessageOf(*made);
    return absl::OkStatus();
  });
}

absl::Status UpdateSite(CallScope& scope, const v1::UpdateSiteRequest& request,
                        v1::Site& response) {
  const std::string& name = request.site().name();
  const absl::StatusOr<std::string> slug = ParseSiteName(name, false, "site.name");
  if (!slug.ok()) return slug.status();
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    const absl::StatusOr<db::Site> stored = db::GetSite(scope.connection, *slug);
    if (!stored.ok()) return FromStore(stored.status(), Resource::kSite, name, "site.name");
    v1::Site site = MessageOf(*stored);
    absl::Status status = CheckEtag(request.site().etag(), site.etag(), name, "site.etag");
    if (status.ok()) status = ApplyUpdate(request.site(), request.update_mask(), site);
    if (status.ok()) status = CheckSite(site, "site");
    if (!status.ok()) return status;
    const auto updated = db::UpdateSite(scope.connection, RowOf(site), stored->revision);
    if (!updated.ok()) return FromStore(updated.status(), Resource::kSite, name, "site.name");
    response = MessageOf(*updated);
    return absl::OkStatus();
  });
}

absl::Status DeleteSite(CallScope& scope, const v1::DeleteSiteRequest& request,
                        google::protobuf::Empty&) {
  const absl::StatusOr<std::string> slug = ParseSiteName(request.name());
  if (!slug.ok()) return slug.status();
  return Change(scope.connection, false, [&]() -> absl::Status {
    const absl::StatusOr<db::Site> stored = db::GetSite(scope.connection, *slug);
    if (!stored.ok()) return FromStore(stored.status(), Resource::kSite, request.name(), "name");
    if (absl::Status status =
            CheckEtag(request.etag(), MessageOf(*stored).etag(), request.name(), "etag");
        !status.ok()) {
      return status;
    }
    return FromStore(db::DeleteSite(scope.connection, *slug, stored->revision, request.force()),
                     Resource::kSite, request.name(), "name");
  });
}

}  // namespace auscult::server
