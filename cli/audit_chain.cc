#include "cli/audit_chain.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <openssl/sha.h>

#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

std::string Sha256Hex(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

bool ShowsWhatWasHashed(v1::AuditEntry shown) {
  v1::AuditEntry hashed;
  if (!google::protobuf::util::JsonStringToMessage(shown.hashed(), &hashed).ok()) return false;
  shown.clear_previous_hash();
  shown.clear_hash();
  shown.clear_hashed();
  return google::protobuf::util::MessageDifferencer::Equals(shown, hashed);
}

}  // namespace

absl::Status AuditChain::Follow(const v1::AuditEntry& entry) {
  const auto broken = [&entry](auto&&... why) {
    return absl::FailedPreconditionError(
        absl::StrCat("the audit log is broken at entry ", entry.sequence(), ": ", why...));
  };
  if (entry.sequence() != count_ + 1) return broken("entry ", count_ + 1, " should stand there");
  if (entry.previous_hash() != head_) {
    return broken("it follows another entry than the one before it");
  }
  if (entry.hash() != Sha256Hex(absl::StrCat(head_, entry.hashed()))) {
    return broken("its hash is not that of its text");
  }
  if (!ShowsWhatWasHashed(entry)) return broken("its fields are not those that were hashed");
  ++count_;
  head_ = entry.hash();
  return absl::OkStatus();
}

}  // namespace auscult::cli
