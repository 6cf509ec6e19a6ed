#include "server/time_check.h"

#include "absl/time/time.h"
#include "db/partitions.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

constexpr int64_t kFutureToleranceUs = 300'000'000;

std::string TimeText(int64_t us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(us), absl::UTCTimeZone());
}

}  // namespace

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

absl::StatusOr<int64_t> CheckPastTime(const google::protobuf::Timestamp& time, int64_t now_us,
                                      const std::string& field) {
  const absl::StatusOr<int64_t> us = CheckTime(time, field);
  if (!us.ok()) return us;
  if (*us < db::kEarliestUs) {
    return BadField("ANCIENT_TIME", field, Concat(field, " is ", TimeText(*us)),
                    "send a time from 1990 on");
  }
  if (*us > now_us + kFutureToleranceUs) {
    return BadField(
        "FUTURE_TIME", field,
        Concat(field, " is ", TimeText(*us), ", but the server's clock shows ", TimeText(now_us)),
        "send it when it has happened; up to 5 minutes ahead are taken");
  }
  return us;
}

}  // namespace auscult::server
