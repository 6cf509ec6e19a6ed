#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "auscult/v1/model_service.pb.h"
#include "db/postgres.h"
#include "db/trend_query.h"
#include "models/train.h"
#include "server/plant_directory.h"

namespace auscult::server {

// What a period of a point is known to be.
struct Labelled {
  std::string point;
  db::Period period;
  models::Fault fault = models::Fault::kHealthy;
  std::string rig;  // "": the asset
};

// The fault of a label, healthy or one that rules can name; UNSPECIFIED and the others are
// INVALID_ARGUMENT (BAD_LABEL) at `field`.
absl::StatusOr<models::Fault> LabelledFault(v1::Fault fault, const std::string& field);

// The labels of a request, checked. `index` counts from 0.
absl::StatusOr<Labelled> LabelOf(const v1::LabelledPeriod& period, int index);

// What the findings of closed cases say of the records in them: a confirmed fault, the fault that
// was found instead, or health where the alarm was false.
absl::StatusOr<std::vector<Labelled>> LabelsFromFindings(db::Connection& connection);

// Stored records with their labels, to train on. A record that two labels hold keeps the first.
class TrainingRecords {
 public:
  static constexpr size_t kMaxRecords = 100'000;

  TrainingRecords(db::Connection& connection, PlantDirectory& directory)
      : connection_(connection), directory_(directory) {}

  // FAILED_PRECONDITION (TOO_MANY_RECORDS) beyond kMaxRecords; what `go_on` answers ends it. Points
  // that are gone are passed over.
  absl::Status Add(const Labelled& label, const std::function<absl::Status()>& go_on);

  const std::vector<models::LabelledRecord>& records() const { return records_; }

 private:
  absl::StatusOr<const models::Baseline*> BaselineOf(const std::string& point);

  db::Connection& connection_;
  PlantDirectory& directory_;
  std::vector<models::LabelledRecord> records_;
  std::vector<std::unique_ptr<const models::Baseline>> baselines_;
  std::set<std::tuple<int64_t, int64_t, int64_t>> seen_;  // asset, point, time
};

}  // namespace auscult::server
