#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auscult::cli {

// One record of a spool as it lies in a file. Little-endian, without padding:
//
//   octets  what
//   4       "ASP1"
//   4       CRC-32 of all that follows
//   8       number: larger than those of all records before it
//   8       when it was taken in, microseconds since 1970
//   4, 4    sizes of the lane and of the octets
//           the lane, the octets
struct SpoolFrame {
  uint64_t number = 0;
  int64_t accepted_us = 0;
  std::string_view lane;
  std::string_view octets;
};

inline constexpr size_t kSpoolFrameHeaderBytes = 32;

std::string EncodeSpoolFrame(const SpoolFrame& frame);

// The frame that begins where `bytes` begins, pointing into them; nothing where none stands there
// whole and undamaged.
std::optional<SpoolFrame> DecodeSpoolFrame(std::string_view bytes);

size_t SizeOfSpoolFrame(const SpoolFrame& frame);

// What a file of frames holds.
struct SpoolScan {
  struct Found {
    size_t offset = 0;
    SpoolFrame frame;
  };
  struct Damage {
    size_t offset = 0;
    size_t size = 0;
  };
  std::vector<Found> found;     // numbers rise
  std::vector<Damage> damaged;  // between the frames
  // Where the last whole or damaged frame ends: what follows was being written when the power went,
  // a frame that was cut off or octets that never reached the disk.
  size_t end = 0;
};

SpoolScan ScanSpoolFrames(std::string_view bytes);

}  // namespace auscult::cli
