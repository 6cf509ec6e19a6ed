#include "server/shard_samples.h"

#include <utility>

#include "server/stored_record.h"

namespace auscult::server {

void ShardSamples::Choose(std::vector<int64_t> times_us) {
  history_.emplace(db::PointKey(point_.asset_id, point_.point_id), std::move(times_us));
  ahead_.reset();
}

absl::StatusOr<const features::FeatureVector*> ShardSamples::FeaturesAt(int64_t measured_at_us) {
  while (!ahead_ || ahead_->measured_at_us < measured_at_us) {
    auto next = history_->Next(*connection_);
    if (!next.ok()) return next.status();
    if (!*next) return nullptr;
    ahead_ = **std::move(next);
  }
  if (ahead_->measured_at_us > measured_at_us || !ahead_->waveform.ok()) return nullptr;
  absl::StatusOr<features::Waveform> waveform =
      DecodeStored(*std::move(ahead_->waveform), point_, decoder_);
  ahead_.reset();
  if (!waveform.ok()) return nullptr;
  const absl::Status extracted = extractor_.Extract(*waveform, *point_.machine, features_);
  decoder_.Recycle(*std::move(waveform));
  return extracted.ok() ? &features_ : nullptr;
}

}  // namespace auscult::server
