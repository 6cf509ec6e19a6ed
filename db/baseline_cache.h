#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/baseline.h"

namespace auscult::db {

// Baselines by (asset, point, version), loaded on demand, the least recently used dropped beyond
// `capacity`. Versions are never rewritten, so an entry is never stale. Thread-safe.
class BaselineCache {
 public:
  explicit BaselineCache(size_t capacity) : capacity_(capacity) {}

  // Loads through `connection` on a miss. NOT_FOUND if there is no such version, DATA_LOSS if it
  // cannot be trusted.
  absl::StatusOr<std::shared_ptr<const models::Baseline>> Get(Connection& connection,
                                                              int64_t asset_id, int64_t point_id,
                                                              int version);
  size_t size() const;

 private:
  using Key = std::tuple<int64_t, int64_t, int>;
  struct Entry {
    std::shared_ptr<const models::Baseline> baseline;
    std::list<Key>::iterator recent;
  };
  mutable std::mutex mutex_;
  const size_t capacity_;
  std::list<Key> recent_;
  std::map<Key, Entry> entries_;
};

}  // namespace auscult::db
