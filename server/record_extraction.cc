#include "server/record_extraction.h"

#include <utility>

#include "server/record_check.h"

namespace auscult::server {

absl::StatusOr<db::Record> RecordExtraction::Extract(v1::Waveform& message,
                                                     const DirectoryEntry& entry, int64_t now_us) {
  absl::StatusOr<DecodedWaveform> decoded = decoder_.Decode(message, entry, now_us);
  if (!decoded.ok()) return decoded.status();
  const absl::Status extracted = extractor_.Extract(decoded->waveform, *entry.machine, features_);
  decoder_.Recycle(std::move(decoded->waveform));
  if (!extracted.ok()) return extracted;
  db::Record record = RecordOf(entry);
  record.measured_at_us = decoded->measured_at_us;
  record.source = db::Source::kSamples;
  record.content_hash = std::move(decoded->content_hash);
  record.features = features_;
  record.conditions = std::move(decoded->other_conditions);
  record.raw = std::move(decoded->raw);
  return record;
}

}  // namespace auscult::server
