#include "db/relearning.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/baseline_store.h"
#include "db/health_detail.h"
#include "db/stale_store.h"

namespace auscult::db {
namespace {

// More than any policy learns from.
constexpr int kMostCounted = 100'000;

absl::StatusOr<PointRow> LockOne(Connection& connection, PointKey point) {
  absl::StatusOr<std::vector<PointRow>> rows =
      LockPointRows(connection, std::span(&point, 1), DamagedState::kForget);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    return absl::NotFoundError(
        absl::StrCat("point ", point.second, " of asset ", point.first, " does not exist"));
  }
  return std::move(rows->front());
}

// As of now: it was a person who changed it, not a record.
absl::Status TellChange(Connection& connection, const PointRow& row, models::Condition from,
                        std::string_view why) {
  if (!row.last_measured_at_us || from == row.health.condition) return absl::OkStatus();
  const Param values[] = {Int(row.asset_id),
                          Int(row.point_id),
                          Int(static_cast<int64_t>(from)),
                          Int(static_cast<int64_t>(row.health.condition)),
                          Int(static_cast<int64_t>(row.health.verdict)),
                          Text(why)};
  return connection.Execute(
      "INSERT INTO event (asset_id, point_id, measured_at, site_id, from_condition, to_condition,"
      " verdict, summary)"
      " SELECT asset_id, point_id, now(), site_id, $3, $4, $5, $6 FROM point_state"
      " WHERE asset_id = $1 AND point_id = $2 ON CONFLICT DO NOTHING",
      values);
}

bool IsOfTheMachine(models::Condition condition) {
  return condition != models::Condition::kStopped && condition != models::Condition::kStarting &&
         condition != models::Condition::kUnscorable;
}

// What was said by another baseline is said no more; what the state remembers of condition and
// verdicts stays.
absl::Status SwitchTo(Connection& connection, PointRow& row, int version, std::string_view why) {
  const models::Condition before = row.health.condition;
  row.model_version = version;
  row.state = BaselineLearnt(std::move(row.state), true);
  if (IsOfTheMachine(before)) row.health.condition = row.state.condition;
  row.health.index = row.health.severity = features::kNotKnown;
  row.learning_progress = 1;
  row.detail = SummaryJson(why);
  if (row.last_measured_at_us && before != row.health.condition) {
    row.since_us = row.state_since_us = *row.last_measured_at_us;
  }
  row.changed = true;
  absl::Status status = TellChange(connection, row, before, why);
  if (status.ok()) status = UpdatePointRows(connection, std::span(&row, 1));
  if (!status.ok()) return status;
  return MarkBaselineStale(connection, {row.asset_id, row.point_id}, version);
}

absl::Status Restart(Connection& connection, PointRow& row, std::optional<int64_t> since_us,
                     std::string_view why) {
  if (!since_us) since_us = row.last_measured_at_us;
  const PointKey key(row.asset_id, row.point_id);
  const models::Condition before = row.health.condition;
  row.model_version = 0;
  row.state = models::PointState();
  if (since_us) {
    const auto learnable = CountLearnable(connection, key, *since_us, kMostCounted);
    if (!learnable.ok()) return learnable.status();
    row.state.records_learnt = *learnable;
  }
  row.health = models::Health();
  row.health.index = row.health.severity = features::kNotKnown;
  row.since_us = row.state_since_us = since_us.value_or(0);
  row.learning_progress = models::LearningProgress(row.state, false, models::AlarmPolicy());
  row.detail = SummaryJson(why);
  row.changed = true;
  if (absl::Status status = TellChange(connection, row, before, why); !status.ok()) return status;
  const Param values[] = {Int(row.asset_id), Int(row.point_id),
                          since_us ? TimeUs(*since_us) : Null()};
  absl::Status status = connection.Execute(
      "UPDATE point_state SET learn_since = $3 WHERE asset_id = $1 AND point_id = $2", values);
  return status.ok() ? MarkBaselineStale(connection, key, 0) : status;
}

}  // namespace

absl::Status RestartLearning(Connection& connection, std::span<const PointKey> points,
                             std::optional<int64_t> since_us, std::string_view why) {
  absl::StatusOr<std::vector<PointRow>> rows =
      LockPointRows(connection, points, DamagedState::kForget);
  if (!rows.ok()) return rows.status();
  for (PointRow& row : *rows) {
    if (absl::Status status = Restart(connection, row, since_us, why); !status.ok()) return status;
  }
  return UpdatePointRows(connection, *rows);
}

absl::Status RestartProcessLearning(Connection& connection, int64_t asset_id, int64_t since_us,
                                    std::string_view why) {
  const Param values[] = {Int(asset_id), TimeUs(since_us), Text(SummaryJson(why)),
                          Int(static_cast<int64_t>(models::Condition::kLearning))};
  return connection.Execute(
      "UPDATE process_state SET model_version = 0, state = NULL, learn_since = $2, condition = $4,"
      " since = $2, health = NULL, learning_progress = 0, detail = $3 WHERE asset_id = $1",
      values);
}

absl::StatusOr<int> AdoptBaseline(Connection& connection, PointKey point,
                                  const models::Baseline& baseline,
                                  const models::LearningWindow& window, std::string_view why) {
  absl::StatusOr<PointRow> row = LockOne(connection, point);
  if (!row.ok()) return row.status();
  const absl::StatusOr<int> version =
      InsertBaseline(connection, point, baseline, window, "asked for");
  if (!version.ok()) return version;
  if (absl::Status status = SwitchTo(connection, *row, *version, why); !status.ok()) return status;
  return version;
}

absl::Status ActivateBaseline(Connection& connection, PointKey point, int version,
                              std::string_view why) {
  absl::StatusOr<PointRow> row = LockOne(connection, point);
  if (!row.ok()) return row.status();
  const absl::StatusOr<BaselineVersion> stored = GetBaseline(connection, point, version);
  if (!stored.ok()) return stored.status();
  if (row->model_version == version && !row->damaged) return absl::OkStatus();
  return SwitchTo(connection, *row, version, why);
}

}  // namespace auscult::db
