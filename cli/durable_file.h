#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace auscult::cli {

// A file descriptor that is closed at the end of its scope. -1 is none.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Writes all octets. `path` is for the message. RESOURCE_EXHAUSTED where there is no room: a full
// disk, a quota, a limit on the size of files.
absl::Status WriteAll(int fd, std::string_view octets, const std::string& path);

// After it a power cut does not take the names back that were made or removed in a folder.
absl::Status SyncFolder(const std::string& folder);

// Replaces a file as a whole and durably: after a crash it holds the old or the new content. Errors
// are those of WriteAll.
absl::Status ReplaceFile(const std::string& path, std::string_view content);

// Moves a file into a folder, durably, also onto another disk; a file of that name there keeps its
// name, and this one gets a number behind its own. NOT_FOUND where it is gone.
absl::Status MoveInto(const std::string& path, const std::string& folder);

}  // namespace auscult::cli
