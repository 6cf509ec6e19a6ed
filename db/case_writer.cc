#include "db/case_writer.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace auscult::db {
namespace {

using models::AlarmCase;

// The cases of one asset that somebody asks for.
struct Docket {
  int64_t site_id = 0;
  std::vector<AlarmCase> stored;  // as they were loaded
  std::vector<AlarmCase> cases;   // as the reports leave them, new ones at the end
  std::vector<models::CaseEvent> events;
};

using Dockets = std::map<int64_t, Docket>;  // by asset_id

AlarmCase CaseAt(const Rows& rows, int row) {
  AlarmCase found;
  found.alarm_id = rows.Int(row, 1);
  found.kind = static_cast<models::CaseKind>(rows.Int(row, 2));
  found.fault = static_cast<models::Fault>(rows.Int(row, 3));
  found.condition = static_cast<models::Condition>(rows.Int(row, 4));
  found.worst_condition = static_cast<models::Condition>(rows.Int(row, 5));
  found.sources = rows.IntArray(row, 6);
  const std::vector<int64_t> holders = rows.IntArray(row, 7);
  const std::vector<int64_t> conditions = rows.IntArray(row, 8);
  const std::vector<int64_t> faults = rows.IntArray(row, 9);
  for (size_t i = 0; i < holders.size(); ++i) {
    found.holds.push_back({holders[i], static_cast<models::Condition>(conditions.at(i)),
                           static_cast<models::Fault>(faults.at(i))});
  }
  found.summary = rows.Text(row, 10);
  if (!rows.IsNull(row, 11)) found.detail = rows.Text(row, 11);
  found.opened_at_us = rows.Int(row, 12);
  found.updated_at_us = rows.Int(row, 13);
  if (!rows.IsNull(row, 14)) found.closed_at_us = rows.Int(row, 14);
  if (!rows.IsNull(row, 15)) {
    found.shelved_condition = static_cast<models::Condition>(rows.Int(row, 15));
  }
  return found;
}

absl::StatusOr<Dockets> LockDockets(Connection& connection, std::span<const CaseReport> reports) {
  std::vector<Param> ids;
  for (const CaseReport& report : reports) ids.push_back(Int(report.asset_id));
  const Param values[] = {Array(ids)};
  absl::StatusOr<Rows> assets = connection.Query(
      "SELECT asset_id, site_id FROM asset WHERE asset_id = ANY ($1::bigint[])"
      " ORDER BY asset_id FOR NO KEY UPDATE",
      values);
  if (!assets.ok()) return assets.status();
  Dockets dockets;
  for (int row = 0; row < assets->count(); ++row) {
    dockets[assets->Int(row, 0)].site_id = assets->Int(row, 1);
  }
  // A statement of its own: it must see what those committed who held the assets before.
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id, alarm_id, kind, fault, condition, worst_condition, points, holders,"
      " hold_conditions, hold_faults, summary, detail, unix_us(opened_at), unix_us(updated_at),"
      " unix_us(closed_at), shelved_condition"
      " FROM alarm WHERE asset_id = ANY ($1::bigint[]) AND holders <> '{}'"
      " ORDER BY asset_id, alarm_id FOR UPDATE",
      values);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->count(); ++row) {
    if (const auto docket = dockets.find(rows->Int(row, 0)); docket != dockets.end()) {
      docket->second.stored.push_back(CaseAt(*rows, row));
    }
  }
  for (auto& [asset_id, docket] : dockets) docket.cases = docket.stored;
  return dockets;
}

// The columns that reports move, in the order of the statements below, after the keys.
std::vector<Param> ValuesOf(const AlarmCase& moved, int64_t first_key, int64_t second_key) {
  std::vector<Param> points, holders, conditions, faults;
  for (const int64_t source : moved.sources) points.push_back(Int(source));
  for (const models::CaseHold& hold : moved.holds) {
    holders.push_back(Int(hold.point_id));
    conditions.push_back(Int(static_cast<int64_t>(hold.condition)));
    faults.push_back(Int(static_cast<int64_t>(hold.fault)));
  }
  return {Int(first_key),
          Int(second_key),
          Int(static_cast<int64_t>(moved.fault)),
          Int(static_cast<int64_t>(moved.condition)),
          Int(static_cast<int64_t>(moved.worst_condition)),
          Array(points),
          Array(holders),
          Array(conditions),
          Array(faults),
          Text(moved.summary),
          moved.detail.empty() ? Null() : Text(moved.detail),
          TimeUs(moved.updated_at_us),
          moved.closed_at_us ? TimeUs(*moved.closed_at_us) : Null()};
}

absl::Status Save(Connection& connection, int64_t asset_id, const AlarmCase& moved) {
  std::vector<Param> values = ValuesOf(moved, asset_id, moved.alarm_id);
  values.push_back(Bool(moved.shelved_condition.has_value()));
  return connection.Execute(
      "UPDATE alarm SET fault = $3, condition = $4, worst_condition = $5, points = $6,"
      " holders = $7, hold_conditions = $8, hold_faults = $9, summary = $10, detail = $11,"
      " updated_at = $12, closed_at = $13,"
      " shelved_until = CASE WHEN $14 THEN shelved_until END,"
      " shelved_condition = CASE WHEN $14 THEN shelved_condition END,"
      " revision = revision + 1, changed_by = DEFAULT"
      " WHERE asset_id = $1 AND alarm_id = $2",
      values);
}

absl::StatusOr<int64_t> Insert(Connection& connection, int64_t site_id, int64_t asset_id,
                               const AlarmCase& opened) {
  std::vector<Param> values = ValuesOf(opened, asset_id, site_id);
  values.push_back(Int(static_cast<int64_t>(opened.kind)));
  values.push_back(TimeUs(opened.opened_at_us));
  const absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO alarm (asset_id, site_id, fault, condition, worst_condition, points, holders,"
      " hold_conditions, hold_faults, summary, detail, updated_at, closed_at, kind, opened_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
      " RETURNING alarm_id",
      values);
  if (!rows.ok()) return rows.status();
  return rows->Int(0, 0);
}

absl::Status WriteNotes(Connection& connection, int64_t asset_id, const Docket& docket) {
  std::vector<Param> alarms, actions, texts;
  for (const models::CaseEvent& event : docket.events) {
    alarms.push_back(Int(docket.cases[event.place].alarm_id));
    actions.push_back(Text(CaseActionName(event.action)));
    texts.push_back(Text(event.text));
  }
  if (alarms.empty()) return absl::OkStatus();
  const Param values[] = {Int(asset_id), Int(docket.site_id), Array(alarms), Array(actions),
                          Array(texts)};
  return connection.Execute(
      "INSERT INTO alarm_note (asset_id, site_id, alarm_id, action, text)"
      " SELECT $1, $2, alarm_id, action, text"
      " FROM unnest($3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY"
      "  AS note (alarm_id, action, text, place) ORDER BY place",
      values);
}

// What closes goes first and what opens last: a name that one case gives up may be another's.
absl::Status WriteDocket(Connection& connection, int64_t asset_id, Docket& docket) {
  for (const bool closing : {true, false}) {
    for (size_t i = 0; i < docket.stored.size(); ++i) {
      const AlarmCase& moved = docket.cases[i];
      if (moved == docket.stored[i] || moved.closed_at_us.has_value() != closing) continue;
      if (absl::Status status = Save(connection, asset_id, moved); !status.ok()) return status;
    }
  }
  for (size_t i = docket.stored.size(); i < docket.cases.size(); ++i) {
    const absl::StatusOr<int64_t> alarm_id =
        Insert(connection, docket.site_id, asset_id, docket.cases[i]);
    if (!alarm_id.ok()) return alarm_id.status();
    docket.cases[i].alarm_id = *alarm_id;
  }
  return WriteNotes(connection, asset_id, docket);
}

}  // namespace

absl::Status UpdateCases(Connection& connection, std::span<const CaseReport> reports) {
  if (reports.empty()) return absl::OkStatus();
  absl::StatusOr<Dockets> dockets = LockDockets(connection, reports);
  if (!dockets.ok()) return dockets.status();
  std::vector<const CaseReport*> in_order;
  for (const CaseReport& report : reports) in_order.push_back(&report);
  std::stable_sort(in_order.begin(), in_order.end(), [](const CaseReport* a, const CaseReport* b) {
    return std::tie(a->asset_id, a->report.measured_at_us) <
           std::tie(b->asset_id, b->report.measured_at_us);
  });
  for (const CaseReport* report : in_order) {
    const auto docket = dockets->find(report->asset_id);
    if (docket == dockets->end()) continue;
    std::vector<models::CaseEvent> events = ApplyReport(report->report, docket->second.cases);
    std::move(events.begin(), events.end(), std::back_inserter(docket->second.events));
  }
  for (auto& [asset_id, docket] : *dockets) {
    if (absl::Status status = WriteDocket(connection, asset_id, docket); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ReleaseCasesOfPoint(Connection& connection, int64_t asset_id, int64_t point_id) {
  std::vector<CaseReport> reports;
  const int64_t now_us = std::chrono::duration_cast<std::chrono::microseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  for (const auto kind :
       {models::CaseKind::kMachine, models::CaseKind::kSensor, models::CaseKind::kMissingData}) {
    reports.push_back({.asset_id = asset_id,
                       .report = {.kind = kind,
                                  .point_id = point_id,
                                  .condition = models::Condition::kNormal,
                                  .measured_at_us = now_us,
                                  .summary = "the point was deleted",
                                  .detail = ""}});
  }
  return UpdateCases(connection, reports);
}

}  // namespace auscult::db
