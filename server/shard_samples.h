#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "db/waveform_store.h"
#include "features/extract.h"
#include "server/plant_directory.h"
#include "server/waveform_decode.h"

namespace auscult::server {

// Features of records of one point, extracted again from their kept samples with the machine of
// today. One thread; keeps its memory from one record to the next.
class ShardSamples {
 public:
  // The connection is for it alone. `point` outlives it.
  ShardSamples(db::Connection* connection, const DirectoryEntry& point)
      : connection_(connection), point_(point) {}

  // What is to be asked for next, ascending.
  void Choose(std::vector<int64_t> times_us);
  // Of one of these times, in their order; nullptr where the samples are gone, cannot be read or
  // carry other channels than the point has. Valid until the next call.
  absl::StatusOr<const features::FeatureVector*> FeaturesAt(int64_t measured_at_us);

 private:
  db::Connection* const connection_;
  const DirectoryEntry& point_;
  std::optional<db::WaveformHistory> history_;
  std::optional<db::WaveformHistory::Item> ahead_;  // read, not asked for yet
  WaveformDecoder decoder_;
  features::Extractor extractor_;
  features::FeatureVector features_;
};

}  // namespace auscult::server
