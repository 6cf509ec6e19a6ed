#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auscult/v1/rescore_service.pb.h"
#include "db/schedule_store.h"

namespace auscult::server {

// A stored schedule as the API shows it, and back: the definition alone.
absl::StatusOr<v1::Schedule> MessageOf(const db::Schedule& row);
std::string DefinitionOf(const v1::Schedule& schedule);
v1::ScheduleRun MessageOf(const db::ScheduleRun& row);

// What a schedule may hold; `site` is where it belongs to. INVALID_ARGUMENT names the path below
// `field`: BAD_CRON, UNKNOWN_TIME_ZONE, SCOPE_OUTSIDE_SITE, ...
absl::Status CheckSchedule(const v1::Schedule& schedule, std::string_view site,
                           const std::string& field);

// Where its clocks are: its own zone, that of the site, UTC.
absl::TimeZone ZoneOf(const v1::Schedule& schedule, const std::string& site_time_zone);

// The first time after `after_us`; nothing while it is disabled. The schedule has been checked.
std::optional<int64_t> NextTime(const v1::Schedule& schedule, const std::string& site_time_zone,
                                int64_t after_us);

}  // namespace auscult::server
