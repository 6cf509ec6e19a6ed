#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "db/case_writer.h"
#include "db/health_detail.h"
#include "db/point_row.h"

namespace auscult::db {

// The bit of a kind in PointRow::case_kinds.
constexpr unsigned CaseBit(models::CaseKind kind) { return 1u << static_cast<unsigned>(kind); }

// Gathers what the records of a batch mean for cases. A point whose condition and verdict stay as
// they are adds nothing, so that such a batch asks nothing of the database.
class CaseReports {
 public:
  // Of a point before its next record.
  struct Before {
    explicit Before(const PointRow& point)
        : condition(point.state.condition), verdict(point.health.verdict) {}
    models::Condition condition;
    models::Fault verdict;
  };

  // `point` has taken the record measured at `measured_at_us` in as its newest; late ones mean
  // nothing. Keeps the point's sensor_run and case_kinds.
  void Add(PointRow& point, const Before& before, int64_t measured_at_us,
           const HealthDetail& detail);

  // Once, in the transaction of the batch.
  absl::Status Apply(Connection& connection) const { return UpdateCases(connection, reports_); }
  bool empty() const { return reports_.empty(); }

 private:
  void Report(PointRow& point, models::CaseReport report);
  std::vector<CaseReport> reports_;
};

}  // namespace auscult::db
