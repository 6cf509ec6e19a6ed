#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace auscult::server {

// Facts beside a message, by name: {"point", name}, {"records", "12"}. In text they follow the
// message as name=value; in JSON each is a member of the line's object.
using LogFields = std::vector<std::pair<std::string, std::string>>;

// Lines go to stderr: time (UTC), level, message, fields. `level` and `format` as in Config. gRPC's
// own words come out in the same form. Until it is called the log is text from `info` on. Call it
// before other threads run.
absl::Status SetUpLog(const std::string& level, const std::string& format);

// Thread-safe. Line breaks in what is logged do not break a line. Nothing secret is logged.
void LogDebug(const std::string& message, const LogFields& fields = {});
void LogInfo(const std::string& message, const LogFields& fields = {});
void LogWarning(const std::string& message, const LogFields& fields = {});
void LogError(const std::string& message, const LogFields& fields = {});

}  // namespace auscult::server
