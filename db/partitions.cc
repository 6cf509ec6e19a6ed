#include "db/partitions.h"

#include <cassert>
#include <chrono>
#include <vector>

namespace auscult::db {
namespace {

std::chrono::sys_days DayOf(int64_t instant_us) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(instant_us)));
}

int64_t MonthOf(int64_t instant_us) {
  const std::chrono::year_month_day date(DayOf(instant_us));
  return static_cast<int>(date.year()) * 12 + static_cast<unsigned>(date.month()) - 1;
}

// 1970-01-01 was a Thursday.
int64_t WeekOf(int64_t instant_us) {
  return (DayOf(instant_us).time_since_epoch().count() + 3) / 7;
}

// One instant for each period that is not `known`; the periods go to `missing`.
std::vector<Param> Missing(std::span<const int64_t> instants_us, int64_t (*period_of)(int64_t),
                           const std::set<int64_t>& known, std::set<int64_t>& missing) {
  std::vector<Param> examples;
  for (const int64_t instant_us : instants_us) {
    assert(instant_us >= kEarliestUs && instant_us < kLatestUs);
    const int64_t period = period_of(instant_us);
    if (known.contains(period) || !missing.insert(period).second) continue;
    examples.push_back(TimeUs(instant_us));
  }
  return examples;
}

}  // namespace

absl::Status MakePartitionsAhead(Connection& connection, int months_ahead) {
  const Param values[] = {Int(months_ahead)};
  absl::Status status = connection.Execute(
      "SELECT make_partition(parent, now() + month * interval '1 month')"
      " FROM generate_series(0, $1::int) AS month,"
      " unnest(ARRAY['trend', 'score', 'event', 'reading', 'extraction', 'rollup_hour',"
      "  'rollup_day', 'reading_rollup_hour', 'reading_rollup_day']) AS parent",
      values);
  if (!status.ok()) return status;
  return connection.Execute(
      "SELECT make_partition('waveform', week) FROM generate_series("
      "  now(), now() + $1::int * interval '1 month' + interval '6 days', interval '7 days') AS "
      "week",
      values);
}

absl::Status PartitionCache::EnsureFor(Connection& connection,
                                       std::span<const int64_t> measured_at_us,
                                       std::span<const int64_t> raw_measured_at_us) {
  std::set<int64_t> months, weeks;
  std::vector<Param> month_examples, week_examples;
  {
    const std::lock_guard lock(mutex_);
    month_examples = Missing(measured_at_us, MonthOf, known_months_, months);
    week_examples = Missing(raw_measured_at_us, WeekOf, known_weeks_, weeks);
  }
  if (month_examples.empty() && week_examples.empty()) return absl::OkStatus();
  const Param values[] = {Array(month_examples), Array(week_examples)};
  absl::Status status = connection.Execute(
      "SELECT make_partition(parent, instant) FROM unnest($1::timestamptz[]) AS instant,"
      "  unnest(ARRAY['trend', 'score', 'event', 'reading', 'extraction']) AS parent"
      " UNION ALL SELECT make_partition('waveform', week) FROM unnest($2::timestamptz[]) AS week",
      values);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  known_months_.merge(months);
  known_weeks_.merge(weeks);
  return absl::OkStatus();
}

void PartitionCache::Forget() {
  const std::lock_guard lock(mutex_);
  known_months_.clear();
  known_weeks_.clear();
}

absl::StatusOr<int64_t> ThinWaveforms(Connection& connection, int64_t recent_s) {
  // Few rows a transaction, so that it neither runs into the time limit nor holds up vacuum.
  constexpr int64_t kRowsAtOnce = 2000;
  const Param values[] = {Int(recent_s), Int(kRowsAtOnce)};
  int64_t thinned = 0;
  int64_t last = kRowsAtOnce;
  while (last == kRowsAtOnce) {
    absl::StatusOr<Rows> rows = connection.Query(
        "DELETE FROM waveform USING (SELECT tableoid AS week, ctid AS place FROM waveform"
        "  WHERE kept_for = 1 AND measured_at < now() - $1::float8 * interval '1 second'"
        "  LIMIT $2::int FOR UPDATE SKIP LOCKED) AS old"
        " WHERE waveform.tableoid = old.week AND waveform.ctid = old.place",
        values);
    if (!rows.ok()) return rows.status();
    last = rows->affected();
    thinned += last;
  }
  const Param limit[] = {Int(recent_s)};
  const absl::Status status = connection.Execute(
      "SELECT drop_partitions('waveform', now() - $1::float8 * interval '1 second', true)", limit);
  // Somebody was writing; empty weeks can wait for the next time.
  if (!status.ok() && !absl::IsAborted(status)) return status;
  return thinned;
}

}  // namespace auscult::db
