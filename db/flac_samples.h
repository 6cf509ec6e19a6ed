#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace auscult::db {

// Integers as frames of FLAC (linear prediction and Rice codes), without the headers of a file,
// which would weigh on short records. Keeps its encoder from the first use on: one for
// each thread.
class FlacSamples {
 public:
  FlacSamples();
  ~FlacSamples();
  FlacSamples(const FlacSamples&) = delete;
  FlacSamples& operator=(const FlacSamples&) = delete;

  // Appends to `out`. False where the encoder refuses; `out` is of no use then.
  bool Encode(std::span<const int32_t> samples, std::string& out);

  // Fills the whole of `samples` from what Encode appended. False where `packed` does not hold
  // exactly so many, or is damaged.
  static bool Decode(std::string_view packed, std::span<int32_t> samples);

 private:
  struct Encoder;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace auscult::db
