#include "db/storage.h"

// One row for each kind that takes room.
#define KINDS                                                                             \
  "SELECT kind, sum(pg_total_relation_size(leaf))::bigint AS bytes,"                      \
  " sum(CASE WHEN estimate >= 0 THEN estimate ELSE live END)::bigint AS row_count,"       \
  " count(*) FILTER (WHERE relispartition) AS partition_count"                            \
  " FROM (SELECT pg_class.oid AS leaf, relispartition, reltuples AS estimate,"            \
  "  pg_stat_get_live_tuples(pg_class.oid) AS live, CASE"                                 \
  "   WHEN root IN ('waveform', 'score', 'reading', 'event') THEN root"                   \
  "   WHEN root IN ('trend', 'extraction') THEN 'trend'"                                  \
  "   WHEN root LIKE '%rollup%' THEN 'rollup' ELSE 'other' END AS kind"                   \
  "  FROM pg_class CROSS JOIN LATERAL (SELECT relname::text AS root FROM pg_class AS top" \
  "   WHERE top.oid = coalesce(pg_partition_root(pg_class.oid), pg_class.oid)) AS tree"   \
  "  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r') AS leaves"    \
  " GROUP BY kind"

namespace auscult::db {

absl::StatusOr<Stored> MeasureStorage(Connection& connection) {
  const absl::StatusOr<Rows> rows = connection.Query(
      "WITH stored AS (" KINDS
      "), growth AS (SELECT kind, regr_slope(bytes, sampled_on - current_date) AS bytes_per_day"
      "  FROM storage_sample WHERE sampled_on > (now() AT TIME ZONE 'UTC')::date - 30"
      "  GROUP BY kind)"
      " SELECT kind, bytes, row_count, partition_count, bytes_per_day, unix_us(CASE kind"
      "   WHEN 'rollup' THEN least(oldest_row('rollup_day'), oldest_row('reading_rollup_day'))"
      "   WHEN 'other' THEN NULL ELSE oldest_row(kind) END),"
      "  pg_database_size(current_database()), unix_us(now())"
      " FROM stored LEFT JOIN growth USING (kind) ORDER BY bytes DESC, kind");
  if (!rows.ok()) return rows.status();
  Stored stored;
  for (int row = 0; row < rows->count(); ++row) {
    StoredKind& kind = stored.kinds.emplace_back();
    kind.kind = rows->Text(row, 0);
    kind.bytes = rows->Int(row, 1);
    kind.row_count = rows->Int(row, 2);
    kind.partition_count = static_cast<int>(rows->Int(row, 3));
    if (!rows->IsNull(row, 4)) kind.bytes_per_day = rows->Real(row, 4);
    if (!rows->IsNull(row, 5)) kind.oldest_us = rows->Int(row, 5);
    stored.database_bytes = rows->Int(row, 6);
    stored.now_us = rows->Int(row, 7);
  }
  return stored;
}

absl::Status SampleStorage(Connection& connection) {
  return connection.Execute(
      "INSERT INTO storage_sample (sampled_on, kind, bytes)"
      " SELECT (now() AT TIME ZONE 'UTC')::date, kind, bytes FROM (" KINDS
      ") AS stored WHERE NOT EXISTS (SELECT FROM storage_sample"
      "  WHERE sampled_on = (now() AT TIME ZONE 'UTC')::date) ON CONFLICT DO NOTHING");
}

}  // namespace auscult::db
