#include "cli/spool_removals.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

constexpr size_t kEntryBytes = 12;

// Number and checksum; the checksum of nothing but noughts is not nought.
std::array<char, kEntryBytes> EntryOf(uint64_t number) {
  std::array<char, kEntryBytes> entry;
  std::memcpy(entry.data(), &number, sizeof(number));
  const auto crc =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(entry.data()), sizeof(number)));
  std::memcpy(entry.data() + sizeof(number), &crc, sizeof(crc));
  return entry;
}

}  // namespace

absl::Status SpoolRemovals::OpenFile() {
  file_ = FileDescriptor(open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (file_.get() >= 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path_));
}

absl::StatusOr<std::unique_ptr<SpoolRemovals>> SpoolRemovals::Open(const std::string& path) {
  std::unique_ptr<SpoolRemovals> removals(new SpoolRemovals(path));
  if (absl::Status status = removals->OpenFile(); !status.ok()) return status;
  std::array<char, kEntryBytes> entry;
  off_t whole = 0;
  const int fd = removals->file_.get();
  while (pread(fd, entry.data(), entry.size(), whole) == static_cast<ssize_t>(entry.size())) {
    uint64_t number = 0;
    std::memcpy(&number, entry.data(), sizeof(number));
    if (entry != EntryOf(number)) break;
    removals->numbers_.insert(number);
    whole += static_cast<off_t>(entry.size());
  }
  if (ftruncate(fd, whole) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot repair ", path));
  }
  return removals;
}

absl::Status SpoolRemovals::Add(uint64_t number) {
  if (!numbers_.insert(number).second) return absl::OkStatus();
  const std::array<char, kEntryBytes> entry = EntryOf(number);
  const off_t end = lseek(file_.get(), 0, SEEK_END);
  const absl::Status status =
      WriteAll(file_.get(), std::string_view(entry.data(), entry.size()), path_);
  // Half an entry would hide those behind it.
  if (!status.ok()) (void)!ftruncate(file_.get(), end);
  return status;
}

absl::Status SpoolRemovals::Sync() {
  if (fdatasync(file_.get()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot make durable ", path_));
}

absl::Status SpoolRemovals::ForgetBelow(uint64_t number) {
  std::set<uint64_t> kept(numbers_.lower_bound(number), numbers_.end());
  if (!numbers_.empty()) kept.insert(largest());
  std::string content;
  for (const uint64_t one : kept) {
    const std::array<char, kEntryBytes> entry = EntryOf(one);
    content.append(entry.data(), entry.size());
  }
  if (absl::Status status = ReplaceFile(path_, content); !status.ok()) return status;
  numbers_ = std::move(kept);
  return OpenFile();
}

}  // namespace auscult::cli
