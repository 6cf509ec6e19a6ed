#include "cli/spool_frame.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace auscult::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they lie");

constexpr std::string_view kMagic = "ASP1";
constexpr size_t kCrcAt = 4, kNumberAt = 8, kTimeAt = 16, kLaneSizeAt = 24, kOctetsSizeAt = 28;

template <typename T>
T ReadAt(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

template <typename T>
void Append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

uint32_t CrcOf(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

// Of the frame that a header claims.
size_t ClaimedSize(std::string_view bytes) {
  return kSpoolFrameHeaderBytes + size_t{ReadAt<uint32_t>(bytes, kLaneSizeAt)} +
         size_t{ReadAt<uint32_t>(bytes, kOctetsSizeAt)};
}

// Whether the rest of a file is a frame whose writing did not end, or space that was never filled.
bool IsCutOff(std::string_view rest) {
  if (std::all_of(rest.begin(), rest.end(), [](char c) { return c == 0; })) return true;
  if (!rest.starts_with(kMagic.substr(0, rest.size()))) return false;
  return rest.size() < kSpoolFrameHeaderBytes || ClaimedSize(rest) > rest.size();
}

}  // namespace

size_t SizeOfSpoolFrame(const SpoolFrame& frame) {
  return kSpoolFrameHeaderBytes + frame.lane.size() + frame.octets.size();
}

std::string EncodeSpoolFrame(const SpoolFrame& frame) {
  assert(frame.octets.size() <= std::numeric_limits<uint32_t>::max());
  std::string bytes;
  bytes.reserve(SizeOfSpoolFrame(frame));
  bytes.append(kMagic);
  Append(bytes, uint32_t{0});
  Append(bytes, frame.number);
  Append(bytes, frame.accepted_us);
  Append(bytes, static_cast<uint32_t>(frame.lane.size()));
  Append(bytes, static_cast<uint32_t>(frame.octets.size()));
  bytes.append(frame.lane).append(frame.octets);
  const uint32_t crc = CrcOf(std::string_view(bytes).substr(kNumberAt));
  std::memcpy(bytes.data() + kCrcAt, &crc, sizeof(crc));
  return bytes;
}

std::optional<SpoolFrame> DecodeSpoolFrame(std::string_view bytes) {
  if (bytes.size() < kSpoolFrameHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const size_t size = ClaimedSize(bytes);
  if (size > bytes.size()) return std::nullopt;
  if (CrcOf(bytes.substr(kNumberAt, size - kNumberAt)) != ReadAt<uint32_t>(bytes, kCrcAt)) {
    return std::nullopt;
  }
  const size_t lane_size = ReadAt<uint32_t>(bytes, kLaneSizeAt);
  return SpoolFrame{.number = ReadAt<uint64_t>(bytes, kNumberAt),
                    .accepted_us = ReadAt<int64_t>(bytes, kTimeAt),
                    .lane = bytes.substr(kSpoolFrameHeaderBytes, lane_size),
                    .octets = bytes.substr(kSpoolFrameHeaderBytes + lane_size,
                                           ReadAt<uint32_t>(bytes, kOctetsSizeAt))};
}

SpoolScan ScanSpoolFrames(std::string_view bytes) {
  SpoolScan scan;
  uint64_t last_number = 0;
  size_t at = 0;
  while (at < bytes.size()) {
    const std::optional<SpoolFrame> frame = DecodeSpoolFrame(bytes.substr(at));
    if (frame && frame->number > last_number) {
      if (at > scan.end) scan.damaged.push_back({scan.end, at - scan.end});
      scan.found.push_back({at, *frame});
      last_number = frame->number;
      at += SizeOfSpoolFrame(*frame);
      scan.end = at;
      continue;
    }
    at = std::min(bytes.find(kMagic, at + 1), bytes.size());
  }
  const std::string_view rest = bytes.substr(scan.end);
  if (!rest.empty() && !IsCutOff(rest)) {
    scan.damaged.push_back({scan.end, rest.size()});
    scan.end = bytes.size();
  }
  return scan;
}

}  // namespace auscult::cli
