#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::server {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;

// 0 is the default, more than the maximum is the maximum; INVALID_ARGUMENT (BAD_PAGE_SIZE) for a
// negative one.
absl::StatusOr<int> PageSize(int32_t requested);

// Where the next page starts: the sort key of the last item shown. `scope` says which list it
// belongs to (method, parent, order, filter), so that a token is of no use with another request.
// Tokens are opaque, need no memory on the server and hold on every replica.
std::string MakePageToken(std::string_view scope, const std::vector<std::string>& cursor);

// The cursor of a token with `parts` parts; `parts` empty strings for the empty token, which asks
// for the first page. INVALID_ARGUMENT (BAD_PAGE_TOKEN) for one that was not made for this scope.
absl::StatusOr<std::vector<std::string>> ParsePageToken(std::string_view token,
                                                        std::string_view scope, size_t parts);

}  // namespace auscult::server
