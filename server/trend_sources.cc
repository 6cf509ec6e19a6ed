#include "server/trend_sources.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "db/plant_store.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr std::string_view kEveryPoint = "/points/-";

bool IsPointName(std::string_view name) { return name.find("/points/") != std::string_view::npos; }

std::pair<std::string, std::string> KeyOf(const TrendSource& source) {
  return {source.asset_slug, source.point_slug};
}

absl::StatusOr<TrendSource> SourceOf(const db::Point& row) {
  const absl::StatusOr<v1::Point> message = MessageOf(row);
  if (!message.ok()) return message.status();
  auto channels = ChannelsOf(*message);
  if (!channels.ok()) return channels.status();
  return TrendSource{.name = PointResource(row.site_slug, row.asset_slug, row.slug),
                     .asset_slug = row.asset_slug,
                     .point_slug = row.slug,
                     .asset_id = row.asset_id,
                     .point_id = row.point_id,
                     .channels = *std::move(channels)};
}

TrendSource SourceOf(const db::Asset& row) {
  return {.name = AssetResource(row.site_slug, row.slug),
          .asset_slug = row.slug,
          .point_slug = "",
          .asset_id = row.asset_id,
          .channels = {}};
}

}  // namespace

absl::StatusOr<TrendSelector> TrendSelector::Parse(const std::string& name,
                                                   const std::vector<std::string>& names) {
  TrendSelector selector;
  const bool of_site = std::count(name.begin(), name.end(), '/') == 1 && !names.empty();
  if (of_site) {
    absl::StatusOr<std::string> site = ParseSiteName(name);
    if (!site.ok()) return site.status();
    selector.site_ = *std::move(site);
  } else if (absl::Status status = selector.Add(name, "name"); !status.ok()) {
    return status;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (absl::Status status = selector.Add(names[i], Concat("names[", i, "]")); !status.ok()) {
      return status;
    }
  }
  std::sort(selector.named_.begin(), selector.named_.end(), [](const Named& a, const Named& b) {
    return std::tie(a.asset, a.point) < std::tie(b.asset, b.point);
  });
  return selector;
}

absl::Status TrendSelector::Add(const std::string& name, const std::string& field) {
  std::string site;
  if (name.ends_with(kEveryPoint)) {
    const auto asset =
        ParseAssetName(name.substr(0, name.size() - kEveryPoint.size()), true, field);
    if (!asset.ok()) return asset.status();
    site = asset->site;
    every_.push_back({asset->asset == "-" ? "" : asset->asset, true, name, field});
  } else if (IsPointName(name)) {
    const auto point = ParsePointName(name, field);
    if (!point.ok()) return point.status();
    site = point->site;
    named_.push_back({point->asset, point->point, name, field});
  } else {
    const auto asset = ParseAssetName(name, true, field);
    if (!asset.ok()) return asset.status();
    site = asset->site;
    if (asset->asset == "-") {
      every_.push_back({"", false, name, field});
    } else {
      named_.push_back({asset->asset, "", name, field});
    }
  }
  if (!site_.empty() && site != site_) {
    return BadField("OTHER_SITE", field, Concat(Quoted(name), " is not of site ", Quoted(site_)),
                    "ask for the points of one site at a time");
  }
  site_ = std::move(site);
  return absl::OkStatus();
}

absl::Status TrendSelector::AddEvery(db::Connection& connection, const Every& every,
                                     const std::string& asset, const std::string& point, int limit,
                                     std::vector<TrendSource>& sources) const {
  if (!every.asset.empty()) {
    const absl::Status known = db::GetAsset(connection, site_, every.asset).status();
    if (!known.ok()) {
      return FromStore(known, Resource::kAsset, AssetResource(site_, every.asset), every.field);
    }
  } else if (const absl::Status known = db::GetSite(connection, site_).status(); !known.ok()) {
    return FromStore(known, Resource::kSite, SiteResource(site_), every.field);
  }
  if (every.points) {
    const auto rows = db::ListPoints(connection, site_, every.asset, {asset, point}, limit);
    if (!rows.ok()) return rows.status();
    for (const db::Point& row : *rows) {
      absl::StatusOr<TrendSource> source = SourceOf(row);
      if (!source.ok()) return source.status();
      sources.push_back(*std::move(source));
    }
    return absl::OkStatus();
  }
  // An asset stands before its points, hence is behind whoever has seen one of them.
  const auto rows = db::ListAssets(connection, site_, {site_, asset}, limit);
  if (!rows.ok()) return rows.status();
  for (const db::Asset& row : *rows) sources.push_back(SourceOf(row));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TrendSource>> TrendSelector::After(db::Connection& connection,
                                                              const std::string& asset,
                                                              const std::string& point,
                                                              int limit) const {
  std::vector<TrendSource> sources;
  int taken = 0;
  for (const Named& named : named_) {
    if (std::tie(named.asset, named.point) <= std::tie(asset, point)) continue;
    if (taken++ == limit) break;
    if (named.point.empty()) {
      const auto row = db::GetAsset(connection, site_, named.asset);
      if (!row.ok()) return FromStore(row.status(), Resource::kAsset, named.name, named.field);
      sources.push_back(SourceOf(*row));
      continue;
    }
    const auto row = db::GetPoint(connection, site_, named.asset, named.point);
    if (!row.ok()) return FromStore(row.status(), Resource::kPoint, named.name, named.field);
    absl::StatusOr<TrendSource> source = SourceOf(*row);
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
  }
  for (const Every& every : every_) {
    absl::Status status = AddEvery(connection, every, asset, point, limit, sources);
    if (!status.ok()) return status;
  }
  std::sort(sources.begin(), sources.end(),
            [](const TrendSource& a, const TrendSource& b) { return KeyOf(a) < KeyOf(b); });
  sources.erase(
      std::unique(sources.begin(), sources.end(),
                  [](const TrendSource& a, const TrendSource& b) { return KeyOf(a) == KeyOf(b); }),
      sources.end());
  if (std::ssize(sources) > limit) sources.resize(static_cast<size_t>(limit));
  return sources;
}

}  // namespace auscult::server
