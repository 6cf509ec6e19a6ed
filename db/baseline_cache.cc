#include "db/baseline_cache.h"

#include <utility>

#include "db/baseline_store.h"

namespace auscult::db {

absl::StatusOr<std::shared_ptr<const models::Baseline>> BaselineCache::Get(Connection& connection,
                                                                           int64_t asset_id,
                                                                           int64_t point_id,
                                                                           int version) {
  const Key key(asset_id, point_id, version);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second.recent);
      return found->second.baseline;
    }
  }
  // Unlocked: others need not wait for the database. Two may load the same, the first one stays.
  absl::StatusOr<models::Baseline> loaded = LoadBaseline(connection, asset_id, point_id, version);
  if (!loaded.ok()) return loaded.status();
  auto baseline = std::make_shared<const models::Baseline>(*std::move(loaded));
  const std::lock_guard lock(mutex_);
  const auto [place, fresh] = entries_.try_emplace(key, Entry{baseline, {}});
  if (!fresh) return place->second.baseline;
  recent_.push_front(key);
  place->second.recent = recent_.begin();
  while (entries_.size() > capacity_) {
    entries_.erase(recent_.back());
    recent_.pop_back();
  }
  return baseline;
}

size_t BaselineCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace auscult::db
