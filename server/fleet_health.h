#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/health.pb.h"
#include "db/plant_store.h"
#include "db/process_store.h"
#include "server/health_view.h"

namespace auscult::server {

// The health of many assets as of now, points and process readings, from a few queries for all of
// them.
class FleetHealth {
 public:
  // Of an asset, of a site (`asset` ""), of everything (both "").
  static absl::StatusOr<FleetHealth> Load(db::Connection& connection, const std::string& site,
                                          const std::string& asset);
  // Of given assets.
  static absl::StatusOr<FleetHealth> Load(db::Connection& connection,
                                          std::span<const int64_t> asset_ids);
  // Of a site, or of everything, for WithoutEvidence alone: what health stands on is not read.
  static absl::StatusOr<FleetHealth> LoadWithoutEvidence(db::Connection& connection,
                                                         const std::string& site);

  // "No measurement point" for an asset that has neither.
  v1::AssetHealth Of(int64_t asset_id) const;
  // The same without reading what it stands on, for sorting.
  v1::AssetHealth WithoutEvidence(int64_t asset_id) const;
  // The points of the asset, by name.
  std::vector<NamedPointHealth> PointsOf(int64_t asset_id) const;

 private:
  using OpenCases = std::unordered_map<int64_t, int>;
  using Processes = std::unordered_map<int64_t, db::ProcessSummary>;
  static absl::StatusOr<FleetHealth> Join(absl::StatusOr<std::vector<db::PointSummary>> points,
                                          absl::StatusOr<OpenCases> open_cases,
                                          absl::StatusOr<Processes> processes);
  v1::AssetHealth HealthOf(int64_t asset_id, bool with_evidence) const;
  std::vector<NamedPointHealth> View(int64_t asset_id, bool with_evidence) const;
  int64_t now_us_ = 0;
  std::unordered_map<int64_t, std::vector<db::PointSummary>> points_;
  OpenCases open_cases_;  // by asset
  Processes processes_;   // by asset
};

// Unix microseconds by the server's clock.
int64_t NowUs();

}  // namespace auscult::server
