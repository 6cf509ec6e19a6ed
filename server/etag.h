#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace auscult::server {

// An opaque, quoted tag of one revision of one row. The row's key is part of it: a resource that
// was deleted and made again under its old name has another tag.
std::string MakeEtag(int64_t row_id, int64_t revision);

// ABORTED (ETAG_MISMATCH) unless `sent` is empty, "*" or equal to `current`. Quotes may be left
// out. `name` is the resource.
absl::Status CheckEtag(std::string_view sent, std::string_view current, std::string_view name,
                       std::string_view field);

}  // namespace auscult::server
