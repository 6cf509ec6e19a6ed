#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "db/active_classifier.h"
#include "db/baseline_cache.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "db/raw_samples.h"
#include "db/stored_record.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "models/advance.h"
#include "models/point_model.h"

namespace auscult::db {

// One record to be stored: extracted, not yet scored.
struct Record {
  int64_t site_id = 0, asset_id = 0, point_id = 0;
  int64_t measured_at_us = 0;
  Source source = Source::kSamples;
  std::string content_hash;  // 16 bytes
  features::FeatureVector features;
  std::vector<std::string> channel_ids;  // name the features of a record of several channels
  std::string conditions;                // JSON of other conditions, "" for none
  std::shared_ptr<const features::Machine> machine;              // null: nothing is known of it
  std::shared_ptr<const std::vector<models::UserLimit>> limits;  // null: the user set none
  RawSamples raw;                                                // samples empty: nothing to keep
  // Policy of the point. Of its first record and every n-th after it the raw samples are kept; 0:
  // none but the recent ones; negative: not even those.
  int keep_raw_every = 24;
  double false_alarms_per_point_year = 0.1;  // how often the point may alarm for nothing
};

// What became of a record.
struct Outcome {
  enum class Kind { kAccepted, kDuplicate, kRejected };
  Kind kind = Kind::kAccepted;
  // ALREADY_EXISTS: other content under this key; NOT_FOUND: the point is gone; INVALID_ARGUMENT,
  // DATA_LOSS: it cannot be stored or scored; UNAVAILABLE and the like: the database was lost after
  // others of the batch were committed, send it again.
  absl::Status rejection;
  models::Health health;  // of the point after this record; of a late record its own; for a
                          // duplicate the point's latest, its contributions in `detail` alone
  features::QualityFlags quality = 0;
  int64_t since_us = 0;  // since when the condition is what it is
  int model_version = 0;
  int64_t record_count = 0;
  float learning_progress = 0;
  std::string detail;  // JSON of evidence and contributions
};

// Commits batches of records, each batch in one transaction: locks the state rows of its points in
// key order, drops duplicates, writes trend, score, waveform and event rows by binary COPY,
// advances the states and fits baselines that are due. One object for each writer thread, with a
// connection of its own that it replaces when it breaks.
class TrendWriter {
 public:
  // `baselines` and `classifier` are shared by all writers and may be used by several threads. No
  // classifier: the physics.
  TrendWriter(std::string conninfo, BaselineCache* baselines, int64_t recent_raw_s = 86400,
              const ActiveClassifier* classifier = nullptr);

  // One outcome for each record, in their order. When a batch fails on a row, it is split until the
  // bad row stands alone; that one is rejected, its neighbours commit. A commit of unknown outcome
  // is replayed by key: what it had stored counts as accepted, also when the replay is the caller's
  // next call. UNAVAILABLE (cannot be reached), ABORTED (lost a race again and again),
  // RESOURCE_EXHAUSTED (disk full) and DEADLINE_EXCEEDED say that nothing of the batch is known to
  // be stored: call again.
  absl::StatusOr<std::vector<Outcome>> Write(std::span<const Record> records);

 private:
  struct Progress;
  absl::Status Connect();
  absl::Status Commit(std::span<const size_t> members, Progress& progress);
  absl::Status CommitWithRetries(std::span<const size_t> members, Progress& progress);
  absl::Status CommitOnce(std::span<const size_t> members, Progress& progress);
  void Recall(const Record& record, Outcome& outcome);
  absl::Status EnsurePartitions(std::span<const size_t> members, const Progress& progress);

  const std::string conninfo_;
  BaselineCache* const baselines_;
  const int64_t recent_raw_s_;
  const ActiveClassifier* const classifier_;
  std::unique_ptr<Connection> connection_;
  PartitionCache partitions_;
  // What commits of unknown outcome would have answered, by key and content hash.
  std::map<std::pair<RecordKey, std::string>, Outcome> unsure_;
};

}  // namespace auscult::db
