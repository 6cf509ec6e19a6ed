#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/resources.pb.h"
#include "db/postgres.h"
#include "features/machine.h"
#include "features/units.h"
#include "models/point_model.h"

namespace auscult::server {

// A point as ingest and queries need it: keys, channels with their default units, machine data with
// the bearings looked up. Immutable.
struct DirectoryEntry {
  struct Channel {
    std::string id;
    features::Quantity quantity;
    features::Unit unit;  // when the record names none
  };
  int64_t site_id = 0, asset_id = 0, point_id = 0;
  std::string name;  // resource name
  std::vector<Channel> channels;
  double sample_rate_hz = 0;  // 0 = any
  int64_t stale_after_s = 0;
  int keep_raw_every = 24;
  double false_alarms_per_point_year = 0.1;  // with the budget of the site shared among its points
  std::shared_ptr<const features::Machine> machine;
  std::shared_ptr<const std::vector<models::UserLimit>> limits;  // null: none are set
};

// The channels of a point as it was checked (server/plant_check.h).
absl::StatusOr<std::vector<DirectoryEntry::Channel>> ChannelsOf(const v1::Point& point);

// Finds points by resource name. Entries are cached for kTimeToLive and dropped at once by
// Invalidate, which every change through this server calls; a change through another replica is
// seen when the entry expires. That a point is unknown is remembered for kUnknownTimeToLive, so
// that a sender of a misspelt name does not have the database asked for each of its records.
// Bounded by `capacity`. Thread-safe.
class PlantDirectory {
 public:
  static constexpr std::chrono::seconds kTimeToLive{5}, kUnknownTimeToLive{1};

  PlantDirectory(db::Pool* pool, size_t capacity);

  // NOT_FOUND (reason UNKNOWN_POINT) names the point and says how to create it; INVALID_ARGUMENT
  // for a malformed name.
  absl::StatusOr<std::shared_ptr<const DirectoryEntry>> Find(std::string_view point_name);
  void Invalidate();

 private:
  struct Cached {
    std::string name;
    std::shared_ptr<const DirectoryEntry> entry;
    std::chrono::steady_clock::time_point expires;
  };
  struct SiteRate {
    double false_alarms_per_point_year;
    std::chrono::steady_clock::time_point expires;
  };
  struct Unknown {
    absl::Status status;
    std::chrono::steady_clock::time_point expires;
  };
  absl::StatusOr<std::shared_ptr<const DirectoryEntry>> Load(std::string_view point_name);
  // Of a site, for which its points are counted: hence kept for kTimeToLive too.
  absl::StatusOr<double> FalseAlarmRate(db::Connection& connection, const std::string& site);
  // Null where neither the point nor that it is unknown is remembered.
  absl::StatusOr<std::shared_ptr<const DirectoryEntry>> FindCached(std::string_view point_name);
  void Keep(std::string_view point_name, std::shared_ptr<const DirectoryEntry> entry);
  void KeepUnknown(std::string_view point_name, const absl::Status& status);

  db::Pool* const pool_;
  const size_t capacity_;
  std::mutex mutex_;
  // All live equally long, so the oldest stands first and expires first. Keys refer to the names.
  std::list<Cached> by_age_;
  std::unordered_map<std::string_view, std::list<Cached>::iterator> by_name_;
  std::unordered_map<std::string, SiteRate> rates_;   // by site
  std::unordered_map<std::string, Unknown> unknown_;  // by name of a point
  // Counts invalidations: what was being loaded meanwhile may be what was, and is not kept.
  uint64_t generation_ = 0;
};

}  // namespace auscult::server
