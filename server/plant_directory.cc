#include "server/plant_directory.h"

#include <utility>

#include "db/case_statistics.h"
#include "db/limit_store.h"
#include "db/plant_store.h"
#include "server/errors.h"
#include "server/machine_view.h"
#include "server/names.h"
#include "server/plant_rows.h"
#include "server/point_limits.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kDefaultKeepRawEvery = 24;

absl::StatusOr<std::shared_ptr<const features::Machine>> LoadMachine(db::Connection& connection,
                                                                     const PointName& name) {
  const auto row = db::GetAsset(connection, name.site, name.asset);
  if (!row.ok()) return row.status();
  const absl::StatusOr<v1::Asset> asset = MessageOf(*row);
  if (!asset.ok()) return asset.status();
  SiteBearings bearings;
  if (UsesSiteBearings(asset->machine())) {
    absl::StatusOr<SiteBearings> loaded = LoadSiteBearings(connection, name.site);
    if (!loaded.ok()) return loaded.status();
    bearings = *std::move(loaded);
  }
  return std::make_shared<const features::Machine>(MachineOf(asset->machine(), bearings));
}

absl::StatusOr<std::shared_ptr<const std::vector<models::UserLimit>>> LoadLimits(
    db::Connection& connection, const db::Point& row,
    const std::vector<DirectoryEntry::Channel>& channels) {
  const auto stored = db::GetLimits(connection, {row.asset_id, row.point_id});
  if (!stored.ok()) return stored.status();
  if (stored->revision == 0) return nullptr;
  v1::PointLimits limits;
  if (absl::Status status = ReadStoredJson(stored->limits, row.slug, limits); !status.ok()) {
    return status;
  }
  return std::make_shared<const std::vector<models::UserLimit>>(UserLimitsOf(limits, channels));
}

}  // namespace

absl::StatusOr<std::vector<DirectoryEntry::Channel>> ChannelsOf(const v1::Point& point) {
  std::vector<DirectoryEntry::Channel> channels;
  for (const v1::Channel& channel : point.channels()) {
    const auto quantity = static_cast<features::Quantity>(channel.quantity());
    const absl::StatusOr<features::Unit> unit = features::ParseUnit(
        channel.unit().empty() ? features::SiUnit(quantity) : std::string_view(channel.unit()));
    if (!unit.ok()) return unit.status();
    channels.push_back({.id = channel.id(), .quantity = quantity, .unit = *unit});
  }
  return channels;
}

PlantDirectory::PlantDirectory(db::Pool* pool, size_t capacity)
    : pool_(pool), capacity_(capacity) {}

absl::StatusOr<std::shared_ptr<const DirectoryEntry>> PlantDirectory::Find(
    std::string_view point_name) {
  uint64_t generation;
  {
    const std::lock_guard lock(mutex_);
    auto cached = FindCached(point_name);
    if (!cached.ok() || *cached != nullptr) return cached;
    generation = generation_;
  }
  auto entry = Load(point_name);
  const std::lock_guard lock(mutex_);
  if (generation != generation_) return entry;
  if (entry.ok()) Keep(point_name, *entry);
  if (absl::IsNotFound(entry.status())) KeepUnknown(point_name, entry.status());
  return entry;
}

void PlantDirectory::Invalidate() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  by_name_.clear();
  by_age_.clear();
  rates_.clear();
  unknown_.clear();
}

absl::StatusOr<std::shared_ptr<const DirectoryEntry>> PlantDirectory::FindCached(
    std::string_view point_name) {
  const auto now = std::chrono::steady_clock::now();
  const auto found = by_name_.find(point_name);
  if (found == by_name_.end()) {
    const auto unknown = unknown_.find(std::string(point_name));
    if (unknown == unknown_.end() || unknown->second.expires <= now) return nullptr;
    return unknown->second.status;
  }
  if (found->second->expires > now) return found->second->entry;
  const auto expired = found->second;
  by_name_.erase(found);
  by_age_.erase(expired);
  return nullptr;
}

void PlantDirectory::Keep(std::string_view point_name,
                          std::shared_ptr<const DirectoryEntry> entry) {
  if (by_name_.contains(point_name)) return;  // another thread was faster
  const auto now = std::chrono::steady_clock::now();
  while (!by_age_.empty() && (by_age_.size() >= capacity_ || by_age_.front().expires <= now)) {
    by_name_.erase(by_age_.front().name);
    by_age_.pop_front();
  }
  by_age_.push_back(
      {.name = std::string(point_name), .entry = std::move(entry), .expires = now + kTimeToLive});
  by_name_.emplace(by_age_.back().name, std::prev(by_age_.end()));
}

void PlantDirectory::KeepUnknown(std::string_view point_name, const absl::Status& status) {
  const auto now = std::chrono::steady_clock::now();
  if (unknown_.size() >= capacity_) unknown_.clear();
  unknown_.insert_or_assign(std::string(point_name), Unknown{status, now + kUnknownTimeToLive});
}

absl::StatusOr<double> PlantDirectory::FalseAlarmRate(db::Connection& connection,
                                                      const std::string& site) {
  const auto now = std::chrono::steady_clock::now();
  uint64_t generation;
  {
    const std::lock_guard lock(mutex_);
    const auto known = rates_.find(site);
    if (known != rates_.end() && known->second.expires > now) {
      return known->second.false_alarms_per_point_year;
    }
    generation = generation_;
  }
  const absl::StatusOr<db::FalseAlarmBudget> budget = db::GetFalseAlarmBudget(connection, site);
  if (!budget.ok()) return budget.status();
  const double rate = FalseAlarmsPerPointYear(*budget);
  const std::lock_guard lock(mutex_);
  if (generation == generation_) rates_.insert_or_assign(site, SiteRate{rate, now + kTimeToLive});
  return rate;
}

absl::StatusOr<std::shared_ptr<const DirectoryEntry>> PlantDirectory::Load(
    std::string_view point_name) {
  const absl::StatusOr<PointName> name = ParsePointName(point_name, "point");
  if (!name.ok()) return name.status();
  absl::StatusOr<db::Pool::Lease> lease = pool_->Acquire();
  if (!lease.ok()) return FromDatabase(lease.status());
  const auto row = db::GetPoint(**lease, name->site, name->asset, name->point);
  if (!row.ok()) {
    return FromDatabase(FromStore(row.status(), Resource::kPoint, point_name, "point"));
  }
  const absl::StatusOr<v1::Point> point = MessageOf(*row);
  if (!point.ok()) return point.status();
  auto channels = ChannelsOf(*point);
  if (!channels.ok()) return channels.status();
  auto machine = LoadMachine(**lease, *name);
  if (!machine.ok()) {
    return FromDatabase(FromStore(machine.status(), Resource::kPoint, point_name, "point"));
  }
  const absl::StatusOr<double> rate = FalseAlarmRate(**lease, name->site);
  if (!rate.ok()) {
    return FromDatabase(FromStore(rate.status(), Resource::kPoint, point_name, "point"));
  }
  auto limits = LoadLimits(**lease, *row, *channels);
  if (!limits.ok()) return FromDatabase(limits.status());
  auto entry = std::make_shared<DirectoryEntry>();
  entry->false_alarms_per_point_year = *rate;
  entry->site_id = row->site_id;
  entry->asset_id = row->asset_id;
  entry->point_id = row->point_id;
  entry->name = std::string(point_name);
  entry->channels = *std::move(channels);
  entry->sample_rate_hz = point->sample_rate_hz();
  entry->stale_after_s = point->stale_after_s();
  entry->keep_raw_every =
      point->keep_raw_every() == 0 ? kDefaultKeepRawEvery : point->keep_raw_every();
  entry->machine = *std::move(machine);
  entry->limits = *std::move(limits);
  return entry;
}

}  // namespace auscult::server
