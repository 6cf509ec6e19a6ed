#include "server/training_records.h"

#include <optional>
#include <utility>

#include "db/baseline_store.h"
#include "db/finding_query.h"
#include "db/point_history.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/period.h"
#include "server/plant_check.h"
#include "server/scope_points.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

bool CanBeLearnt(models::Fault fault) { return fault < models::Fault::kOther; }

std::string AssetOf(const std::string& point) { return point.substr(0, point.find("/points/")); }

}  // namespace

absl::StatusOr<models::Fault> LabelledFault(v1::Fault fault, const std::string& field) {
  const auto label = static_cast<models::Fault>(static_cast<int>(fault) - 1);
  if (fault > v1::FAULT_UNSPECIFIED && v1::Fault_IsValid(fault) && CanBeLearnt(label)) return label;
  return BadField(
      "BAD_LABEL", field,
      Concat(field, " is ", v1::Fault_IsValid(fault) ? v1::Fault_Name(fault) : "unknown",
             ", which cannot be learnt"),
      "send FAULT_HEALTHY or a fault from FAULT_INNER_RACE to FAULT_ELECTRICAL");
}

absl::StatusOr<Labelled> LabelOf(const v1::LabelledPeriod& period, int index) {
  const std::string path = Concat("labels[", index, "].");
  const absl::StatusOr<PointName> name = ParsePointName(period.point(), path + "point");
  if (!name.ok()) return name.status();
  const absl::StatusOr<db::Period> span = RequiredPeriod(period, path);
  if (!span.ok()) return span.status();
  const absl::StatusOr<models::Fault> fault = LabelledFault(period.fault(), path + "fault");
  if (!fault.ok()) return fault.status();
  if (absl::Status status = CheckText(period.rig(), path + "rig"); !status.ok()) return status;
  return Labelled{.point = period.point(), .period = *span, .fault = *fault, .rig = period.rig()};
}

absl::StatusOr<std::vector<Labelled>> LabelsFromFindings(db::Connection& connection) {
  const auto findings = db::ListFindings(connection);
  if (!findings.ok()) return findings.status();
  std::vector<Labelled> labels;
  for (const db::Finding& finding : *findings) {
    if (!CanBeLearnt(finding.fault)) continue;
    labels.push_back({.point = PointResource(finding.site, finding.asset, finding.point),
                      .period = finding.period,
                      .fault = finding.fault,
                      .rig = ""});
  }
  return labels;
}

absl::StatusOr<const models::Baseline*> TrainingRecords::BaselineOf(const std::string& point) {
  const auto found = PointsOf(connection_, point, "point");
  if (!found.ok()) return found.status();
  if (found->empty() || found->front().model_version == 0) return nullptr;
  const ScopedPoint& place = found->front();
  auto baseline =
      db::LoadBaseline(connection_, place.asset_id, place.point_id, place.model_version);
  if (!baseline.ok()) return baseline.status();
  baselines_.push_back(std::make_unique<const models::Baseline>(*std::move(baseline)));
  return baselines_.back().get();
}

absl::Status TrainingRecords::Add(const Labelled& label,
                                  const std::function<absl::Status()>& go_on) {
  const auto entry = directory_.Find(label.point);
  if (absl::IsNotFound(entry.status())) return absl::OkStatus();
  if (!entry.ok()) return entry.status();
  const DirectoryEntry& point = **entry;
  const absl::StatusOr<const models::Baseline*> baseline = BaselineOf(label.point);
  if (!baseline.ok()) return baseline.status();
  db::PointHistory history(point.asset_id, point.point_id, label.period);
  for (;;) {
    if (absl::Status status = go_on(); !status.ok()) return status;
    auto page = history.Next(connection_);
    if (!page.ok()) return page.status();
    if (page->empty()) return absl::OkStatus();
    for (db::MeasuredRecord& record : *page) {
      if (!seen_.emplace(point.asset_id, point.point_id, record.measured_at_us).second) continue;
      records_.push_back({.features = std::move(record.features),
                          .machine = *point.machine,
                          .fault = label.fault,
                          .rig = label.rig.empty() ? AssetOf(label.point) : label.rig,
                          .baseline = *baseline});
    }
    if (records_.size() > kMaxRecords) {
      return MakeError(absl::StatusCode::kFailedPrecondition,
                       {.reason = "TOO_MANY_RECORDS",
                        .message = Concat("the labels hold more than ", kMaxRecords, " records"),
                        .remedy = "shorten the labelled periods: many records of one machine teach "
                                  "little more than some",
                        .field = ""});
    }
  }
}

}  // namespace auscult::server
