#include <algorithm>
#include <limits>
#include <vector>

#include "db/record_batch.h"

// Which raw samples of a batch are kept, and for what.
namespace auscult::db {
namespace {

// Between records whose samples are kept while a point is in alert or alarm, and for novelty.
constexpr int64_t kAlarmIntervalUs = 600ll * 1'000'000;
constexpr int64_t kNoveltyIntervalUs = 3600ll * 1'000'000;
// Before an alert or alarm, of which all that is there stays.
constexpr int64_t kHistoryUs = 6 * 3600ll * 1'000'000;

}  // namespace

// Records of a point in trouble, and those that show something new: so many that they tell what
// happened, so few that a point that drifts for months does not fill the disk.
std::optional<KeptFor> RecordBatch::WorthKeeping(const Member& member) {
  const Record& record = *member.record;
  const PointRow& point = *member.point;
  if (member.fate != Fate::kNew) return std::nullopt;
  const models::Health& health = point.health;
  const int64_t since_last_us = point.raw_kept_at_us ? record.measured_at_us - *point.raw_kept_at_us
                                                     : std::numeric_limits<int64_t>::max();
  if (models::RankOf(health.condition) >= models::kAlertRank) {
    const bool entered = point.since_us == record.measured_at_us;
    if (entered || since_last_us >= kAlarmIntervalUs) return KeptFor::kAlarm;
  }
  const bool is_novel = models::RankOf(health.asked.condition) >= models::kWatchRank ||
                        static_cast<bool>(health.outside_learnt);
  if (is_novel && since_last_us >= kNoveltyIntervalUs) return KeptFor::kNovelty;
  return std::nullopt;
}

void RecordBatch::KeepRaw(const Member& member) {
  const Record& record = *member.record;
  PointRow& point = *member.point;
  const int every = record.keep_raw_every;
  if (record.raw.samples.empty() || every < 0) return;
  if (const std::optional<KeptFor> worth = WorthKeeping(member)) {
    point.raw_kept_at_us = record.measured_at_us;
    rows_.AddWaveform(record, *worth);
    return;
  }
  // What is sent after its features was asked for.
  const bool nth = member.fate == Fate::kAttach || (every > 0 && point.record_count % every == 0);
  if (nth) {
    rows_.AddWaveform(record, KeptFor::kBeingNth);
  } else if (record.measured_at_us >= raw_since_us_) {
    rows_.AddWaveform(record, KeptFor::kBeingRecent);
  }
}

absl::Status RecordBatch::KeepHistories(Connection& connection) {
  if (alarmed_.empty()) return absl::OkStatus();
  std::vector<Param> assets, points, instants;
  int64_t first_us = alarmed_.front()->measured_at_us, last_us = first_us;
  for (const Record* record : alarmed_) {
    assets.push_back(Int(record->asset_id));
    points.push_back(Int(record->point_id));
    instants.push_back(TimeUs(record->measured_at_us));
    first_us = std::min(first_us, record->measured_at_us);
    last_us = std::max(last_us, record->measured_at_us);
  }
  // The outer bounds tell the planner which partitions to leave alone.
  const Param values[] = {Array(assets),
                          Array(points),
                          Array(instants),
                          TimeUs(first_us - kHistoryUs),
                          TimeUs(last_us),
                          Int(kHistoryUs / 1'000'000),
                          Int(static_cast<int>(KeptFor::kBeingRecent)),
                          Int(static_cast<int>(KeptFor::kHistoryOfAlarm))};
  return connection.Execute(
      "UPDATE waveform AS w SET kept_for = $8::smallint"
      " FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS a (asset_id, point_id, at)"
      " WHERE w.asset_id = a.asset_id AND w.point_id = a.point_id"
      " AND w.measured_at >= $4 AND w.measured_at < $5"
      " AND w.measured_at >= a.at - $6::float8 * interval '1 second' AND w.measured_at < a.at"
      " AND w.kept_for = $7::smallint",
      values);
}

}  // namespace auscult::db
