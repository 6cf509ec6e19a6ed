#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/advance.h"

namespace auscult::db {

// Rows as they are stored. `machine`, `definition` are JSON text whose meaning belongs to the
// server.
struct Site {
  int64_t site_id = 0;
  std::string slug, display_name, time_zone;
  int64_t create_time_us = 0, update_time_us = 0, revision = 0;
  std::optional<double> false_alarms_per_point_year, alarm_budget_per_week;
};

struct Asset {
  int64_t asset_id = 0, site_id = 0;
  std::string site_slug, slug;
  std::optional<std::string> parent_slug;
  std::string display_name, kind, machine = "{}";
  int64_t create_time_us = 0, update_time_us = 0, revision = 0;
};

struct Point {
  int64_t asset_id = 0, point_id = 0, site_id = 0;
  std::string site_slug, asset_slug, slug, definition = "{}";
  int64_t create_time_us = 0, update_time_us = 0, revision = 0;
};

struct Bearing {
  std::string site_slug, slug, definition;
};

// The latest health of a point: its row of point_state. Condition has no value before the first
// record.
struct PointSummary {
  Point point;
  std::optional<models::Condition> condition;
  float health = 0, severity = 0, confidence = 0, learning_progress = 0;  // NaN = nothing to say
  int zone = 0, verdict = 0, model_version = 0;
  uint32_t quality = 0;
  int64_t since_us = 0, last_measured_at_us = 0, record_count = 0;  // 0 = never
  std::string detail;                                               // JSON, may be empty
};

// Sites, assets, points and bearings. Functions take the connection, so that callers choose the
// transaction. Creates answer ALREADY_EXISTS, gets and updates NOT_FOUND. Updates with
// expected_revision != 0 answer ABORTED when the row has another one. Lists are ordered by slug and
// start after `after_slug` ("" = at the start).
absl::StatusOr<Site> GetSite(Connection& connection, const std::string& slug);
absl::StatusOr<std::vector<Site>> ListSites(Connection& connection, const std::string& after_slug,
                                            int limit);
absl::StatusOr<Site> CreateSite(Connection& connection, const Site& site);
absl::StatusOr<Site> UpdateSite(Connection& connection, const Site& site,
                                int64_t expected_revision);
// FAILED_PRECONDITION while the site has assets, unless `force`.
absl::Status DeleteSite(Connection& connection, const std::string& slug, int64_t expected_revision,
                        bool force);

absl::StatusOr<Asset> GetAsset(Connection& connection, const std::string& site,
                               const std::string& slug);
// `site` "" lists every site, ordered by (site, asset); the cursor is the last (site, asset) seen.
struct AssetCursor {
  std::string site, asset;
};
absl::StatusOr<std::vector<Asset>> ListAssets(Connection& connection, const std::string& site,
                                              const AssetCursor& after, int limit);
// Those that exist, in any order.
absl::StatusOr<std::vector<Asset>> ListAssets(Connection& connection,
                                              std::span<const int64_t> asset_ids);
// NOT_FOUND if the site or the parent does not exist; INVALID_ARGUMENT if the tree would get a
// loop.
absl::StatusOr<Asset> CreateAsset(Connection& connection, const Asset& asset);
absl::StatusOr<Asset> UpdateAsset(Connection& connection, const Asset& asset,
                                  int64_t expected_revision);
absl::Status DeleteAsset(Connection& connection, const std::string& site, const std::string& slug,
                         int64_t expected_revision, bool force);

absl::StatusOr<Point> GetPoint(Connection& connection, const std::string& site,
                               const std::string& asset, const std::string& slug);
// Creates the point_state row too.
absl::StatusOr<Point> CreatePoint(Connection& connection, const Point& point);
absl::StatusOr<Point> UpdatePoint(Connection& connection, const Point& point,
                                  int64_t expected_revision);
// Deletes its records in the same transaction if `force`; FAILED_PRECONDITION while it has any
// otherwise.
absl::Status DeletePoint(Connection& connection, const std::string& site, const std::string& asset,
                         const std::string& slug, int64_t expected_revision, bool force);

absl::StatusOr<std::vector<Bearing>> ListBearings(Connection& connection, const std::string& site,
                                                  const std::string& after_slug, int limit);
absl::Status CreateBearing(Connection& connection, const Bearing& bearing);
absl::Status PutBearing(Connection& connection, const Bearing& bearing);
absl::Status DeleteBearing(Connection& connection, const std::string& site,
                           const std::string& slug);

// Points of an asset, of a whole site with asset "", by the slugs of asset and point; those after
// the last one seen.
struct PointCursor {
  std::string asset, point;
};
absl::StatusOr<std::vector<Point>> ListPoints(Connection& connection, const std::string& site,
                                              const std::string& asset, const PointCursor& after,
                                              int limit);

// Points with their health. Of an asset, of a whole site (asset "") or of everything (both ""), by
// slugs.
absl::StatusOr<std::vector<PointSummary>> ListPointSummaries(Connection& connection,
                                                             const std::string& site,
                                                             const std::string& asset,
                                                             bool with_detail = true);
// Those of given assets.
absl::StatusOr<std::vector<PointSummary>> ListPointSummaries(Connection& connection,
                                                             std::span<const int64_t> asset_ids);

}  // namespace auscult::db
