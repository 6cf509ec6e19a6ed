#include "db/sample_codec.h"

#include <blosc.h>
#include <xxhash.h>

#include <bit>
#include <cassert>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace auscult::db {
namespace {

static_assert(std::endian::native == std::endian::little, "samples are stored as they are sent");

using features::Encoding;

// How one channel is packed. Stored: never reuse a number.
enum class Method : unsigned char { kAsSent = 0, kFlac = 1, kTransposed = 2, kGrid = 3 };

constexpr unsigned char kVersion = 1;
// Version, checksum of what follows, checksum of the octets as sent.
constexpr size_t kHeaderBytes = 1 + 8 + 8;

template <typename T>
void Append(const T& value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Takes a value from the front; false where too little is left.
template <typename T>
bool Take(std::string_view& from, T& value) {
  if (from.size() < sizeof(value)) return false;
  std::memcpy(&value, from.data(), sizeof(value));
  from.remove_prefix(sizeof(value));
  return true;
}

bool TakeOctets(std::string_view& from, size_t size, std::string_view& octets) {
  if (from.size() < size) return false;
  octets = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

struct Transposition {
  int shuffle;
  const char* compressor;
  int level;
};
// Bits of a smooth signal form runs; short or coarse ones are better served by entropy coding of
// whole octets.
constexpr Transposition kTranspositions[] = {{BLOSC_BITSHUFFLE, "lz4", 5},
                                             {BLOSC_SHUFFLE, "zstd", 1}};

// The shortest of the ways to transpose; false where none is shorter than the octets themselves.
bool Transpose(std::string_view octets, size_t item_bytes, std::string& trial, std::string& out) {
  bool shorter = false;
  for (const auto& [shuffle, compressor, level] : kTranspositions) {
    trial.resize(octets.size() + BLOSC_MAX_OVERHEAD);
    const int size = blosc_compress_ctx(level, shuffle, item_bytes, octets.size(), octets.data(),
                                        trial.data(), trial.size(), compressor, 0, 1);
    if (size <= 0 || static_cast<size_t>(size) >= (shorter ? out.size() : octets.size())) continue;
    out.assign(trial.data(), static_cast<size_t>(size));
    shorter = true;
  }
  return shorter;
}

bool Restore(std::string_view packed, std::span<char> octets) {
  size_t size = 0;
  if (packed.size() < BLOSC_MIN_HEADER_LENGTH ||
      blosc_cbuffer_validate(packed.data(), packed.size(), &size) != 0 || size != octets.size()) {
    return false;
  }
  return blosc_decompress_ctx(packed.data(), octets.data(), octets.size(), 1) ==
         static_cast<int>(octets.size());
}

std::vector<int32_t> IntegersOf(Encoding encoding, std::string_view octets) {
  std::vector<int32_t> integers(octets.size() / features::SampleBytes(encoding));
  if (encoding == Encoding::kInt16Le) {
    for (size_t i = 0; i < integers.size(); ++i) {
      int16_t sample;
      std::memcpy(&sample, octets.data() + 2 * i, sizeof(sample));
      integers[i] = sample;
    }
  } else {
    std::memcpy(integers.data(), octets.data(), octets.size());
  }
  return integers;
}

bool RestoreIntegers(Encoding encoding, std::string_view packed, std::span<char> octets) {
  std::vector<int32_t> integers(octets.size() / features::SampleBytes(encoding));
  if (!FlacSamples::Decode(packed, integers)) return false;
  if (encoding != Encoding::kInt16Le) {
    std::memcpy(octets.data(), integers.data(), octets.size());
    return true;
  }
  for (size_t i = 0; i < integers.size(); ++i) {
    const auto sample = static_cast<int16_t>(integers[i]);
    if (sample != integers[i]) return false;
    std::memcpy(octets.data() + 2 * i, &sample, sizeof(sample));
  }
  return true;
}

bool RestoreGrid(std::string_view packed, std::span<char> octets) {
  StepGrid grid;
  GridSamples placed;
  uint32_t exceptions = 0, corrections = 0;
  if (!Take(packed, grid.step) || !Take(packed, grid.offset) || !Take(packed, exceptions) ||
      !Take(packed, corrections) || exceptions > octets.size()) {
    return false;
  }
  placed.exceptions.resize(exceptions);
  for (GridSamples::Exception& exception : placed.exceptions) {
    if (!Take(packed, exception.index) || !Take(packed, exception.bits)) return false;
  }
  std::string_view corrected;
  if (!TakeOctets(packed, corrections, corrected)) return false;
  std::vector<float> samples(octets.size() / sizeof(float));
  if (corrections > 0) {
    placed.corrections.resize(samples.size());
    if (!Restore(corrected, {reinterpret_cast<char*>(placed.corrections.data()), samples.size()})) {
      return false;
    }
  }
  placed.places.resize(samples.size());
  if (!FlacSamples::Decode(packed, placed.places) || !TakeFromGrid(placed, grid, samples)) {
    return false;
  }
  std::memcpy(octets.data(), samples.data(), octets.size());
  return true;
}

bool RestoreChannel(Method method, Encoding encoding, std::string_view packed,
                    std::span<char> octets) {
  if (octets.empty()) return method == Method::kAsSent && packed.empty();
  switch (method) {
    case Method::kAsSent:
      if (packed.size() != octets.size()) return false;
      std::memcpy(octets.data(), packed.data(), packed.size());
      return true;
    case Method::kFlac:
      return encoding != Encoding::kFloat32Le && RestoreIntegers(encoding, packed, octets);
    case Method::kTransposed:
      return Restore(packed, octets);
    case Method::kGrid:
      return encoding == Encoding::kFloat32Le && RestoreGrid(packed, octets);
  }
  return false;
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError("the stored samples are damaged: " + std::string(what) +
                             "; look for damage of the database's disk and restore a backup");
}

void AppendChannel(Method method, std::string_view packed, std::string& out) {
  out += static_cast<char>(method);
  Append(static_cast<uint32_t>(packed.size()), out);
  out += packed;
}

}  // namespace

void SamplePacker::PackIntegers(const ChannelLayout& channel, std::string_view octets,
                                std::string& out) {
  std::string packed;
  if (flac_.Encode(IntegersOf(channel.encoding, octets), packed) && packed.size() < octets.size()) {
    AppendChannel(Method::kFlac, packed, out);
  } else {
    AppendChannel(Method::kAsSent, octets, out);
  }
}

bool SamplePacker::PackGrid(std::span<const float> samples, std::string& out) {
  const std::optional<StepGrid> grid = FindStepGrid(samples);
  if (!grid || !PlaceOnGrid(samples, *grid, grid_samples_)) return false;
  const std::vector<int8_t>& corrections = grid_samples_.corrections;
  std::string packed_corrections;
  if (!corrections.empty()) {
    packed_corrections.resize(corrections.size() + BLOSC_MAX_OVERHEAD);
    const int size =
        blosc_compress_ctx(1, BLOSC_BITSHUFFLE, 1, corrections.size(), corrections.data(),
                           packed_corrections.data(), packed_corrections.size(), "zstd", 0, 1);
    if (size <= 0) return false;
    packed_corrections.resize(static_cast<size_t>(size));
  }
  out.clear();
  Append(grid->step, out);
  Append(grid->offset, out);
  Append(static_cast<uint32_t>(grid_samples_.exceptions.size()), out);
  Append(static_cast<uint32_t>(packed_corrections.size()), out);
  for (const GridSamples::Exception& exception : grid_samples_.exceptions) Append(exception, out);
  out += packed_corrections;
  return flac_.Encode(grid_samples_.places, out);
}

void SamplePacker::PackFloats(std::string_view octets, std::string& out) {
  std::vector<float> samples(octets.size() / sizeof(float));
  std::memcpy(samples.data(), octets.data(), octets.size());
  std::string on_grid, transposed;
  const bool has_grid = PackGrid(samples, on_grid);
  // Whoever lies on a grid saves so much that nothing else need be tried.
  if (has_grid && on_grid.size() < octets.size() / 4 * 3) {
    AppendChannel(Method::kGrid, on_grid, out);
  } else if (Transpose(octets, sizeof(float), trial_, transposed)) {
    AppendChannel(Method::kTransposed, transposed, out);
  } else {
    AppendChannel(Method::kAsSent, octets, out);
  }
}

std::string SamplePacker::Pack(std::span<const ChannelLayout> channels, std::string_view octets) {
  std::string packed(kHeaderBytes, '\0');
  const XXH64_hash_t of_octets = XXH3_64bits(octets.data(), octets.size());
  for (const ChannelLayout& channel : channels) {
    assert(channel.bytes() <= octets.size());
    const std::string_view own = octets.substr(0, channel.bytes());
    octets.remove_prefix(own.size());
    if (own.empty()) {
      AppendChannel(Method::kAsSent, own, packed);
    } else if (channel.encoding == Encoding::kFloat32Le) {
      PackFloats(own, packed);
    } else {
      PackIntegers(channel, own, packed);
    }
  }
  assert(octets.empty());
  packed[0] = static_cast<char>(kVersion);
  std::memcpy(packed.data() + 9, &of_octets, sizeof(of_octets));
  const XXH64_hash_t of_packed = XXH3_64bits(packed.data() + 9, packed.size() - 9);
  std::memcpy(packed.data() + 1, &of_packed, sizeof(of_packed));
  return packed;
}

absl::StatusOr<std::string> UnpackSamples(std::span<const ChannelLayout> channels,
                                          std::string_view packed) {
  unsigned char version = 0;
  XXH64_hash_t of_packed = 0, of_octets = 0;
  if (!Take(packed, version) || version != kVersion || !Take(packed, of_packed)) {
    return Damaged("they do not begin as packed samples do");
  }
  if (XXH3_64bits(packed.data(), packed.size()) != of_packed || !Take(packed, of_octets)) {
    return Damaged("their checksum does not fit");
  }
  size_t size = 0;
  for (const ChannelLayout& channel : channels) size += channel.bytes();
  std::string octets(size, '\0');
  std::span<char> rest(octets);
  for (const ChannelLayout& channel : channels) {
    unsigned char method = 0;
    uint32_t packed_size = 0;
    std::string_view own;
    if (!Take(packed, method) || !Take(packed, packed_size) ||
        !TakeOctets(packed, packed_size, own) ||
        !RestoreChannel(static_cast<Method>(method), channel.encoding, own,
                        rest.first(channel.bytes()))) {
      return Damaged("a channel cannot be unpacked");
    }
    rest = rest.subspan(channel.bytes());
  }
  if (!packed.empty() || XXH3_64bits(octets.data(), octets.size()) != of_octets) {
    return Damaged("they do not give what was sent");
  }
  return octets;
}

}  // namespace auscult::db
