#include "cli/file_bytes.h"

#include <sys/stat.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

constexpr unsigned kChunkBytes = 1u << 18;

}  // namespace

absl::Status CheckIsFile(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  if (S_ISDIR(status.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a folder; name a file in it, or give the folder to replay"));
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  std::fclose(file);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFileBytes(const std::string& path, int64_t limit) {
  if (absl::Status status = CheckIsFile(path); !status.ok()) return status;
  errno = 0;
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  gzbuffer(file.get(), kChunkBytes);
  std::string bytes;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunkBytes);
    const int count = gzread(file.get(), bytes.data() + before, kChunkBytes);
    bytes.resize(before + (count > 0 ? static_cast<size_t>(count) : 0));
    int error = Z_OK;
    const char* message = gzerror(file.get(), &error);
    if (count < 0 || error == Z_BUF_ERROR) {
      return absl::DataLossError(
          absl::StrCat(path, ": the compressed file is damaged or cut off after ", bytes.size(),
                       " unpacked bytes (", error == Z_ERRNO ? std::strerror(errno) : message,
                       "); copy it again from its source"));
    }
    if (static_cast<int64_t>(bytes.size()) > limit) {
      return absl::FailedPreconditionError(absl::StrCat(path, " holds more than ", limit >> 20,
                                                        " MB; cut it into several recordings"));
    }
    if (count == 0) return bytes;
  }
}

std::string ReadFirstBytes(const std::string& path, int count) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (!file) return "";
  std::string bytes(static_cast<size_t>(count), '\0');
  const int read = gzread(file.get(), bytes.data(), static_cast<unsigned>(count));
  bytes.resize(read > 0 ? static_cast<size_t>(read) : 0);
  return bytes;
}

}  // namespace auscult::cli
