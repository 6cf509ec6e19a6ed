#include "db/reading_rollup.h"

#include <vector>

// $1 asset, $2 its site, $3 to before $4. A period that counts more than what is stored has lost it
// to retention.
#define OF_SPAN " WHERE asset_id = $1 AND measured_at >= $3 AND measured_at < $4"
#define INSERT_INTO(table, made)                                                             \
  "INSERT INTO " table                                                                       \
  " AS kept (asset_id, quantity, measured_at, site_id, value_count, minimum, mean, maximum," \
  "  last) " made                                                                            \
  " ON CONFLICT (asset_id, quantity, measured_at) DO UPDATE SET"                             \
  "  value_count = excluded.value_count, minimum = excluded.minimum, mean = excluded.mean,"  \
  "  maximum = excluded.maximum, last = excluded.last"                                       \
  "  WHERE kept.value_count <= excluded.value_count"

namespace auscult::db {
namespace {

absl::Status Run(Connection& connection, Sql sql, const RollupOwner& owner, RollSpan span) {
  const Param values[] = {Int(owner.asset_id), Int(owner.site_id), TimeUs(span.start_us),
                          TimeUs(span.end_us)};
  return connection.Execute(sql, values);
}

}  // namespace

absl::Status RollReadingHours(Connection& connection, const RollupOwner& owner, RollSpan span) {
  return Run(connection,
             INSERT_INTO("reading_rollup_hour",
                         "SELECT $1::bigint, quantity, date_trunc('hour', measured_at, 'UTC'),"
                         "  $2::bigint, count(*), min(value), avg(value), max(value),"
                         "  (array_agg(value ORDER BY measured_at DESC))[1] FROM reading" OF_SPAN
                         " GROUP BY 2, 3"),
             owner, span);
}

absl::Status RollReadingDays(Connection& connection, const RollupOwner& owner, RollSpan days) {
  return Run(
      connection,
      INSERT_INTO("reading_rollup_day",
                  "SELECT $1::bigint, quantity, date_trunc('day', measured_at, 'UTC'), $2::bigint,"
                  "  sum(value_count), min(minimum), sum(mean * value_count) / sum(value_count),"
                  "  max(maximum), (array_agg(last ORDER BY measured_at DESC))[1]"
                  " FROM reading_rollup_hour" OF_SPAN " GROUP BY 2, 3"),
      owner, days);
}

}  // namespace auscult::db
