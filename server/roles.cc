#include "server/roles.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "server/concat.h"
#include "server/names.h"

namespace auscult::server {

absl::StatusOr<Roles> ParseRoles(std::string_view text) {
  Roles roles;
  for (absl::string_view word : absl::StrSplit(ToAbsl(text), ',')) {
    word = absl::StripAsciiWhitespace(word);
    if (word == "ingest") {
      roles.ingest = true;
    } else if (word == "api") {
      roles.api = true;
    } else if (word == "jobs") {
      roles.jobs = true;
    } else if (word == "rest") {
      roles.rest = true;
    } else {
      return absl::InvalidArgumentError(Concat(
          "roles: ", Quoted({word.data(), word.size()}),
          " is not a role; name one or more of ingest, api, jobs, rest, with commas between"));
    }
  }
  return roles;
}

}  // namespace auscult::server
