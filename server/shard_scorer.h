#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "db/baseline_cache.h"
#include "db/partitions.h"
#include "db/rescore_shard.h"
#include "models/classifier.h"
#include "server/job_pace.h"
#include "server/plant_directory.h"
#include "server/rescore_timing.h"

namespace auscult::server {

// Scores shards of re-scorings, one at a time, each claimed under a lease. One thread; connections
// are its own and are replaced when they break.
class ShardScorer {
 public:
  // What it points to outlives it.
  ShardScorer(std::string conninfo, PlantDirectory* directory, db::BaselineCache* baselines,
              RescoreTiming timing, JobPace pace, const std::atomic<bool>* stopping);

  // Claims a shard and scores it as far as it may; false where there was none, or the database did
  // not answer.
  bool ScoreOne();

 private:
  absl::StatusOr<db::ShardFate> Score(const db::ShardClaim& claim);
  absl::StatusOr<std::shared_ptr<const models::Classifier>> ClassifierOf(int version);
  void End(const db::ShardClaim& claim, const absl::StatusOr<db::ShardFate>& fate);

  const std::string conninfo_;
  PlantDirectory* const directory_;
  db::BaselineCache* const baselines_;
  const RescoreTiming timing_;
  JobPace pace_;
  const std::atomic<bool>* const stopping_;
  // One reads the next records and one stores the last scores while others are made.
  std::unique_ptr<db::Connection> reader_, writer_, samples_;
  db::PartitionCache partitions_;
  int classifier_version_ = 0;
  std::shared_ptr<const models::Classifier> classifier_;  // of that version
};

}  // namespace auscult::server
