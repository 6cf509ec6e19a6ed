#include "server/etag.h"

#include <xxhash.h>

#include <array>

#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

std::string_view WithoutQuotes(std::string_view etag) {
  if (etag.starts_with('"')) etag.remove_prefix(1);
  if (etag.ends_with('"')) etag.remove_suffix(1);
  return etag;
}

}  // namespace

std::string MakeEtag(int64_t row_id, int64_t revision) {
  const std::array<int64_t, 2> key = {row_id, revision};
  const uint64_t hash = XXH3_64bits(key.data(), sizeof(key));
  return Concat("\"", absl::Hex(hash, absl::kZeroPad16), "\"");
}

absl::Status CheckEtag(std::string_view sent, std::string_view current, std::string_view name,
                       std::string_view field) {
  if (sent.empty() || sent == "*" || WithoutQuotes(sent) == WithoutQuotes(current)) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted,
                   {.reason = "ETAG_MISMATCH",
                    .message = Concat(name, " has changed: its etag is ", current, ", not ",
                                      Quoted(WithoutQuotes(sent))),
                    .remedy = "read it again and repeat the change on what it is now",
                    .field = std::string(field)});
}

}  // namespace auscult::server
