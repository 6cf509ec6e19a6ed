#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/recording.h"

namespace auscult::cli {

// What the sender knows of a recording beyond its file; it outweighs the file.
struct SendOptions {
  std::string point;                  // resource name
  std::vector<std::string> channels;  // names or numbers, in the order of the point; empty = all
  double rate_hz = 0;                 // 0 = as the file says
  float speed_rpm = std::numeric_limits<float>::quiet_NaN();  // measured, not nominal
  float load_percent = std::numeric_limits<float>::quiet_NaN();
  std::string unit;  // "" = as the file says, else as the point says
};

// The message that sends a recording: channels in order and without ids, samples as float32.
absl::StatusOr<v1::Waveform> WaveformOf(const Recording& recording, const SendOptions& options,
                                        absl::Time measured_at);

// Appends samples as float32 little-endian to a channel of a message.
void SetSamples(std::span<const float> samples, v1::ChannelSamples& channel);

}  // namespace auscult::cli
