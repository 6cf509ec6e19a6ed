#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "db/trend_writer.h"
#include "features/waveform.h"
#include "server/plant_directory.h"

namespace auscult::server {

// A recording as the rest of the server needs it: calibrated samples for the extraction, the octets
// as sent for the store, and the hash of all that the sender said.
struct DecodedWaveform {
  int64_t measured_at_us = 0;
  features::Waveform waveform;
  std::string content_hash;      // 16 bytes
  std::string other_conditions;  // JSON, "" for none
  db::RawSamples raw;
};

// Turns messages into waveforms. Keeps the sample buffer from one record to the next, so that a
// worker allocates nothing in the steady state; hence one decoder for each thread.
//
// Reasons of refusal, each with the field to blame: those of CheckMeasuredAt and CheckConditions;
// RATE_OUT_OF_RANGE, RATE_MISMATCH (more than 1 % off the point's); CHANNEL_MISMATCH (count, ids,
// lengths); UNKNOWN_UNIT, UNIT_MISMATCH (of another quantity than the channel's); BAD_ENCODING,
// BAD_SCALE; NO_SAMPLES, TOO_FEW_SAMPLES, TOO_MANY_SAMPLES; NOT_FINITE, VALUE_OUT_OF_RANGE.
//
// The hash covers time series and circumstances, not the way of sending: a channel may be named or
// not, floats may come packed or as FLOAT32_LE, a unit may be left to the point.
class WaveformDecoder {
 public:
  // Takes the octets out of `message`, which is of no use afterwards.
  absl::StatusOr<DecodedWaveform> Decode(v1::Waveform& message, const DirectoryEntry& entry,
                                         int64_t now_us);

  // Gives back the sample buffer of a waveform that is no longer needed.
  void Recycle(features::Waveform&& waveform);

 private:
  std::vector<float> samples_;
};

}  // namespace auscult::server
