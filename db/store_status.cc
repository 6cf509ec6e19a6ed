#include "db/store_status.h"

#include "absl/strings/str_cat.h"

namespace auscult::db {

std::string ResourceName(std::initializer_list<std::string_view> parts) {
  std::string name;
  for (const std::string_view part : parts) {
    if (!name.empty()) name.push_back('/');
    name.append(part);
  }
  return name;
}

absl::Status NoSuch(const std::string& name) {
  return absl::NotFoundError(absl::StrCat(name, " does not exist; create it or correct the name"));
}

absl::Status AlreadyThere(const std::string& name) {
  return absl::AlreadyExistsError(
      absl::StrCat(name, " exists already; choose another name, or update it"));
}

absl::Status CheckRevision(const std::string& name, int64_t expected, int64_t actual) {
  if (expected == 0 || expected == actual) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(name, " is at revision ", actual, ", not ", expected,
                                         ": somebody changed it; read it again and repeat"));
}

}  // namespace auscult::db
