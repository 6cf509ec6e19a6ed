#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "db/flac_samples.h"
#include "db/step_grid.h"
#include "features/decode.h"

namespace auscult::db {

// How the octets of stored samples lie. Stored: never reuse a number.
enum class SampleCodec : int16_t { kAsSent = 0, kPacked = 1 };

// The octets of one channel as it was sent.
struct ChannelLayout {
  features::Encoding encoding = features::Encoding::kFloat32Le;
  size_t samples = 0;

  size_t bytes() const { return samples * features::SampleBytes(encoding); }
};

// Packs samples without loss. Each channel as what suits it best: integers by linear prediction
// (FLAC); floats that lie on the grid of a converter as its integers; other floats with their bits
// transposed (blosc); and octets as they are where nothing helps. Keeps its memory: one for each
// thread.
class SamplePacker {
 public:
  // `octets`: the channels one after the other, exactly as long as `channels` say. Whatever the
  // octets, UnpackSamples gives them back bit by bit.
  std::string Pack(std::span<const ChannelLayout> channels, std::string_view octets);

 private:
  void PackIntegers(const ChannelLayout& channel, std::string_view octets, std::string& out);
  void PackFloats(std::string_view octets, std::string& out);
  bool PackGrid(std::span<const float> samples, std::string& out);

  FlacSamples flac_;
  GridSamples grid_samples_;
  std::string trial_;
};

// The octets as they were given to Pack with the same `channels`. Checked by two checksums, one of
// what is stored and one of what comes out: DATA_LOSS for anything that was not made by Pack, or
// was damaged since.
absl::StatusOr<std::string> UnpackSamples(std::span<const ChannelLayout> channels,
                                          std::string_view packed);

}  // namespace auscult::db
