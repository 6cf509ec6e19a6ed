#pragma once

#include <cstring>
#include <string>

#include "models/byte_codec.h"
#include "models/random.h"

namespace auscult::models {

// `bytes` with one to four accidents: bytes changed, cut off, doubled or appended. In every second
// case with a checksum that fits again, so that the checks behind it are reached.
inline std::string Mutate(std::string bytes, Random& random) {
  const auto pick = [&](size_t bound) { return static_cast<size_t>(random.Next() % bound); };
  const size_t accidents = 1 + pick(4);
  for (size_t i = 0; i < accidents && !bytes.empty(); ++i) {
    switch (pick(5)) {
      case 0:
        bytes[pick(bytes.size())] = static_cast<char>(random.Next());
        break;
      case 1:
        bytes[pick(bytes.size())] ^= static_cast<char>(1 << pick(8));
        break;
      case 2:
        bytes.resize(pick(bytes.size()));
        break;
      case 3:
        bytes.insert(pick(bytes.size()), bytes.substr(pick(bytes.size()), 8));
        break;
      default:
        for (size_t at = pick(bytes.size()), n = 0; n < 4 && at < bytes.size(); ++n) {
          bytes[at++] = static_cast<char>(0xFF);
        }
    }
  }
  if (random.Next() % 2 == 0 && bytes.size() >= sizeof(uint32_t)) {
    const uint32_t sum = Checksum(std::string_view(bytes).substr(0, bytes.size() - sizeof sum));
    std::memcpy(bytes.data() + bytes.size() - sizeof sum, &sum, sizeof sum);
  }
  return bytes;
}

}  // namespace auscult::models
