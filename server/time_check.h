#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

namespace auscult::server {

// Unix microseconds, cut. INVALID_ARGUMENT (BAD_TIME) for what is no time; `field` is its path in
// the request.
absl::StatusOr<int64_t> CheckTime(const google::protobuf::Timestamp& time,
                                  const std::string& field);

// The same of something that has happened: also ANCIENT_TIME (before 1990) and FUTURE_TIME (more
// than five minutes after `now_us`).
absl::StatusOr<int64_t> CheckPastTime(const google::protobuf::Timestamp& time, int64_t now_us,
                                      const std::string& field);

}  // namespace auscult::server
