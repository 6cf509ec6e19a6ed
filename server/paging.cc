#include "server/paging.h"

#include <xxhash.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

// Covers scope and cursor, so that a token that was cut or altered by accident is seen too.
std::string Seal(std::string_view scope, std::string_view cursor) {
  const uint64_t scope_hash = XXH3_64bits(scope.data(), scope.size());
  const uint64_t hash = XXH3_64bits_withSeed(cursor.data(), cursor.size(), scope_hash);
  return Concat(absl::Hex(hash, absl::kZeroPad16));
}

constexpr size_t kSealBytes = 16;

absl::Status BadToken() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   {.reason = "BAD_PAGE_TOKEN",
                    .message = "page_token was not made by this list with these arguments",
                    .remedy = "send next_page_token of the previous answer unchanged with the same "
                              "arguments, or leave it out to start again",
                    .field = "page_token"});
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     {.reason = "BAD_PAGE_SIZE",
                      .message = Concat("page_size is ", requested),
                      .remedy = Concat("send 0 for ", kDefaultPageSize, ", or 1 to ", kMaxPageSize),
                      .field = "page_size"});
  }
  return requested == 0 ? kDefaultPageSize : std::min<int>(requested, kMaxPageSize);
}

std::string MakePageToken(std::string_view scope, const std::vector<std::string>& cursor) {
  std::string body;
  for (const std::string& part : cursor) body += Concat(part.size(), ":", part);
  return absl::WebSafeBase64Escape(Concat(Seal(scope, body), body));
}

absl::StatusOr<std::vector<std::string>> ParsePageToken(std::string_view token,
                                                        std::string_view scope, size_t parts) {
  if (token.empty()) return std::vector<std::string>(parts);
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(ToAbsl(token), &bytes) ||
      bytes.size() < kSealBytes) {
    return BadToken();
  }
  const std::string_view whole = bytes;
  std::string_view body = whole.substr(kSealBytes);
  if (Seal(scope, body) != whole.substr(0, kSealBytes)) return BadToken();
  std::vector<std::string> cursor;
  while (!body.empty()) {
    const size_t colon = body.find(':');
    size_t length = 0;
    if (colon == std::string_view::npos ||
        !absl::SimpleAtoi(ToAbsl(body.substr(0, colon)), &length) ||
        length > body.size() - colon - 1) {
      return BadToken();
    }
    cursor.emplace_back(body.substr(colon + 1, length));
    body.remove_prefix(colon + 1 + length);
  }
  if (cursor.size() != parts) return BadToken();
  return cursor;
}

}  // namespace auscult::server
