#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "cli/durable_file.h"

namespace auscult::cli {

// Which records of a spool are done: an append-only file of numbers, each with a checksum. An entry
// that a power cut took is harmless: its record is sent once more. Not thread-safe.
class SpoolRemovals {
 public:
  // Reads up to the first entry that is cut off or damaged, and goes on writing there.
  static absl::StatusOr<std::unique_ptr<SpoolRemovals>> Open(const std::string& path);

  bool Contains(uint64_t number) const { return numbers_.contains(number); }
  uint64_t largest() const { return numbers_.empty() ? 0 : *numbers_.rbegin(); }
  size_t size() const { return numbers_.size(); }
  absl::Status Add(uint64_t number);
  absl::Status Sync();
  // Forgets all below `number` but the largest, which keeps numbers from being given twice.
  absl::Status ForgetBelow(uint64_t number);

 private:
  explicit SpoolRemovals(std::string path) : path_(std::move(path)) {}
  absl::Status OpenFile();
  const std::string path_;
  FileDescriptor file_;
  std::set<uint64_t> numbers_;
};

}  // namespace auscult::cli
