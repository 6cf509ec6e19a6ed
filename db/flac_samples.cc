#include "db/flac_samples.h"

#include <FLAC/stream_decoder.h>
#include <FLAC/stream_encoder.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace auscult::db {
namespace {

// Level 3: the first with fitted predictors, which gain a tenth over fixed ones; higher levels gain
// hundredths (bench/codec_bench).
constexpr uint32_t kLevel = 3;
// FLAC wants a rate; it plays no part in the coding.
constexpr uint32_t kRate = 1000;
constexpr uint32_t kFewestBits = 4, kMostBits = 32;
constexpr size_t kLargestBlock = 4096;

uint32_t BitsOf(std::span<const int32_t> samples) {
  uint32_t used = 0;
  for (const int32_t sample : samples) used |= static_cast<uint32_t>(sample ^ (sample >> 31));
  return std::clamp(static_cast<uint32_t>(std::bit_width(used)) + 1, kFewestBits, kMostBits);
}

FLAC__StreamEncoderWriteStatus Append(const FLAC__StreamEncoder*, const FLAC__byte* octets,
                                      size_t size, uint32_t samples, uint32_t, void* out) {
  // What holds no samples is the header of a file.
  if (samples > 0) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(octets), size);
  }
  return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

// "fLaC" and STREAMINFO, as the decoder expects them before the frames.
std::string HeaderFor(uint32_t bits) {
  std::string header("fLaC\x80\0\0\x22", 8);
  const auto append = [&header](uint64_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) header += static_cast<char>(value >> (8 * i));
  };
  append(16, 2);                                                // shortest block
  append(65535, 2);                                             // longest block
  append(0, 6);                                                 // sizes of frames: not known
  append(uint64_t{kRate} << 44 | uint64_t{bits - 1} << 36, 8);  // one channel, length not known
  append(0, 8);
  append(0, 8);  // no MD5
  return header;
}

struct Reading {
  std::string header;
  std::string_view packed;
  size_t at = 0;  // over both
  std::span<int32_t> samples;
  size_t decoded = 0;
  bool damaged = false;
};

FLAC__StreamDecoderReadStatus Read(const FLAC__StreamDecoder*, FLAC__byte* octets, size_t* size,
                                   void* context) {
  Reading& reading = *static_cast<Reading*>(context);
  const bool in_header = reading.at < reading.header.size();
  const std::string_view rest = in_header
                                    ? std::string_view(reading.header).substr(reading.at)
                                    : reading.packed.substr(reading.at - reading.header.size());
  *size = std::min(*size, rest.size());
  if (*size == 0) return FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
  std::memcpy(octets, rest.data(), *size);
  reading.at += *size;
  return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
}

FLAC__StreamDecoderWriteStatus Take(const FLAC__StreamDecoder*, const FLAC__Frame* frame,
                                    const FLAC__int32* const channels[], void* context) {
  Reading& reading = *static_cast<Reading*>(context);
  const size_t count = frame->header.blocksize;
  if (count > reading.samples.size() - reading.decoded) {
    reading.damaged = true;
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  std::copy_n(channels[0], count, reading.samples.begin() + reading.decoded);
  reading.decoded += count;
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

void NoteDamage(const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus, void* context) {
  static_cast<Reading*>(context)->damaged = true;
}

}  // namespace

struct FlacSamples::Encoder {
  FLAC__StreamEncoder* flac = FLAC__stream_encoder_new();
  ~Encoder() {
    if (flac != nullptr) FLAC__stream_encoder_delete(flac);
  }
};

FlacSamples::FlacSamples() = default;
FlacSamples::~FlacSamples() = default;

bool FlacSamples::Encode(std::span<const int32_t> samples, std::string& out) {
  if (encoder_ == nullptr) encoder_ = std::make_unique<Encoder>();
  FLAC__StreamEncoder* const flac = encoder_->flac;
  if (flac == nullptr || samples.empty()) return false;
  const uint32_t bits = BitsOf(samples);
  out += static_cast<char>(bits);
  FLAC__stream_encoder_set_channels(flac, 1);
  FLAC__stream_encoder_set_bits_per_sample(flac, bits);
  FLAC__stream_encoder_set_sample_rate(flac, kRate);
  FLAC__stream_encoder_set_streamable_subset(flac, false);
  FLAC__stream_encoder_set_compression_level(flac, kLevel);
  FLAC__stream_encoder_set_blocksize(
      flac, static_cast<uint32_t>(std::clamp<size_t>(samples.size(), 16, kLargestBlock)));
  if (FLAC__stream_encoder_init_stream(flac, Append, nullptr, nullptr, nullptr, &out) !=
      FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
    return false;
  }
  const FLAC__int32* const channels[] = {samples.data()};
  const bool taken =
      FLAC__stream_encoder_process(flac, channels, static_cast<uint32_t>(samples.size())) != 0;
  return FLAC__stream_encoder_finish(flac) != 0 && taken;
}

bool FlacSamples::Decode(std::string_view packed, std::span<int32_t> samples) {
  if (packed.empty()) return false;
  const auto bits = static_cast<unsigned char>(packed[0]);
  if (bits < kFewestBits || bits > kMostBits) return false;
  Reading reading{.header = HeaderFor(bits), .packed = packed.substr(1), .samples = samples};
  const std::unique_ptr<FLAC__StreamDecoder, decltype(&FLAC__stream_decoder_delete)> flac(
      FLAC__stream_decoder_new(), &FLAC__stream_decoder_delete);
  if (flac == nullptr || FLAC__stream_decoder_init_stream(
                             flac.get(), Read, nullptr, nullptr, nullptr, nullptr, Take, nullptr,
                             NoteDamage, &reading) != FLAC__STREAM_DECODER_INIT_STATUS_OK) {
    return false;
  }
  const bool whole = FLAC__stream_decoder_process_until_end_of_stream(flac.get()) != 0;
  return whole && !reading.damaged && reading.decoded == samples.size();
}

}  // namespace auscult::db
