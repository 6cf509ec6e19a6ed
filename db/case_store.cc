#include "db/case_store.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "db/store_status.h"

#define CASE_COLUMNS                                                                            \
  " c.asset_id, c.site_id, s.slug, a.slug, a.display_name, c.alarm_id, c.kind, c.fault,"        \
  " c.condition, c.worst_condition, c.summary, c.detail, unix_us(c.opened_at),"                 \
  " unix_us(c.updated_at), unix_us(c.closed_at), c.shelved_condition,"                          \
  " (SELECT string_agg(p.slug, ',' ORDER BY p.slug) FROM point p WHERE p.asset_id = c.asset_id" \
  "  AND p.point_id = ANY (CASE WHEN c.closed_at IS NULL THEN c.holders ELSE c.points END)),"   \
  " unix_us(c.acknowledged_at), unix_us(c.shelved_until), c.acknowledged_by, c.assignee,"       \
  " c.finding, c.found_fault, c.finding_text, c.work_order, c.revision, unix_us(now())"
#define FROM_CASES \
  " FROM alarm c JOIN asset a USING (asset_id) JOIN site s ON s.site_id = c.site_id"

namespace auscult::db {
namespace {

// Reads the columns of a row one after the other.
class Columns {
 public:
  Columns(const Rows& rows, int row) : rows_(rows), row_(row) {}
  int64_t Int() { return rows_.Int(row_, column_++); }
  std::string Text() {
    const int column = column_++;
    return rows_.IsNull(row_, column) ? "" : std::string(rows_.Text(row_, column));
  }
  std::optional<int64_t> IntOrNothing() {
    const int column = column_++;
    return rows_.IsNull(row_, column) ? std::nullopt : std::optional(rows_.Int(row_, column));
  }
  template <typename Enum>
  Enum As() {
    return static_cast<Enum>(Int());
  }

 private:
  const Rows& rows_;
  const int row_;
  int column_ = 0;
};

template <typename Enum>
std::optional<Enum> As(std::optional<int64_t> number) {
  return number ? std::optional(static_cast<Enum>(*number)) : std::nullopt;
}

StoredCase CaseAt(const Rows& rows, int row) {
  Columns columns(rows, row);
  StoredCase stored;
  stored.asset_id = columns.Int();
  stored.site_id = columns.Int();
  stored.site_slug = columns.Text();
  stored.asset_slug = columns.Text();
  stored.asset_display_name = columns.Text();
  models::AlarmCase& alarm = stored.alarm;
  alarm.alarm_id = columns.Int();
  alarm.kind = columns.As<models::CaseKind>();
  alarm.fault = columns.As<models::Fault>();
  alarm.condition = columns.As<models::Condition>();
  alarm.worst_condition = columns.As<models::Condition>();
  alarm.summary = columns.Text();
  alarm.detail = columns.Text();
  alarm.opened_at_us = columns.Int();
  alarm.updated_at_us = columns.Int();
  alarm.closed_at_us = columns.IntOrNothing();
  alarm.shelved_condition = As<models::Condition>(columns.IntOrNothing());
  if (const std::string slugs = columns.Text(); !slugs.empty()) {
    stored.point_slugs = absl::StrSplit(slugs, ',');
  }
  stored.acknowledged_at_us = columns.IntOrNothing();
  stored.shelved_until_us = columns.IntOrNothing();
  stored.acknowledged_by = columns.Text();
  stored.assignee = columns.Text();
  stored.finding = columns.As<Finding>();
  stored.found_fault = As<models::Fault>(columns.IntOrNothing());
  stored.finding_text = columns.Text();
  stored.work_order = columns.Text();
  stored.revision = columns.Int();
  stored.now_us = columns.Int();
  return stored;
}

absl::StatusOr<std::vector<StoredCase>> CasesOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<StoredCase> cases;
  cases.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) cases.push_back(CaseAt(*rows, row));
  return cases;
}

Param TimeOrNull(std::optional<int64_t> us) { return us ? TimeUs(*us) : Null(); }

template <typename Enum>
Param NumberOrNull(std::optional<Enum> value) {
  return value ? Int(static_cast<int64_t>(*value)) : Null();
}

absl::StatusOr<std::unordered_map<int64_t, int>> CountsOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::unordered_map<int64_t, int> counts;
  for (int row = 0; row < rows->count(); ++row) {
    counts[rows->Int(row, 0)] = static_cast<int>(rows->Int(row, 1));
  }
  return counts;
}

}  // namespace

absl::StatusOr<StoredCase> GetCase(Connection& connection, const std::string& site,
                                   int64_t alarm_id, bool lock) {
  const Param values[] = {Text(site), Int(alarm_id)};
  const Sql read = "SELECT" CASE_COLUMNS FROM_CASES " WHERE s.slug = $1 AND c.alarm_id = $2";
  const Sql read_and_lock =
      "SELECT" CASE_COLUMNS FROM_CASES " WHERE s.slug = $1 AND c.alarm_id = $2 FOR UPDATE OF c";
  absl::StatusOr<Rows> rows = connection.Query(lock ? read_and_lock : read, values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) {
    return NoSuch(ResourceName({"sites", site, "alarms", std::to_string(alarm_id)}));
  }
  return CaseAt(*rows, 0);
}

absl::StatusOr<std::vector<CaseNote>> ListCaseNotes(Connection& connection, int64_t asset_id,
                                                    int64_t alarm_id) {
  const Param values[] = {Int(asset_id), Int(alarm_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(create_time), actor, action, text FROM alarm_note"
      " WHERE asset_id = $1 AND alarm_id = $2 ORDER BY note_id",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<CaseNote> notes;
  for (int row = 0; row < rows->count(); ++row) {
    notes.push_back({rows->Int(row, 0), std::string(rows->Text(row, 1)),
                     std::string(rows->Text(row, 2)), std::string(rows->Text(row, 3))});
  }
  return notes;
}

absl::Status SaveCase(Connection& connection, const StoredCase& changed, const CaseNote& note) {
  const Param values[] = {Int(changed.asset_id),
                          Int(changed.alarm.alarm_id),
                          TimeOrNull(changed.alarm.closed_at_us),
                          TimeOrNull(changed.acknowledged_at_us),
                          Text(changed.acknowledged_by),
                          Text(changed.assignee),
                          TimeOrNull(changed.shelved_until_us),
                          NumberOrNull(changed.alarm.shelved_condition),
                          Int(static_cast<int64_t>(changed.finding)),
                          NumberOrNull(changed.found_fault),
                          Text(changed.finding_text),
                          Text(changed.work_order),
                          Int(changed.site_id),
                          Text(note.actor),
                          Text(note.action),
                          Text(note.text)};
  return connection.Execute(
      "WITH changed AS (UPDATE alarm SET closed_at = $3, acknowledged_at = $4,"
      "  acknowledged_by = $5, assignee = $6, shelved_until = $7, shelved_condition = $8,"
      "  finding = $9, found_fault = $10, finding_text = $11, work_order = $12,"
      "  revision = revision + 1, changed_by = DEFAULT WHERE asset_id = $1 AND alarm_id = $2)"
      " INSERT INTO alarm_note (asset_id, alarm_id, site_id, actor, action, text)"
      " VALUES ($1, $2, $13, $14, $15, $16)",
      values);
}

absl::StatusOr<std::vector<StoredCase>> ListCases(Connection& connection, const CaseFilter& filter,
                                                  const std::optional<CaseCursor>& after,
                                                  int limit) {
  std::vector<Param> kinds;
  for (const models::CaseKind kind : filter.kinds) kinds.push_back(Int(static_cast<int64_t>(kind)));
  const Param values[] = {Text(filter.site),
                          Text(filter.asset),
                          Int(static_cast<int64_t>(filter.state)),
                          kinds.empty() ? Null() : Array(kinds),
                          TimeOrNull(filter.opened_from_us),
                          TimeOrNull(filter.opened_before_us),
                          after ? Int(after->condition) : Null(),
                          after ? TimeUs(after->opened_at_us) : Null(),
                          after ? Int(after->alarm_id) : Null(),
                          Int(limit)};
  return CasesOf(connection.Query(
      "SELECT" CASE_COLUMNS FROM_CASES
      " WHERE ($1 = '' OR s.slug = $1) AND ($2 = '' OR a.slug = $2)"
      " AND CASE $3::int"
      "  WHEN 1 THEN c.closed_at IS NULL AND coalesce(c.shelved_until <= now(), true)"
      "  WHEN 2 THEN c.closed_at IS NULL AND c.shelved_until > now()"
      "  WHEN 3 THEN c.closed_at IS NOT NULL"
      "  WHEN 4 THEN c.closed_at IS NOT NULL AND c.finding = 0"
      "  WHEN 6 THEN c.closed_at IS NULL"
      "  ELSE true END"
      " AND ($4::smallint[] IS NULL OR c.kind = ANY ($4))"
      " AND ($5::timestamptz IS NULL OR c.opened_at >= $5)"
      " AND ($6::timestamptz IS NULL OR c.opened_at < $6)"
      " AND ($7::smallint IS NULL"
      "  OR (c.condition, c.opened_at, c.alarm_id) < ($7, $8::timestamptz, $9::bigint))"
      " ORDER BY c.condition DESC, c.opened_at DESC, c.alarm_id DESC LIMIT $10",
      values));
}

std::optional<ChangeCursor> ParseChangeCursor(const std::string& text) {
  uint64_t transaction = 0;
  const bool is_one = absl::SimpleAtoi(text, &transaction) && std::to_string(transaction) == text;
  return is_one ? std::optional(text) : std::nullopt;
}

bool IsNotAfter(const ChangeCursor& cursor, const ChangeCursor& now) {
  return cursor.size() != now.size() ? cursor.size() < now.size() : cursor <= now;
}

absl::StatusOr<std::vector<StoredCase>> ListChangedCases(Connection& connection,
                                                         ChangeCursor& cursor) {
  // First where the next call goes on: what ends between the two statements comes twice.
  absl::StatusOr<Rows> now = connection.Query("SELECT pg_snapshot_xmin(pg_current_snapshot())");
  if (!now.ok()) return now.status();
  std::vector<StoredCase> changed;
  if (!cursor.empty()) {
    const Param values[] = {Text(cursor)};
    auto rows =
        CasesOf(connection.Query("SELECT" CASE_COLUMNS FROM_CASES " WHERE c.changed_by >= $1::xid8"
                                 " ORDER BY c.changed_by, c.alarm_id",
                                 values));
    if (!rows.ok()) return rows.status();
    changed = *std::move(rows);
  }
  cursor = now->Text(0, 0);
  return changed;
}

absl::StatusOr<std::unordered_map<int64_t, int>> CountOpenCases(Connection& connection,
                                                                const std::string& site,
                                                                const std::string& asset) {
  const Param values[] = {Text(site), Text(asset)};
  return CountsOf(connection.Query(
      "SELECT c.asset_id, count(*)" FROM_CASES
      " WHERE c.closed_at IS NULL AND ($1 = '' OR s.slug = $1) AND ($2 = '' OR a.slug = $2)"
      " GROUP BY c.asset_id",
      values));
}

absl::StatusOr<std::unordered_map<int64_t, int>> CountOpenCases(
    Connection& connection, std::span<const int64_t> asset_ids) {
  const Param values[] = {IntArray(asset_ids)};
  return CountsOf(connection.Query(
      "SELECT asset_id, count(*) FROM alarm"
      " WHERE closed_at IS NULL AND asset_id = ANY ($1::bigint[]) GROUP BY asset_id",
      values));
}

}  // namespace auscult::db
