#include "server/fleet_ranking.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "server/concat.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/paging.h"

namespace auscult::server {
namespace {

constexpr int kAssetsAtOnce = 1000;

}  // namespace

bool FleetRanking::Before(const Key& a, const Key& b) {
  return std::tie(a.urgency, a.index, a.name) < std::tie(b.urgency, b.index, b.name);
}

// An asset without points cannot be ill, and one without an index sorts behind those with one.
FleetRanking::Key FleetRanking::KeyOf(const v1::AssetHealth& health, const db::Asset& row) {
  constexpr int kNothingToSay = 100;
  constexpr float kNoIndex = 1000;
  return {.urgency = health.point_count() == 0 ? kNothingToSay : Urgency(health.condition()),
          .index = health.has_index() ? health.index() : kNoIndex,
          .name = AssetResource(row.site_slug, row.slug)};
}

absl::StatusOr<FleetRanking::Key> FleetRanking::ParseKey(std::string_view token,
                                                         std::string_view scope) {
  const auto parts = ParsePageToken(token, scope, 3);
  if (!parts.ok()) return parts.status();
  Key key;
  if (token.empty()) {
    key.urgency = -1;
    return key;
  }
  // The token is sealed, so these parts are as they were written.
  (void)absl::SimpleAtoi((*parts)[0], &key.urgency);
  (void)absl::SimpleAtof((*parts)[1], &key.index);
  key.name = (*parts)[2];
  return key;
}

absl::StatusOr<FleetRanking> FleetRanking::Load(CallScope& scope, const std::string& site,
                                                const FleetHealth& fleet) {
  FleetRanking ranking;
  db::AssetCursor after;
  for (bool last = false; !last;) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    auto rows = db::ListAssets(scope.connection, site, after, kAssetsAtOnce);
    if (!rows.ok()) return rows.status();
    if (!rows->empty()) after = {rows->back().site_slug, rows->back().slug};
    last = rows->size() < kAssetsAtOnce;
    for (db::Asset& row : *rows) {
      const v1::AssetHealth health = fleet.WithoutEvidence(row.asset_id);
      Key key = KeyOf(health, row);
      ranking.ranked_.push_back({std::move(key), health.condition(), std::move(row)});
    }
  }
  std::sort(ranking.ranked_.begin(), ranking.ranked_.end(),
            [](const Ranked& a, const Ranked& b) { return Before(a.key, b.key); });
  return ranking;
}

void FleetRanking::Keep(const std::vector<v1::Condition>& conditions) {
  if (conditions.empty()) return;
  std::erase_if(ranked_, [&](const Ranked& asset) {
    return std::find(conditions.begin(), conditions.end(), asset.condition) == conditions.end();
  });
}

absl::StatusOr<FleetRanking::Page> FleetRanking::PageAfter(std::string_view page_token,
                                                           std::string_view token_scope,
                                                           int page_size) const {
  const absl::StatusOr<Key> after = ParseKey(page_token, token_scope);
  if (!after.ok()) return after.status();
  auto next =
      std::upper_bound(ranked_.begin(), ranked_.end(), *after,
                       [](const Key& key, const Ranked& asset) { return Before(key, asset.key); });
  Page page;
  for (; next != ranked_.end() && std::ssize(page.assets) < page_size; ++next) {
    page.assets.push_back(&next->row);
  }
  if (next != ranked_.end() && !page.assets.empty()) {
    const Key& last = std::prev(next)->key;
    page.next_page_token = MakePageToken(
        token_scope, {Concat(last.urgency), absl::StrFormat("%.9g", last.index), last.name});
  }
  return page;
}

}  // namespace auscult::server
