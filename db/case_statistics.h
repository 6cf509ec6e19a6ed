#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_query.h"

namespace auscult::db {

// What people found about the machine and process cases that were opened in a period. Sensor and
// missing-data cases are not counted: nobody was sent to a machine for them.
struct CaseStatistics {
  int opened = 0, open = 0;  // open: still
  int confirmed = 0, false_alarms = 0, other_causes = 0, without_finding = 0;
  std::optional<double> median_lead_s;         // of confirmed ones, from opening to closing
  std::optional<double> median_acknowledge_s;  // from when it was stored to acknowledgement
};

// Of a site, or of all (`site` "").
absl::StatusOr<CaseStatistics> CountCases(Connection& connection, const std::string& site,
                                          Period opened);

// How often a threshold may be wrong.
struct FalseAlarmBudget {
  std::optional<double> false_alarms_per_point_year;  // of the site, where it is set
  std::optional<double> alarms_per_week;              // of the site, where it is set
  int point_count = 0;
};

// Of a site, or the number of points of all (`site` ""). NOT_FOUND without the site.
absl::StatusOr<FalseAlarmBudget> GetFalseAlarmBudget(Connection& connection,
                                                     const std::string& site);

// The rate that the threshold of each point is set for: the one that was set, or 0.1, and no more
// than its share of the weekly budget.
double FalseAlarmsPerPointYear(const FalseAlarmBudget& budget);

}  // namespace auscult::db
