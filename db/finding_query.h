#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_query.h"
#include "models/fault.h"

namespace auscult::db {

// What people found at a point while a case was open.
struct Finding {
  std::string site, asset, point;  // slugs
  Period period;                   // from the record that opened the case to that which closed it
  models::Fault fault = models::Fault::kHealthy;
};

// The findings of closed cases of machines, by asset and case, one for each point that asked for
// the case: the fault that was confirmed or found in its place, health where the alarm was false. A
// case in which something else was found that has no name here is left out.
absl::StatusOr<std::vector<Finding>> ListFindings(Connection& connection);

}  // namespace auscult::db
