#include "db/case_reports.h"

#include <string>
#include <utility>

namespace auscult::db {
namespace {

using models::CaseKind;
using models::Condition;

// "Alarm: inner race, 91 %: ..." -> "inner race, 91 %: ...": a case has a condition of its own.
std::string WithoutCondition(const std::string& summary) {
  const size_t colon = summary.find(": ");
  return colon == std::string::npos || summary.find(' ') < colon ? summary
                                                                 : summary.substr(colon + 2);
}

bool Holds(const PointRow& point, CaseKind kind) { return (point.case_kinds & CaseBit(kind)) != 0; }

}  // namespace

void CaseReports::Add(PointRow& point, const Before& before, int64_t measured_at_us,
                      const HealthDetail& detail) {
  const auto report = [&](CaseKind kind, Condition condition) {
    const bool asks = AsksForCase(condition);
    Report(point, {.kind = kind,
                   .point_id = point.point_id,
                   .condition = condition,
                   .fault = point.health.verdict,
                   .measured_at_us = measured_at_us,
                   .summary = asks ? WithoutCondition(detail.summary) : "",
                   .detail = asks ? detail.json : ""});
  };
  if (Holds(point, CaseKind::kMissingData)) report(CaseKind::kMissingData, Condition::kNormal);

  const Condition now = point.health.condition;
  if (AsksForCase(now)) {
    const bool moved = point.state.condition != before.condition ||
                       point.health.verdict != before.verdict || !Holds(point, CaseKind::kMachine);
    if (moved) report(CaseKind::kMachine, now);
  } else if (ReleasesCase(now) && Holds(point, CaseKind::kMachine)) {
    report(CaseKind::kMachine, now);
  }

  if (now == Condition::kStopped) return;  // says nothing of its sensor
  point.sensor_run = models::NextSensorRun(point.sensor_run, now == Condition::kUnscorable);
  const bool asked = Holds(point, CaseKind::kSensor);
  if (point.sensor_run == models::kSensorRecords && !asked) {
    report(CaseKind::kSensor, Condition::kAlert);
  } else if (point.sensor_run == -models::kSensorRecords && asked) {
    report(CaseKind::kSensor, Condition::kNormal);
  }
}

void CaseReports::Report(PointRow& point, models::CaseReport report) {
  if (AsksForCase(report.condition)) {
    point.case_kinds |= CaseBit(report.kind);
  } else {
    point.case_kinds &= ~CaseBit(report.kind);
  }
  reports_.push_back({.asset_id = point.asset_id, .report = std::move(report)});
}

}  // namespace auscult::db
