#pragma once

#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "server/config.h"

namespace auscult::server {

// Of the bytes for waveforms: what gRPC may hold of messages that have not arrived in full. It ends
// calls that would pass it, so that one message of the largest size must fit with room to spare.
inline int64_t TransportBytes(const Config& config) {
  const int64_t wanted = std::max(config.ingest_buffer_bytes / 4, 2 * config.max_message_bytes);
  return std::min(wanted, config.ingest_buffer_bytes / 4 * 3);
}

// The quota that gRPC keeps to: TransportBytes, and what it counts for every open connection, also
// one that does nothing. Without the latter thousands of idle connections fill it, and from 80 % on
// gRPC reads from the others in small pieces and shrinks their windows.
class TransportQuota {
 public:
  explicit TransportQuota(const Config& config);
  // To be called every second or so, by one thread at a time: counts the connections now and then.
  void FollowConnections();
  const grpc::ResourceQuota& quota() const { return quota_; }

 private:
  const int64_t bytes_;
  std::chrono::steady_clock::time_point next_count_;
  grpc::ResourceQuota quota_{"auscultd"};
};

}  // namespace auscult::server
