#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "auscult/v1/admin_service.pb.h"

namespace auscult::cli {

// The audit log as it is verified, entry by entry from the first one: numbered without a gap, each
// with the hash of the one before, its own hash recomputed (SHA-256, FIPS 180-4, of the hash before
// in hex and the text that was hashed), and its fields those of that text.
class AuditChain {
 public:
  // FAILED_PRECONDITION, naming the entry, where it does not follow.
  absl::Status Follow(const v1::AuditEntry& entry);

  int64_t count() const { return count_; }
  // Hash of the last entry, hex; before the first one 64 zeros.
  const std::string& head() const { return head_; }

 private:
  int64_t count_ = 0;
  std::string head_ = std::string(64, '0');
};

}  // namespace auscult::cli
