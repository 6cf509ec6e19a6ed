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

}  // namespace auscult::server
