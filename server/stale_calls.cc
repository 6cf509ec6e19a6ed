#include "server/stale_calls.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "db/plant_store.h"
#include "db/stale_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

v1::StaleResult MessageOf(const db::StaleResult& result, const std::string& site) {
  v1::StaleResult message;
  message.set_point(PointResource(site, result.asset, result.point));
  message.set_reason(static_cast<v1::StaleReason>(result.reason));
  message.set_detail(result.detail);
  *message.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(result.period.start_us);
  *message.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(result.period.end_us);
  message.set_record_count(result.record_count);
  if (result.change_time_us != 0) {
    *message.mutable_change_time() = TimeUtil::MicrosecondsToTimestamp(result.change_time_us);
  }
  message.set_needs_samples(result.reason == db::StaleReason::kMachine ||
                            result.reason == db::StaleReason::kFeatureSet);
  message.set_records_with_samples(result.records_with_samples);
  return message;
}

// Which of the two lists a page goes on with, and where.
struct Place {
  bool marks = false;
  db::StaleCursor after;

  std::string Token(std::string_view scope) const {
    return MakePageToken(scope, {marks ? "marks" : "sets", Concat(after.asset_id),
                                 Concat(after.point_id), Concat(after.stale_id)});
  }
};

absl::StatusOr<Place> PlaceOf(const std::string& token, std::string_view scope) {
  const auto parts = ParsePageToken(token, scope, 4);
  if (!parts.ok()) return parts.status();
  Place place;
  // The token is sealed, so these are as they were written.
  place.marks = (*parts)[0] == "marks";
  (void)absl::SimpleAtoi((*parts)[1], &place.after.asset_id);
  (void)absl::SimpleAtoi((*parts)[2], &place.after.point_id);
  (void)absl::SimpleAtoi((*parts)[3], &place.after.stale_id);
  return place;
}

}  // namespace

absl::Status ListStaleResults(CallScope& scope, const v1::ListStaleResultsRequest& request,
                              v1::ListStaleResultsResponse& response) {
  const absl::StatusOr<std::string> site = ParseSiteName(request.parent(), false, "parent");
  if (!site.ok()) return site.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListStaleResults ", request.parent());
  absl::StatusOr<Place> place = PlaceOf(request.page_token(), token_scope);
  if (!place.ok()) return place.status();
  const auto stored = db::GetSite(scope.connection, *site);
  if (!stored.ok()) {
    return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
  }
  for (;;) {
    const int wanted = *page_size - response.results_size();
    const auto found =
        place->marks
            ? db::ListStaleMarks(scope.connection, stored->site_id, place->after, wanted + 1)
            : db::ListOldFeatures(scope.connection, stored->site_id, place->after, wanted + 1);
    if (!found.ok()) return found.status();
    for (const db::StaleResult& result : *found) {
      if (response.results_size() == *page_size) {
        response.set_next_page_token(place->Token(token_scope));
        return absl::OkStatus();
      }
      *response.add_results() = MessageOf(result, *site);
      place->after = {result.asset_id, result.point_id, result.stale_id};
    }
    if (place->marks) return absl::OkStatus();
    *place = {.marks = true, .after = {}};
  }
}

}  // namespace auscult::server
