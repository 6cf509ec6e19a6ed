#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace auscult::server {

// When something recurs: the five fields of a crontab (POSIX 2018, crontab; lists, ranges, steps,
// English names of months and days, 0 and 7 for Sunday). Where both day fields are restricted,
// either counts. A value.
class CronExpression {
 public:
  // INVALID_ARGUMENT says which field is wrong and what it takes. What can never come ("0 0 30 2
  // *") is refused as well.
  static absl::StatusOr<CronExpression> Parse(std::string_view text);

  // The first time after `after`, whole minutes by the clocks of `zone`. A time that the clocks
  // skip comes at the end of the gap; one that they show twice comes once, at first. Times before
  // 1970 and after 2200 are not asked for.
  absl::Time Next(absl::Time after, const absl::TimeZone& zone) const;

 private:
  CronExpression() = default;
  std::optional<absl::CivilMinute> NextCivil(absl::CivilMinute from) const;
  bool IsDay(absl::CivilDay day) const;

  // Bit n: the value n counts.
  uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  bool any_day_ = false, any_weekday_ = false;
};

}  // namespace auscult::server
