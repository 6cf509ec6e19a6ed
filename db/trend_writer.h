#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/baseline_cache.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "models/advance.h"

namespace auscult::db {

enum class Source : int16_t { kSamples = 1, kEdgeFeatures = 2 };

// The raw samples of a record, as sent.
struct RawSamples {
  double sample_rate_hz = 0;
  std::string channels;  // JSON
  std::string samples;
};

// One record to be stored: extracted, not yet scored.
struct Record {
  int64_t site_id = 0, asset_id = 0, point_id = 0;
  int64_t measured_at_us = 0;
  Source source = Source::kSamples;
  std::string content_hash;  // 16 bytes
  features::FeatureVector features;
  std::string conditions;  // JSON of other conditions, "" for none
  std::shared_ptr<const features::Machine> machine;
  RawSamples raw;           // samples empty: nothing to keep
  int keep_raw_every = 24;  // policy of the point; negative: never
};

// What became of a record.
struct Outcome {
  enum class Kind { kAccepted, kDuplicate, kRejected };
  Kind kind = Kind::kAccepted;
  absl::Status
      rejection;  // ALREADY_EXISTS: other content under this key; NOT_FOUND: the point is gone; ...
  models::Health health;  // of the point after this record; for a duplicate its latest
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
  // `baselines` is shared by all writers and may be used by several threads.
  TrendWriter(std::string conninfo, BaselineCache* baselines, int64_t recent_raw_s = 86400);

  // One outcome for each record, in their order. When a batch fails on a row, it is split until the
  // bad row stands alone; that one is rejected, its neighbours commit. A commit of unknown outcome
  // is replayed by key: what it had stored counts as accepted. UNAVAILABLE when the database cannot
  // be reached: nothing of the batch that has no outcome is stored, call again.
  absl::StatusOr<std::vector<Outcome>> Write(std::span<const Record> records);

 private:
  absl::Status Connect();
  const std::string conninfo_;
  BaselineCache* const baselines_;
  const int64_t recent_raw_s_;
  std::unique_ptr<Connection> connection_;
  PartitionCache partitions_;
};

}  // namespace auscult::db
