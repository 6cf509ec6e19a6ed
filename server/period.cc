#include "server/period.h"

#include "server/concat.h"
#include "server/plant_check.h"
#include "server/time_check.h"

namespace auscult::server {

using google::protobuf::Timestamp;

absl::StatusOr<db::Period> RequiredPeriod(const Timestamp* start, const Timestamp* end,
                                          const std::string& path) {
  for (const auto& [time, name] : {std::pair(start, "start_time"), std::pair(end, "end_time")}) {
    if (time == nullptr) {
      return BadField("MISSING_TIME", path + name, Concat(path, name, " is missing"),
                      "send the time from which, and that before which, records count");
    }
  }
  const absl::StatusOr<int64_t> start_us = CheckTime(*start, path + "start_time");
  if (!start_us.ok()) return start_us.status();
  const absl::StatusOr<int64_t> end_us = CheckTime(*end, path + "end_time");
  if (!end_us.ok()) return end_us.status();
  if (*start_us < *end_us) return db::Period{.start_us = *start_us, .end_us = *end_us};
  return BadField("EMPTY_PERIOD", path + "start_time",
                  Concat(path, "start_time is not before ", path, "end_time"),
                  "send a start_time before the end_time");
}

}  // namespace auscult::server
