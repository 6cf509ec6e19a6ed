#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/baseline_cache.h"
#include "db/partitions.h"
#include "db/record_pages.h"
#include "db/rescore_shard.h"
#include "models/classifier.h"
#include "models/point_replay.h"
#include "server/job_pace.h"
#include "server/plant_directory.h"
#include "server/rescore_timing.h"
#include "server/shard_samples.h"

namespace auscult::server {

// Judges the records of one claimed shard again, from where the one before came to. Scores are
// stored portion by portion, each in one transaction with the place and the state of the replay;
// while a portion is on its way to the database the next one is scored. Used once, by one thread.
class ShardReplay {
 public:
  struct Resources {
    db::Connection& reader;  // all for it alone meanwhile
    db::Connection& writer;
    db::Connection& samples;
    db::BaselineCache& baselines;
    db::PartitionCache& partitions;
    JobPace& pace;
    const std::atomic<bool>& stopping;
  };

  ShardReplay(const db::ShardClaim& claim, std::shared_ptr<const DirectoryEntry> point,
              std::shared_ptr<const models::Classifier> classifier, RescoreTiming timing);
  // No storing is under way afterwards.
  ~ShardReplay();
  ShardReplay(const ShardReplay&) = delete;
  ShardReplay& operator=(const ShardReplay&) = delete;

  // kGoOn: the end of the shard is reached and stored. kRest: what was scored is stored, and
  // somebody asked to stop. kLost: the claim is.
  absl::StatusOr<db::ShardFate> Run(const Resources& resources);

 private:
  using Clock = std::chrono::steady_clock;

  absl::Status Prepare(const Resources& resources);
  absl::Status WarmUp(const Resources& resources);
  absl::Status ChooseBaseline(const Resources& resources);
  bool WantsSamples(const db::MeasuredRecord& record) const;
  void ChooseSamples(std::span<const db::MeasuredRecord> page);
  absl::Status Take(const db::MeasuredRecord& record);
  void Score(const features::FeatureVector& features, int64_t measured_at_us);
  db::RescoreRows::Key KeyOf(int64_t measured_at_us) const;
  int PageRecords() const;
  bool PortionIsFull() const;
  absl::StatusOr<db::ShardFate> StandBack(const Resources& resources);
  absl::StatusOr<db::ShardFate> StorePortion(const Resources& resources);
  absl::StatusOr<db::ShardFate> AwaitStored();
  std::string State() const;

  const db::ShardClaim& claim_;
  const std::shared_ptr<const DirectoryEntry> point_;
  const std::shared_ptr<const models::Classifier> classifier_;
  const RescoreTiming timing_;
  v1::RescorePlan plan_;
  std::vector<std::string> channel_ids_;
  int baseline_version_ = 0;
  std::shared_ptr<const models::Baseline> baseline_;
  std::optional<models::PointReplay> replay_;
  std::optional<db::Period> other_machine_;  // when another one was the reason of the features
  std::optional<ShardSamples> samples_;
  db::ShardPortion portion_;  // what was scored since the last one
  Clock::time_point portion_begin_;
  std::unique_ptr<db::ShardPortion> leaving_;  // what is being stored
  std::future<absl::StatusOr<db::ShardFate>> stored_;
};

}  // namespace auscult::server
