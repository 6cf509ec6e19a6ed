#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "db/trend_writer.h"
#include "features/extract.h"
#include "server/plant_directory.h"
#include "server/waveform_decode.h"

namespace auscult::server {

// From the message of a waveform to the record of a point, as it is stored and judged. Keeps its
// memory from one record to the next; hence one for each thread.
class RecordExtraction {
 public:
  // Takes the octets out of `message`. Refuses what WaveformDecoder refuses.
  absl::StatusOr<db::Record> Extract(v1::Waveform& message, const DirectoryEntry& entry,
                                     int64_t now_us);

 private:
  WaveformDecoder decoder_;
  features::Extractor extractor_;
  features::FeatureVector features_;
};

}  // namespace auscult::server
