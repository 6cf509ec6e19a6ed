#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "db/trend_series.h"

namespace auscult::db {

// What there is of a point within a period.
struct TrendExtent {
  std::optional<int64_t> rolled_to_us;   // rollups of hours before are complete
  std::optional<int64_t> last_us;        // of the newest record, within the period or not
  std::optional<int64_t> first_hour_us;  // the first hourly rollup, daily rollup and record within
  std::optional<int64_t> first_day_us;
  std::optional<int64_t> first_record_us;
  std::vector<int64_t> due_us;  // hours whose rollups do not count, ascending
};

// Where a trend is read: spans that do not overlap and cover the period together.
struct TrendPlan {
  TrendResolution resolution = TrendResolution::kRecords;
  Period extent;  // where values can lie
  std::vector<Period> days, hours, records;
};

// The coarsest resolution that has a value for each of `max_points` in the extent, unless `wanted`
// says which. Begin and end that are no whole hour or day come from what is finer, so that nothing
// outside the period counts; what retention took of the finer comes from the coarser.
TrendPlan PlanTrend(Period period, int max_points, TrendResolution wanted,
                    const TrendExtent& extent);

// The coarsest resolution for values every `step_us`.
TrendResolution ResolutionFor(int64_t step_us);

}  // namespace auscult::db
