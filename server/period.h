#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "db/trend_query.h"
#include "google/protobuf/timestamp.pb.h"

namespace auscult::server {

// start_time (inclusive) to end_time (exclusive) of a message at `path` in the
// request ("" or "labels[2]."). INVALID_ARGUMENT: MISSING_TIME, BAD_TIME, EMPTY_PERIOD.
absl::StatusOr<db::Period> RequiredPeriod(const google::protobuf::Timestamp* start,
                                          const google::protobuf::Timestamp* end,
                                          const std::string& path);

template <typename Message>
absl::StatusOr<db::Period> RequiredPeriod(const Message& message, const std::string& path) {
  return RequiredPeriod(message.has_start_time() ? &message.start_time() : nullptr,
                        message.has_end_time() ? &message.end_time() : nullptr, path);
}

}  // namespace auscult::server
