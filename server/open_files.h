#pragma once

#include <cstdint>

namespace auscult::server {

// Files and sockets that this process has open; 0 where /proc does not say. Takes microseconds for
// each.
int64_t CountOpenFiles();

}  // namespace auscult::server
