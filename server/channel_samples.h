#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/ingest_service.pb.h"
#include "features/decode.h"
#include "features/units.h"
#include "server/plant_directory.h"

namespace auscult::server {

// The samples of one channel as they were sent, with everything that gives them a meaning.
struct SentChannel {
  int position = 0;  // in the message
  std::string id;    // as the point names it
  features::Unit unit;
  features::Encoding encoding = features::Encoding::kFloat32Le;
  features::Calibration calibration;
  std::string_view octets;  // in the message, little-endian

  size_t sample_count() const;
};

// The channels of a message in the order of the point's, every one exactly once, all of one length
// within what a Waveform may have. Views into `message`. Errors as WaveformDecoder lists them.
absl::StatusOr<std::vector<SentChannel>> ArrangeChannels(const v1::Waveform& message,
                                                         const DirectoryEntry& entry);

// How the channels lie in `RawSamples::samples`: JSON array of
// {"id", "unit", "encoding", "scale", "offset", "samples"}.
std::string DescribeChannels(const std::vector<SentChannel>& channels);

}  // namespace auscult::server
