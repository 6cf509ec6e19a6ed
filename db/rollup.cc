#include "db/rollup.h"

#include <algorithm>
#include <chrono>
#include <functional>
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

struct DueHour {
  int64_t start_us = 0;
  int64_t version = 0;  // of its row: another when it became due anew
};

// The hours that are due, at most `kHoursAtOnce`, ascending.
absl::StatusOr<std::vector<DueHour>> DueHours(Connection& connection, PointKey key) {
  const Param values[] = {Int(key.first), Int(key.second), Int(kHoursAtOnce)};
  const auto rows = connection.QueryBinary(
      "SELECT hour, xmin::text::bigint FROM rollup_due WHERE asset_id = $1 AND point_id = $2"
      " ORDER BY hour LIMIT $3",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<DueHour> hours;
  for (int row = 0; row < rows->count(); ++row) {
    hours.push_back({rows->TimeUs(row, 0), rows->Int64(row, 1)});
  }
  return hours;
}

// Strikes the hours of `span` off the list of those due. False: some became due anew.
absl::StatusOr<bool> Strike(Connection& connection, const RollupOwner& owner, RollSpan span,
                            const std::vector<DueHour>& due) {
  std::vector<Param> hours, versions;
  for (const DueHour& hour : due) {
    if (hour.start_us >= span.end_us) break;
    hours.push_back(TimeUs(hour.start_us));
    versions.push_back(Int(hour.version));
  }
  const Param values[] = {Int(owner.asset_id), Int(owner.point_id), Array(hours), Array(versions)};
  const absl::StatusOr<Rows> struck = connection.Query(
      "DELETE FROM rollup_due AS due USING unnest($3::timestamptz[], $4::bigint[]) AS read (hour,"
      " version) WHERE asset_id = $1 AND point_id = $2 AND due.hour = read.hour"
      " AND due.xmin::text::bigint = read.version",
      values);
  if (!struck.ok()) return struck.status();
  return struck->affected() == std::ssize(hours);
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

// The row of the point, locked. Waits for whoever holds it, or finds none.
absl::StatusOr<std::optional<RollState>> Lock(Connection& connection, PointKey key, bool wait) {
  static constexpr Sql kSql[2][2] = {
      {POINT_STATE " FOR UPDATE SKIP LOCKED", POINT_STATE " FOR UPDATE"},
      {PROCESS_STATE " FOR UPDATE SKIP LOCKED", PROCESS_STATE " FOR UPDATE"}};
  const Param values[] = {Int(key.first), Int(key.second)};
  const auto rows = connection.QueryBinary(kSql[key.second == 0 ? 1 : 0][wait ? 1 : 0], values);
  if (!rows.ok()) return rows.status();
  return StateOf(*rows);
}

// In a transaction whose loss with the machine does no harm: a rollup is made again.
absl::Status InRelaxedTransaction(Connection& connection,
                                  const std::function<absl::Status()>& body) {
  return InTransaction(connection, [&]() -> absl::Status {
    absl::Status begun = connection.Execute("SET LOCAL synchronous_commit = off");
    return begun.ok() ? body() : begun;
  });
}

// The first hours in a row of those that are due: read first, stored under the lock. True if there
// may be more; false also if they became due anew, or the point is gone.
absl::StatusOr<bool> RollDue(Connection& connection, RollupPartitions& partitions,
                             const RollupOwner& owner, const std::vector<DueHour>& due) {
  RollSpan row{due.front().start_us, due.front().start_us};
  for (const DueHour& hour : due) {
    if (hour.start_us == row.end_us) row.end_us += kHourUs;
  }
  const absl::StatusOr<RollPart> part = FirstPart(connection, owner, row);
  if (!part.ok()) return part.status();
  const RollSpan span = part->span;
  absl::Status status = partitions.EnsureFor(connection, span.start_us, span.end_us);
  if (!status.ok()) return status;
  const absl::StatusOr<Rollups> hours = MakeHours(connection, owner, span);
  if (!hours.ok()) return hours.status();
  bool rolled = false;
  status = InRelaxedTransaction(connection, [&]() -> absl::Status {
    const auto state = Lock(connection, {owner.asset_id, owner.point_id}, /*wait=*/true);
    if (!state.ok()) return state.status();
    if (!*state || !(*state)->rolled_to_us) return absl::OkStatus();
    const absl::StatusOr<bool> as_read = Strike(connection, owner, span, due);
    if (!as_read.ok()) return as_read.status();
    if (!*as_read) return absl::AbortedError("an hour became due anew while it was read");
    rolled = true;
    absl::Status stored = StoreHours(connection, owner, span, *hours);
    return stored.ok() ? RollWholeDays(connection, owner, span, *(*state)->rolled_to_us) : stored;
  });
  // Its records are still coming: not at once again.
  if (absl::IsAborted(status)) return false;
  if (!status.ok()) return status;
  return rolled;
}

// Hours after those that are rolled. A dense one is made due instead.
absl::Status RollHoursAhead(Connection& connection, const RollupOwner& owner,
                            const RollPart& part) {
  const RollSpan span = part.span;
  if (part.dense) {
    return MakeHoursDue(connection, {owner.asset_id, owner.point_id}, owner.site_id,
                        {span.start_us});
  }
  const absl::StatusOr<Rollups> hours = MakeHours(connection, owner, span);
  if (!hours.ok()) return hours.status();
  absl::Status status = StoreHours(connection, owner, span, *hours);
  return status.ok() ? RollWholeDays(connection, owner, span, span.end_us) : status;
}

absl::Status RollAheadFrom(Connection& connection, const RollupOwner& owner, int64_t start_us,
                           int64_t last_us) {
  const int64_t end_us = HourOf(last_us);
  int64_t rolled_to_us = start_us;
  if (start_us < end_us) {
    const int64_t span_us = owner.point_id == 0 ? kReadingSpanUs : kSpanUs;
    const auto part =
        FirstPart(connection, owner, {start_us, std::min(end_us, start_us + span_us)});
    if (!part.ok()) return part.status();
    rolled_to_us = part->span.end_us;
    absl::Status status = RollHoursAhead(connection, owner, *part);
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

// True if there may be more.
absl::StatusOr<bool> RollAhead(Connection& connection, RollupPartitions& partitions, PointKey key,
                               const RollState& seen) {
  // Partitions cannot be made under the lock.
  const absl::StatusOr<int64_t> first_us = StartOf(connection, key, seen);
  if (!first_us.ok()) return first_us.status();
  absl::Status status = partitions.EnsureFor(connection, *first_us, *first_us + kSpanUs);
  if (!status.ok()) return status;
  bool more = false;
  status = InRelaxedTransaction(connection, [&]() -> absl::Status {
    const auto state = Lock(connection, key, /*wait=*/false);
    if (!state.ok()) return state.status();
    if (!*state) return absl::OkStatus();
    const absl::StatusOr<int64_t> start_us = StartOf(connection, key, **state);
    if (!start_us.ok()) return start_us.status();
    const int64_t last_us = (*state)->last_measured_at_us;
    more = *start_us < HourOf(last_us);
    if ((*state)->rolled_to_us && !more) return absl::OkStatus();
    return RollAheadFrom(connection, {key.first, key.second, (*state)->site_id}, *start_us,
                         last_us);
  });
  if (!status.ok()) return status;
  return more;
}

absl::StatusOr<bool> RollOnce(Connection& connection, RollupPartitions& partitions, PointKey key) {
  const Param values[] = {Int(key.first), Int(key.second)};
  const auto row = key.second == 0 ? connection.QueryBinary(PROCESS_STATE, values)
                                   : connection.QueryBinary(POINT_STATE, values);
  if (!row.ok()) return row.status();
  const std::optional<RollState> state = StateOf(*row);
  if (!state) return false;
  if (state->rolled_to_us) {
    const auto due = DueHours(connection, key);
    if (!due.ok()) return due.status();
    if (!due->empty()) {
      return RollDue(connection, partitions, {key.first, key.second, state->site_id}, *due);
    }
  }
  return RollAhead(connection, partitions, key, *state);
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
  const absl::StatusOr<bool> more = RollOnce(connection, partitions, key);
  if (absl::IsFailedPrecondition(more.status())) partitions.Forget();
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
      " " BECOMES_DUE_ANEW,
      values);
}

}  // namespace auscult::db
