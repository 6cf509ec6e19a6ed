#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "server/config.h"

namespace auscult::server {

// One thing that can be set: flag --key with dashes, variable AUSCULT_KEY, key of the file. The
// kind of its value is that of the member; a number of bytes is told by its name, `..._bytes`.
struct Setting {
  const char* key;  // snake_case, as in the file
  std::variant<std::string Config::*, int Config::*, int64_t Config::*, bool Config::*> member;
  const char* help;
  int64_t min = 0, max = 0;                // of numbers, inclusive
  std::span<const char* const> choices{};  // of texts; empty: any

  bool is_size() const { return std::string_view(key).ends_with("_bytes"); }
  bool is_flag() const { return std::holds_alternative<bool Config::*>(member); }
  bool is_text() const { return std::holds_alternative<std::string Config::*>(member); }
};

// All of them, in the order in which help and documents show them.
std::span<const Setting> Settings();
const Setting* FindSetting(std::string_view key);

std::string FlagOf(const Setting& setting);      // --commit-records
std::string VariableOf(const Setting& setting);  // AUSCULT_COMMIT_RECORDS
std::string ValueHint(const Setting& setting);   // "1 to 4096", "text or json", "64KB to 1GB"

// Sets the member from text. INVALID_ARGUMENT says what was written, where (`source`: "--workers",
// "auscultd.toml:3") and what is allowed.
absl::Status Apply(const Setting& setting, const std::string& text, const std::string& source,
                   Config& config);

// A value as TOML writes it: "512MB", 4, true. Passwords inside are blotted out.
std::string FormatValue(const Setting& setting, const Config& config);

// "--workerz" of ("--workers", ...): the word with the fewest edits, "" if none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace auscult::server
