#include "cli/time_option.h"

#include "absl/strings/str_cat.h"
#include "cli/command.h"

namespace auscult::cli {

absl::StatusOr<absl::Time> ParseTimeOption(const std::string& option, const std::string& text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d %H:%M:%S", text, absl::LocalTimeZone(), &time, &error) ||
      absl::ParseTime("%Y-%m-%d", text, absl::LocalTimeZone(), &time, &error)) {
    return time;
  }
  return WrongUse(absl::StrCat(option, ": \"", text,
                               "\" is not a time; write 2026-03-01 or 2026-03-01T14:05:00Z"));
}

}  // namespace auscult::cli
