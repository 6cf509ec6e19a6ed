#include "server/fleet_ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "db/urgent_assets.h"
#include "server/concat.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/process_view.h"

namespace auscult::server {
namespace {

constexpr int kAssetsAtOnce = 1000;
constexpr int kNothingKnown = 100;
// An asset without an index sorts behind those with one.
constexpr float kNoIndex = 1000;

// What sorts an asset, and with it what a page token holds.
struct Key {
  int urgency = 0;
  float index = 0;
  std::string name;

  friend bool operator<(const Key& a, const Key& b) {
    return std::tie(a.urgency, a.index, a.name) < std::tie(b.urgency, b.index, b.name);
  }
};

struct Ranked {
  Key key;
  v1::Condition condition;
  int64_t asset_id;
};

absl::StatusOr<Key> ParseKey(std::string_view token, std::string_view scope) {
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

bool IsWanted(const FleetQuery& query, v1::Condition condition) {
  return query.conditions.empty() || std::find(query.conditions.begin(), query.conditions.end(),
                                               condition) != query.conditions.end();
}

constexpr std::array kUrgent = {models::Condition::kAlarm, models::Condition::kAlert,
                                models::Condition::kWatch};

// The urgent assets from the worst on, class by class, until there are enough after `after`.
class UrgentRanking {
 public:
  // Unset if a page needs assets that are not urgent.
  static absl::StatusOr<std::optional<std::vector<Ranked>>> Load(CallScope& scope,
                                                                 const FleetQuery& query,
                                                                 const Key& after) {
    UrgentRanking ranking(scope, query, after);
    for (const models::Condition condition : kUrgent) {
      const absl::StatusOr<bool> enough = ranking.LoadClass(condition);
      if (!enough.ok()) return enough.status();
      if (*enough) return std::move(ranking.ranked_);
    }
    const bool urgent_alone =
        !query.conditions.empty() &&
        std::all_of(query.conditions.begin(), query.conditions.end(), [](v1::Condition condition) {
          return Urgency(condition) <= Urgency(v1::CONDITION_WATCH);
        });
    if (!urgent_alone) return std::nullopt;
    return std::move(ranking.ranked_);
  }

 private:
  // Assets have a few points each, and some of these are stale.
  static constexpr int kSignsOfAnAsset = 4;

  UrgentRanking(CallScope& scope, const FleetQuery& query, const Key& after)
      : scope_(scope), query_(query), after_(after), now_us_(NowUs()) {}

  // Adds the assets that have signs of this class and none of a worse one. True once there are
  // enough of all; else all of them are there.
  absl::StatusOr<bool> LoadClass(models::Condition condition) {
    const v1::Condition shown = ConditionOf(static_cast<int>(condition));
    for (int limit = kSignsOfAnAsset * (query_.page_size + 1);; limit *= kSignsOfAnAsset) {
      if (absl::Status status = scope_.still_wanted(); !status.ok()) return status;
      const auto signs = db::ListUrgentSigns(scope_.connection, query_.site, condition, limit);
      if (!signs.ok()) return signs.status();
      bool certain = true;
      std::vector<Ranked> assets = AssetsOf(*signs, shown, certain);
      const auto following = std::count_if(
          assets.begin(), assets.end(), [this](const Ranked& asset) { return after_ < asset.key; });
      const bool wanted = IsWanted(query_, shown);
      const bool enough = wanted && certain && following_ + following > query_.page_size;
      if (!enough && !signs->all_points) continue;
      for (Ranked& asset : assets) {
        ranked_before_.insert(asset.asset_id);
        if (wanted) ranked_.push_back(std::move(asset));
      }
      if (wanted) following_ += following;
      return enough;
    }
  }

  // Those whose place is known; not `certain` if one may be missing. Process readings decide where
  // no point is as bad.
  std::vector<Ranked> AssetsOf(const db::UrgentSigns& signs, v1::Condition condition,
                               bool& certain) const {
    std::unordered_map<int64_t, Ranked> found;
    const auto add = [&](const db::UrgentSign& sign) {
      if (ranked_before_.contains(sign.asset_id)) return;
      Key key{Urgency(condition), IndexOf(sign), AssetResource(sign.site_slug, sign.asset_slug)};
      found.try_emplace(sign.asset_id, Ranked{std::move(key), condition, sign.asset_id});
    };
    for (const db::UrgentSign& sign : signs.points) {
      if (!IsStale(sign.last_measured_at_us, sign.stale_after_s, now_us_)) add(sign);
    }
    for (const db::UrgentSign& sign : signs.processes) {
      if (IsProcessStale(sign.last_measured_at_us, now_us_)) continue;
      // A point that was not taken may decide, unless it is stale.
      if (sign.beside_points && !signs.all_points && !found.contains(sign.asset_id)) {
        certain = certain && ranked_before_.contains(sign.asset_id);
      } else {
        add(sign);
      }
    }
    // From the last one that was taken on, others may stand between.
    const float bound =
        signs.all_points ? std::numeric_limits<float>::infinity() : IndexOf(signs.points.back());
    std::vector<Ranked> assets;
    for (auto& [asset_id, asset] : found) {
      if (asset.key.index < bound) assets.push_back(std::move(asset));
    }
    return assets;
  }

  static float IndexOf(const db::UrgentSign& sign) {
    return std::isfinite(sign.health) ? sign.health : kNoIndex;
  }

  CallScope& scope_;
  const FleetQuery& query_;
  const Key& after_;
  const int64_t now_us_;
  std::unordered_set<int64_t> ranked_before_;
  std::vector<Ranked> ranked_;
  int64_t following_ = 0;
};

Key KeyOf(const v1::AssetHealth& health, const db::Asset& row) {
  const bool unknown = health.point_count() == 0 && !health.has_process();
  return {.urgency = unknown ? kNothingKnown : Urgency(health.condition()),
          .index = health.has_index() ? health.index() : kNoIndex,
          .name = AssetResource(row.site_slug, row.slug)};
}

absl::StatusOr<std::vector<Ranked>> RankAll(CallScope& scope, const FleetQuery& query) {
  const auto fleet = FleetHealth::LoadWithoutEvidence(scope.connection, query.site);
  if (!fleet.ok()) return fleet.status();
  std::vector<Ranked> ranked;
  db::AssetCursor after;
  for (bool last = false; !last;) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    const auto rows = db::ListAssets(scope.connection, query.site, after, kAssetsAtOnce);
    if (!rows.ok()) return rows.status();
    if (!rows->empty()) after = {rows->back().site_slug, rows->back().slug};
    last = rows->size() < kAssetsAtOnce;
    for (const db::Asset& row : *rows) {
      const v1::AssetHealth health = fleet->WithoutEvidence(row.asset_id);
      if (!IsWanted(query, health.condition())) continue;
      ranked.push_back({KeyOf(health, row), health.condition(), row.asset_id});
    }
  }
  return ranked;
}

}  // namespace

absl::StatusOr<FleetPage> WorstAssets(CallScope& scope, const FleetQuery& query) {
  const absl::StatusOr<Key> after = ParseKey(query.page_token, query.token_scope);
  if (!after.ok()) return after.status();
  auto urgent = UrgentRanking::Load(scope, query, *after);
  if (!urgent.ok()) return urgent.status();
  using Assets = absl::StatusOr<std::vector<Ranked>>;
  Assets ranked = *urgent ? Assets(**std::move(urgent)) : RankAll(scope, query);
  if (!ranked.ok()) return ranked.status();
  std::erase_if(*ranked, [&](const Ranked& asset) { return !(*after < asset.key); });
  const auto shown = std::min(ranked->size(), static_cast<size_t>(query.page_size));
  std::partial_sort(ranked->begin(), ranked->begin() + static_cast<std::ptrdiff_t>(shown),
                    ranked->end(), [](const Ranked& a, const Ranked& b) { return a.key < b.key; });
  FleetPage page;
  if (shown > 0 && shown < ranked->size()) {
    const Key& last = (*ranked)[shown - 1].key;
    page.next_page_token = MakePageToken(
        query.token_scope, {Concat(last.urgency), absl::StrFormat("%.9g", last.index), last.name});
  }
  std::vector<int64_t> ids;
  for (size_t i = 0; i < shown; ++i) ids.push_back((*ranked)[i].asset_id);
  auto rows = db::ListAssets(scope.connection, ids);
  if (!rows.ok()) return rows.status();
  std::unordered_map<int64_t, db::Asset> by_id;
  for (db::Asset& row : *rows) by_id.emplace(row.asset_id, std::move(row));
  for (const int64_t id : ids) {
    if (const auto row = by_id.find(id); row != by_id.end()) {
      page.assets.push_back(std::move(row->second));
    }
  }
  auto health = FleetHealth::Load(scope.connection, ids);
  if (!health.ok()) return health.status();
  page.health = *std::move(health);
  return page;
}

}  // namespace auscult::server
