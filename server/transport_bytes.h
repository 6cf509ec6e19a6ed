#pragma once

#include <algorithm>
#include <cstdint>

#include "server/config.h"

namespace auscult::server {

// Of the bytes for waveforms: what gRPC may hold of messages that have not arrived in full. It ends
// calls that would pass it, so that one message of the largest size must fit with room to spare.
inline int64_t TransportBytes(const Config& config) {
  const int64_t wanted = std::max(config.ingest_buffer_bytes / 4, 2 * config.max_message_bytes);
  return std::min(wanted, config.ingest_buffer_bytes / 4 * 3);
}

}  // namespace auscult::server
