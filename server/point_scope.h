#pragma once

#include "db/active_classifier.h"
#include "db/baseline_cache.h"
#include "db/point_row.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// What a handler of a call about one point may use while it runs.
struct PointScope {
  CallScope& call;
  const DirectoryEntry& point;
  db::BaselineCache& baselines;
  const db::ActiveClassifier& classifier;

  db::Connection& connection() const { return call.connection; }
  db::PointKey key() const { return {point.asset_id, point.point_id}; }
};

}  // namespace auscult::server
