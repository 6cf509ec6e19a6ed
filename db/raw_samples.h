#pragma once

#include <string>
#include <vector>

#include "db/sample_codec.h"

namespace auscult::db {

// The raw samples of a record on their way into the store.
struct RawSamples {
  double sample_rate_hz = 0;
  std::string channels = {};               // JSON
  std::string samples = {};                // as `codec` says
  std::string conditions = {};             // JSON of auscult.v1.Conditions as sent; "" is not known
  std::vector<ChannelLayout> layout = {};  // of `samples` as sent; empty: they cannot be packed
  SampleCodec codec = SampleCodec::kAsSent;
};

// Packs samples that are not packed yet and can be.
void PackRaw(SamplePacker& packer, RawSamples& raw);

}  // namespace auscult::db
