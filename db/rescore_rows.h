#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "db/record_rows.h"
#include "features/feature_set.h"
#include "models/advance.h"

namespace auscult::db {

// The rows that a re-scoring adds, gathered for binary COPY.
class RescoreRows {
 public:
  struct Key {
    int64_t asset_id = 0, point_id = 0, measured_at_us = 0, site_id = 0, run = 0;
  };
  // `detail` "" is NULL.
  void AddScore(const Key& key, RecordRows::JudgedBy versions, const models::Health& health,
                std::string_view detail);
  // What was found in the samples of a record.
  void AddExtraction(const Key& key, const features::FeatureVector& features);

  // Makes the partitions that the rows go into, where they are missing. Not inside a transaction.
  absl::Status EnsurePartitions(Connection& connection, PartitionCache& partitions) const;
  // Inside the caller's transaction; the rows are gone afterwards.
  absl::Status Copy(Connection& connection);

 private:
  CopyBuffer scores_, extractions_;
  std::vector<int64_t> hours_us_;  // of the scores
};

}  // namespace auscult::db
