#include "server/audit_calls.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "db/audit_log.h"
#include "db/plant_store.h"
#include "google/protobuf/util/json_util.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

// An answer stays below the 4 MiB that clients take, whatever the last entry adds to it.
constexpr size_t kPageBytes = 1 << 20;

// What somebody wrote over is shown as far as it can be read: whoever verifies the log says so.
void Show(const db::AuditRow& row, v1::AuditEntry& entry) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(row.hashed, &entry, options).ok()) entry.Clear();
  entry.set_sequence(row.sequence);
  entry.set_previous_hash(row.previous_hash);
  entry.set_hash(row.hash);
  entry.set_hashed(row.hashed);
}

absl::StatusOr<std::optional<int64_t>> SiteOf(CallScope& scope, const std::string& name) {
  if (name.empty()) return std::nullopt;
  const absl::StatusOr<std::string> slug = ParseSiteName(name, false, "site");
  if (!slug.ok()) return slug.status();
  const absl::StatusOr<db::Site> site = db::GetSite(scope.connection, *slug);
  if (!site.ok()) return FromStore(site.status(), Resource::kSite, name, "site");
  return site->site_id;
}

}  // namespace

absl::Status ListAuditEntries(CallScope& scope, const v1::ListAuditEntriesRequest& request,
                              v1::ListAuditEntriesResponse& response) {
  const std::string list = Concat("ListAuditEntries ", request.site());
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto cursor = ParsePageToken(request.page_token(), list, 1);
  if (!cursor.ok()) return cursor.status();
  int64_t shown = 0;  // of the pages before
  if (!request.page_token().empty() && !absl::SimpleAtoi(cursor->front(), &shown)) shown = 0;
  const auto site_id = SiteOf(scope, request.site());
  if (!site_id.ok()) return site_id.status();
  const auto rows = db::ListAuditRows(scope.connection, std::max(shown, request.after_sequence()),
                                      *site_id, *page_size + 1);
  if (!rows.ok()) return rows.status();
  size_t bytes = 0;
  for (const db::AuditRow& row : *rows) {
    if (response.entries_size() == *page_size || bytes > kPageBytes) {
      const int64_t last = response.entries(response.entries_size() - 1).sequence();
      response.set_next_page_token(MakePageToken(list, {std::to_string(last)}));
      break;
    }
    Show(row, *response.add_entries());
    bytes += response.entries(response.entries_size() - 1).ByteSizeLong();
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
