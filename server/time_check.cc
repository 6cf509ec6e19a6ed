#include "server/time_check.h"

#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/plant_check.h"

namespace auscult::server {

absl::StatusOr<int64_t> CheckTime(const google::protobuf::Timestamp& time,
                                  const std::string& field) {
  using google::protobuf::util::TimeUtil;
  if (time.seconds() >= TimeUtil::kTimestampMinSeconds &&
      time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
      time.nanos() < 1'000'000'000) {
    return time.seconds() * 1'000'000 + time.nanos() / 1000;
  }
  return BadField("BAD_TIME", field,
                  Concat(field, " is no time: ", time.seconds(), " s, ", time.nanos(), " ns"),
                  "send seconds since 1970 within the years 1 to 9999 and nanos below 1e9");
}

}  // namespace auscult::server
