#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace auscult::db {

// "sites/berlin/assets/pump-1" from {"sites", "berlin", "assets", "pump-1"}.
std::string ResourceName(std::initializer_list<std::string_view> parts);

absl::Status NoSuch(const std::string& name);        // NOT_FOUND
absl::Status AlreadyThere(const std::string& name);  // ALREADY_EXISTS

// ABORTED if the row has another revision than the one expected; 0 expects nothing.
absl::Status CheckRevision(const std::string& name, int64_t expected, int64_t actual);

}  // namespace auscult::db
