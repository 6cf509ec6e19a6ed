#include "cli/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

absl::Status WriteError(int error, const std::string& path) {
  const std::string text = absl::StrCat("cannot write ", path);
  const absl::Status status = absl::ErrnoToStatus(error, text);
  if (error != EFBIG && error != EDQUOT && error != ENOSPC) return status;
  return absl::ResourceExhaustedError(status.message());
}

std::string FreeName(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::string path = absl::StrCat(folder, "/", name);
  for (int i = 1; std::filesystem::exists(path, error); ++i) {
    path = absl::StrCat(folder, "/", name, ".", i);
  }
  return path;
}

// Whole or not at all.
absl::Status CopyFile(const std::string& from, const std::string& to) {
  const std::string fresh = to + ".new";
  std::error_code error;
  std::filesystem::copy_file(from, fresh, std::filesystem::copy_options::overwrite_existing, error);
  if (error) return WriteError(error.value(), fresh);
  const FileDescriptor copy(open(fresh.c_str(), O_RDONLY | O_CLOEXEC));
  if (copy.get() < 0 || fsync(copy.get()) != 0 || rename(fresh.c_str(), to.c_str()) != 0) {
    return WriteError(errno, fresh);
  }
  return absl::OkStatus();
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

absl::Status WriteAll(int fd, std::string_view octets, const std::string& path) {
  while (!octets.empty()) {
    const ssize_t written = write(fd, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(errno, path);
    octets.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& folder) {
  const FileDescriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || fsync(opened.get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make durable what is in ", folder));
  }
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  {
    const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (file.get() < 0) return WriteError(errno, fresh);
    absl::Status status = WriteAll(file.get(), content, fresh);
    if (status.ok() && fsync(file.get()) != 0) status = WriteError(errno, fresh);
    if (!status.ok()) {
      unlink(fresh.c_str());
      return status;
    }
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return WriteError(errno, path);
  return SyncFolder(std::filesystem::path(path).parent_path().string());
}

absl::Status MoveInto(const std::string& path, const std::string& folder) {
  const std::filesystem::path from(path);
  const std::string to = FreeName(folder, from.filename().string());
  if (rename(path.c_str(), to.c_str()) != 0) {
    if (errno != EXDEV) return absl::ErrnoToStatus(errno, absl::StrCat("cannot move ", path));
    if (absl::Status status = CopyFile(path, to); !status.ok()) return status;
    if (unlink(path.c_str()) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", path));
    }
  }
  if (absl::Status status = SyncFolder(folder); !status.ok()) return status;
  return SyncFolder(from.parent_path().string());
}

}  // namespace auscult::cli
