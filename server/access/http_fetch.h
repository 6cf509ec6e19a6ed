#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace auscult::server {

// Whether the URL may be asked: https, or http of this machine ("localhost", 127.0.0.0/8, ::1).
// INVALID_ARGUMENT says what is wrong with it.
absl::Status CheckFetchUrl(const std::string& url);

// What a GET of the URL answers: at most 256 KB within 5 s, with status 200, without following it
// elsewhere. Certificates are checked against those that the system trusts. UNAVAILABLE for
// everything that goes wrong. Thread-safe; waits.
absl::StatusOr<std::string> FetchUrl(const std::string& url);

}  // namespace auscult::server
