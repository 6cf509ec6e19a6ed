#include "db/rollup.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "db/rollup_portion.h"

namespace auscult::db {
namespace {

constexpr int kHoursAtOnce = 500;
// Of hours ahead, so that a portion plans over few partitions.
constexpr int64_t kSpanUs = 32 * kDayUs;
// Readings of an asset are not stored in the order of their times.
constexpr int64_t kReadingSpanUs = 4 * kDayUs;

int YearOf(int64_t us) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(us))));
  return static_cast<int>(date.year());
}

// What is to be done for a point, as its row says.
struct RollState {
  int64_t site_id = 0;
  std::optional<int64_t> rolled_to_us;
  int64_t last_measured_at_us = 0;
};

std::optional<RollState> StateOf(const BinaryRows& rows) {
  if (rows.count() == 0 || rows.IsNull(0, 2)) return std::nullopt;
  RollState state;
  state.site_id = rows.Int64(0, 0);
  if (!rows.IsNull(0, 1)) state.rolled_to_us = rows.TimeUs(0, 1);
  state.last_measured_at_us = rows.TimeUs(0, 2);
  return state;
}

#define POINT_STATE                                              \
  "SELECT site_id, rolled_to, last_measured_at FROM point_state" \
  " WHERE asset_id = $1 AND point_id = $2"
#define PROCESS_STATE                                              \
  "SELECT site_id, rolled_to, last_measured_at FROM process_state" \
  " WHERE asset_id = $1 AND $2::bigint = 0"

// The hours of a point that are due, at most `kHoursAtOnce`, ascending.
absl::StatusOr<std::vector<int64_t>> DueHours(Connection& connection, PointKey key) {
  const Param values[] = {Int(key.first), Int(key.second), Int(kHoursAtOnce)};
  const auto rows = connection.QueryBinary(
      "SELECT hour FROM rollup_due WHERE asset_id = $1 AND point_id = $2 ORDER BY hour LIMIT $3",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> hours;
  for (int row = 0; row < rows->count(); ++row) hours.push_back(rows->TimeUs(row, 0));
  return hours;
}

// Where rolling goes on: at the hour of the first record for a point that was never rolled.
absl::StatusOr<int64_t> StartOf(Connection& connection, PointKey key, const RollState& state) {
  if (state.rolled_to_us) return *state.rolled_to_us;
  const Param values[] = {Int(key.first), Int(key.second)};
  const auto rows =
      key.second == 0
          ? connection.QueryBinary(
                "SELECT min(measured_at) FROM reading WHERE asset_id = $1 AND $2::bigint = 0",
                values)
          : connection.QueryBinary(
                "SELECT measured_at FROM trend WHERE asset_id = $1 AND point_id = $2"
                " ORDER BY measured_at LIMIT 1",
                values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0 || rows->IsNull(0, 0)) return HourOf(state.last_measured_at_us);
  return HourOf(rows->TimeUs(0, 0));
}

// Of the daily rollups, those that the hours of `span` belong to and that are complete.
absl::Status RollWholeDays(Connection& connection, const RollupOwner& owner, RollSpan span,
                           int64_t rolled_to_us) {
  const RollSpan days{DayOf(span.start_us),
                      std::min(DayOf(span.end_us - 1) + kDayUs, DayOf(rolled_to_us))};
  if (days.start_us >= days.end_us) return absl::OkStatus();
  return RollDays(connection, owner, days);
}

// The first hours in a row of those that are due.
absl::Status RollDue(Connection& connection, const RollupOwner& owner, int64_t rolled_to_us,
                     const std::vector<int64_t>& due) {
  RollSpan span{due.front(), due.front()};
  for (const int64_t hour : due) {
    if (hour == span.end_us) span.end_us += kHourUs;
  }
  absl::StatusOr<RollSpan> portion = FirstPortion(connection, owner, span);
  if (!portion.ok()) return portion.status();
  absl::Status status = RollHours(connection, owner, *portion);
  if (status.ok()) status = RollWholeDays(connection, owner, *portion, rolled_to_us);
  if (!status.ok()) return status;
  const Param values[] = {Int(owner.asset_id), Int(owner.point_id), TimeUs(portion->end_us)};
  return connection.Execute(
      "DELETE FROM rollup_due WHERE asset_id = $1 AND point_id = $2 AND hour < $3", values);
}

absl::Status RollAhead(Connection& connection, const RollupOwner& owner, int64_t start_us,
                       int64_t last_us) {
  const int64_t end_us = HourOf(last_us);
  int64_t rolled_to_us = start_us;
  if (start_us < end_us) {
    const int64_t span_us = owner.point_id == 0 ? kReadingSpanUs : kSpanUs;
    const auto portion =
        FirstPortion(connection, owner, {start_us, std::min(end_us, start_us + span_us)});
    if (!portion.ok()) return portion.status();
    rolled_to_us = portion->end_us;
    absl::Status status = RollHours(connection, owner, *portion);
    if (status.ok()) status = RollWholeDays(connection, owner, *portion, rolled_to_us);
    if (!status.ok()) return status;
  }
  const Param values[] = {Int(owner.asset_id), Int(owner.point_id), TimeUs(rolled_to_us)};
  return owner.point_id == 0
             ? connection.Execute(
                   "UPDATE process_state SET rolled_to = $3"
                   " WHERE asset_id = $1 AND $2::bigint = 0",
                   values)
             : connection.Execute(
                   "UPDATE point_state SET rolled_to = $3 WHERE asset_id = $1 AND point_id = $2",
                   values);
}

// Under the lock of the point's row: one portion, what is due first. True if there may be more.
absl::StatusOr<bool> RollLocked(Connection& connection, PointKey key) {
  const Param values[] = {Int(key.first), Int(key.second)};
  const auto row = key.second == 0
                       ? connection.QueryBinary(PROCESS_STATE " FOR UPDATE SKIP LOCKED", values)
                       : connection.QueryBinary(POINT_STATE " FOR UPDATE SKIP LOCKED", values);
  if (!row.ok()) return row.status();
  const std::optional<RollState> state = StateOf(*row);
  if (!state) return false;
  const RollupOwner owner{key.first, key.second, state->site_id};
  if (state->rolled_to_us) {
    const auto due = DueHours(connection, key);
    if (!due.ok()) return due.status();
    if (!due->empty()) {
      const absl::Status rolled = RollDue(connection, owner, *state->rolled_to_us, *due);
      if (!rolled.ok()) return rolled;
      return true;
    }
  }
  const absl::StatusOr<int64_t> start_us = StartOf(connection, key, *state);
  if (!start_us.ok()) return start_us.status();
  const bool whole_hours = *start_us < HourOf(state->last_measured_at_us);
  if (state->rolled_to_us && !whole_hours) return false;
  const absl::Status rolled = RollAhead(connection, owner, *start_us, state->last_measured_at_us);
  if (!rolled.ok()) return rolled;
  return whole_hours;
}

// Makes the partitions that the next portion of a point may go to.
absl::Status EnsurePartitions(Connection& connection, RollupPartitions& partitions, PointKey key,
                              const RollState& state) {
  const absl::StatusOr<int64_t> start_us = StartOf(connection, key, state);
  if (!start_us.ok()) return start_us.status();
  absl::Status status = partitions.EnsureFor(connection, *start_us, *start_us + kSpanUs);
  const auto due = DueHours(connection, key);
  if (!due.ok()) return due.status();
  for (size_t i = 0; i < due->size() && status.ok(); ++i) {
    status = partitions.EnsureFor(connection, (*due)[i], (*due)[i] + kHourUs);
  }
  return status;
}

}  // namespace

absl::Status RollupPartitions::EnsureFor(Connection& connection, int64_t start_us, int64_t end_us) {
  std::vector<Param> examples;
  std::set<int> missing;
  {
    const std::lock_guard lock(mutex_);
    const int last = YearOf(std::max(start_us, end_us - 1));
    for (int year = YearOf(start_us); year <= last; ++year) {
      if (known_years_.contains(year) || !missing.insert(year).second) continue;
      const std::chrono::sys_days middle = std::chrono::year(year) / std::chrono::July / 1;
      examples.push_back(
          TimeUs(std::chrono::duration_cast<std::chrono::microseconds>(middle.time_since_epoch())
                     .count()));
    }
  }
  if (examples.empty()) return absl::OkStatus();
  const Param values[] = {Array(examples)};
  const absl::Status status = connection.Execute(
      "SELECT make_partition(parent, instant) FROM unnest($1::timestamptz[]) AS instant,"
      " unnest(ARRAY['rollup_hour', 'rollup_day', 'reading_rollup_hour', 'reading_rollup_day'])"
      " AS parent",
      values);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  known_years_.merge(missing);
  return absl::OkStatus();
}

void RollupPartitions::Forget() {
  const std::lock_guard lock(mutex_);
  known_years_.clear();
}

absl::StatusOr<std::vector<PointKey>> ListPointsToRoll(Connection& connection, int limit) {
  const Param values[] = {Int(limit)};
  const auto rows = connection.QueryBinary(
      "(SELECT DISTINCT asset_id, point_id FROM rollup_due LIMIT $1::int)"
      " UNION (SELECT asset_id, point_id FROM point_state"
      "  WHERE last_measured_at >= rolled_to + interval '1 hour'"
      "  OR (rolled_to IS NULL AND last_measured_at IS NOT NULL) LIMIT $1::int)"
      " UNION (SELECT asset_id, 0 FROM process_state"
      "  WHERE last_measured_at >= rolled_to + interval '1 hour'"
      "  OR (rolled_to IS NULL AND last_measured_at IS NOT NULL) LIMIT $1::int)",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<PointKey> keys;
  for (int row = 0; row < rows->count(); ++row) {
    keys.emplace_back(rows->Int64(row, 0), rows->Int64(row, 1));
  }
  return keys;
}

absl::StatusOr<bool> RollPortion(Connection& connection, RollupPartitions& partitions,
                                 PointKey key) {
  // Where it begins is looked up first: partitions cannot be made under the lock.
  const Param values[] = {Int(key.first), Int(key.second)};
  const auto row = key.second == 0 ? connection.QueryBinary(PROCESS_STATE, values)
                                   : connection.QueryBinary(POINT_STATE, values);
  if (!row.ok()) return row.status();
  const std::optional<RollState> state = StateOf(*row);
  if (!state) return false;
  absl::Status status = EnsurePartitions(connection, partitions, key, *state);
  bool more = false;
  if (status.ok()) {
    status = InTransaction(connection, [&]() -> absl::Status {
      // A rollup that is lost with the machine is made again.
      absl::Status begun = connection.Execute("SET LOCAL synchronous_commit = off");
      if (!begun.ok()) return begun;
      const absl::StatusOr<bool> rolled = RollLocked(connection, key);
      if (rolled.ok()) more = *rolled;
      return rolled.status();
    });
  }
  if (absl::IsFailedPrecondition(status)) partitions.Forget();
  if (!status.ok()) return status;
  return more;
}

absl::Status MakeHoursDue(Connection& connection, PointKey key, int64_t site_id,
                          const std::set<int64_t>& hours_us) {
  if (hours_us.empty()) return absl::OkStatus();
  std::vector<Param> hours;
  for (const int64_t hour_us : hours_us) hours.push_back(TimeUs(hour_us));
  const Param values[] = {Int(key.first), Int(key.second), Int(site_id), Array(hours)};
  return connection.Execute(
      "INSERT INTO rollup_due (asset_id, point_id, hour, site_id)"
      " SELECT $1::bigint, $2::bigint, hour, $3::bigint FROM unnest($4::timestamptz[]) AS hour"
      " ON CONFLICT DO NOTHING",
      values);
}

}  // namespace auscult::db
