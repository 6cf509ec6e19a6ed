#include "server/open_files.h"

#include <filesystem>
#include <iterator>
#include <system_error>

namespace auscult::server {

int64_t CountOpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  return std::distance(begin(files), end(files));
}

}  // namespace auscult::server
