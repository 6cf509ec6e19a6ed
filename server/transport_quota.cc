#include "server/transport_quota.h"

#include "server/open_files.h"

namespace auscult::server {
namespace {

// With less, gRPC 1.51 may hold back the reads of a few busy connections for good.
constexpr int64_t kLeastBytes = 8 << 20;
// A buffer of 8 KB for reading, and two accounts that take 4 KB at a time.
constexpr int64_t kBytesPerConnection = 20 << 10;
// Ten thousand are counted in 14 ms.
constexpr std::chrono::seconds kCountPeriod{3};

}  // namespace

TransportQuota::TransportQuota(const Config& config)
    : bytes_(std::max(TransportBytes(config), kLeastBytes)) {
  FollowConnections();
}

void TransportQuota::FollowConnections() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_count_) return;
  next_count_ = now + kCountPeriod;
  // Nearly all files of a server with many are connections.
  quota_.Resize(static_cast<size_t>(bytes_ + CountOpenFiles() * kBytesPerConnection));
}

}  // namespace auscult::server
