#include "db/record_batch.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "db/baseline_store.h"
#include "db/health_detail.h"
#include "db/rollup.h"
#include "models/learning.h"
#include "models/score.h"

namespace auscult::db {
namespace {

constexpr models::AlarmPolicy kPolicy;

// PostgreSQL stores so many scores while the next ones are made.
constexpr size_t kScoresAtOnce = 128;

models::AlarmPolicy PolicyOf(const Record& record) {
  models::AlarmPolicy policy = kPolicy;
  policy.false_alarms_per_point_year = record.false_alarms_per_point_year;
  return policy;
}

PointKey PointOf(const Record& record) { return {record.asset_id, record.point_id}; }

RecordKey KeyOf(const Record& record) {
  return {record.asset_id, record.point_id, record.measured_at_us};
}

const features::Machine& MachineOf(const Record& record) {
  static const features::Machine unknown;
  return record.machine == nullptr ? unknown : *record.machine;
}

HealthDetail Describe(const models::Health& health, const models::Score& score,
                      const Record& record, const models::PointState& state) {
  return DescribeHealth(
      health, score, record.features, record.channel_ids,
      {.learnt = state.records_learnt, .needed = RecordsNeeded(kPolicy.learning)});
}

// The point's health becomes `health` with this record.
void Adopt(PointRow& point, const Record& record, const models::Health& health) {
  const bool first = !point.last_measured_at_us.has_value();
  if (health.condition == point.state.condition) {
    point.since_us = point.state_since_us;
  } else if (first || health.condition != point.health.condition) {
    point.since_us = record.measured_at_us;
  }
  point.health = health;
  point.quality = record.features.quality;
  point.last_measured_at_us = record.measured_at_us;
}

}  // namespace

RecordBatch::RecordBatch(std::span<const Record* const> records, BaselineCache* baselines,
                         int64_t raw_since_us, ActiveClassifier::Version classifier)
    : baselines_(baselines), raw_since_us_(raw_since_us), classifier_(std::move(classifier)) {
  members_.reserve(records.size());
  for (const Record* record : records) members_.push_back({.record = record, .outcome = {}});
  for (Member& member : members_) in_order_.push_back(&member);
  std::stable_sort(in_order_.begin(), in_order_.end(), [](const Member* a, const Member* b) {
    return KeyOf(*a->record) < KeyOf(*b->record);
  });
}

absl::Status RecordBatch::Write(Connection& connection) {
  absl::Status status = LockPoints(connection);
  if (status.ok()) status = JudgeKeys(connection);
  if (status.ok()) status = LoadRepeated(connection);
  if (status.ok()) status = rows_.CopyTrends(connection);
  for (auto first = in_order_.begin(); status.ok() && first != in_order_.end();) {
    const auto last = std::find_if(first, in_order_.end(), [&](const Member* member) {
      return PointOf(*member->record) != PointOf(*(*first)->record);
    });
    if ((*first)->point != nullptr) status = ScorePoint(connection, std::span(first, last));
    if (status.ok() && rows_.score_count() >= kScoresAtOnce) status = rows_.CopyScores(connection);
    first = last;
  }
  if (status.ok()) status = rows_.CopyOthers(connection);
  if (status.ok()) status = KeepHistories(connection);
  if (status.ok()) status = UpdatePointRows(connection, points_);
  if (status.ok()) status = MakeRollupsDue(connection);
  if (status.ok()) status = case_reports_.Apply(connection);
  return status;
}

absl::Status RecordBatch::MakeRollupsDue(Connection& connection) {
  std::map<PointKey, std::set<int64_t>> hours;
  std::map<PointKey, int64_t> sites;
  for (const Member& member : members_) {
    const Record& record = *member.record;
    if (member.fate != Fate::kLate || record.measured_at_us >= member.point->rolled_to_us) continue;
    hours[PointOf(record)].insert(HourOf(record.measured_at_us));
    sites[PointOf(record)] = record.site_id;
  }
  for (const auto& [key, late] : hours) {
    absl::Status status = MakeHoursDue(connection, key, sites[key], late);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<Outcome> RecordBatch::TakeOutcomes() && {
  std::vector<Outcome> outcomes;
  outcomes.reserve(members_.size());
  for (Member& member : members_) outcomes.push_back(std::move(member.outcome));
  return outcomes;
}

models::PointModel RecordBatch::ModelOf(const Record& record,
                                        const models::Baseline* baseline) const {
  models::PointModel model{.machine = &MachineOf(record),
                           .baseline = baseline,
                           .classifier = classifier_.classifier.get()};
  if (record.limits != nullptr) model.limits = *record.limits;
  return model;
}

absl::Status RecordBatch::LockPoints(Connection& connection) {
  std::vector<PointKey> keys;
  for (const Member* member : in_order_) {
    if (keys.empty() || keys.back() != PointOf(*member->record)) {
      keys.push_back(PointOf(*member->record));
    }
  }
  absl::StatusOr<std::vector<PointRow>> points = LockPointRows(connection, keys);
  if (!points.ok()) return points.status();
  points_ = *std::move(points);
  auto point = points_.begin();
  for (Member* member : in_order_) {
    const PointKey key = PointOf(*member->record);
    while (point != points_.end() && PointKey(point->asset_id, point->point_id) < key) ++point;
    if (point != points_.end() && PointKey(point->asset_id, point->point_id) == key) {
      member->point = &*point;
    }
  }
  return absl::OkStatus();
}

absl::Status RecordBatch::JudgeKeys(Connection& connection) {
  // Whatever is newer than the newest record of its point cannot be there yet.
  std::vector<RecordKey> doubtful;
  for (const Member* member : in_order_) {
    if (member->point != nullptr &&
        member->record->measured_at_us <= member->point->last_measured_at_us) {
      doubtful.push_back(KeyOf(*member->record));
    }
  }
  absl::StatusOr<std::map<RecordKey, StoredRecord>> stored = FindStored(connection, doubtful);
  if (!stored.ok()) return stored.status();
  for (Member* member : in_order_) {
    const Record& record = *member->record;
    if (member->point == nullptr) {
      member->outcome.kind = Outcome::Kind::kRejected;
      member->outcome.rejection =
          absl::NotFoundError("the point was deleted; create it again before you send to it");
      continue;
    }
    const auto [place, fresh] = stored->try_emplace(KeyOf(record));
    if (!fresh) {
      member->fate = JudgeRepeated(*member, place->second);
      continue;
    }
    place->second.content_hash = record.content_hash;
    place->second.source = record.source;
    const bool late = record.measured_at_us <= member->point->last_measured_at_us;
    member->fate = late ? Fate::kLate : Fate::kNew;
    rows_.AddTrend(record,
                   record.features.quality | (late ? Bit(features::QualityFlag::kLate) : 0));
  }
  return absl::OkStatus();
}

RecordBatch::Fate RecordBatch::JudgeRepeated(Member& member, StoredRecord& stored) {
  const Record& record = *member.record;
  if (stored.content_hash == record.content_hash || stored.raw_hash == record.content_hash) {
    return Fate::kDuplicate;
  }
  // Features came from the edge, now their samples follow.
  if (stored.source == Source::kEdgeFeatures && record.source == Source::kSamples &&
      !stored.raw_hash) {
    stored.raw_hash = record.content_hash;
    return Fate::kAttach;
  }
  member.outcome.kind = Outcome::Kind::kRejected;
  member.outcome.rejection = absl::AlreadyExistsError(
      "the point has a record with other content at " + *TimeUs(record.measured_at_us) +
      "; records never change: send it with the time at which it was measured");
  return Fate::kRejected;
}

absl::Status RecordBatch::LoadRepeated(Connection& connection) {
  std::set<PointRow*> points;
  for (const Member& member : members_) {
    if (member.fate == Fate::kDuplicate || member.fate == Fate::kAttach) {
      points.insert(member.point);
    }
  }
  return LoadDetails(connection, std::vector<PointRow*>(points.begin(), points.end()));
}

absl::Status RecordBatch::ScorePoint(Connection& connection, std::span<Member*> members) {
  PointRow& point = *members.front()->point;
  std::shared_ptr<const models::Baseline> baseline;
  const bool any = std::any_of(members.begin(), members.end(), [](const Member* member) {
    return member->fate == Fate::kNew || member->fate == Fate::kLate;
  });
  if (any && point.model_version > 0) {
    auto active = baselines_->Get(connection, point.asset_id, point.point_id, point.model_version);
    if (!active.ok()) return active.status();
    baseline = *std::move(active);
  }
  for (Member* member : members) {
    if (member->fate == Fate::kLate) ScoreLate(*member, baseline.get());
    if (member->fate == Fate::kNew) {
      absl::Status status = ScoreNew(connection, *member, baseline);
      if (!status.ok()) return status;
    }
  }
  for (Member* member : members) {
    if (member->fate == Fate::kAttach) KeepRaw(*member);
    if (member->fate == Fate::kAttach || member->fate == Fate::kDuplicate) {
      Answer(*member, point.health, point.detail.value_or(""));
      if (member->fate == Fate::kDuplicate) member->outcome.kind = Outcome::Kind::kDuplicate;
      member->outcome.quality = point.quality;
    }
  }
  return absl::OkStatus();
}

absl::Status RecordBatch::ScoreNew(Connection& connection, Member& member,
                                   std::shared_ptr<const models::Baseline>& baseline) {
  const Record& record = *member.record;
  PointRow& point = *member.point;
  const int scored_by = point.model_version;
  const models::Condition before = point.state.condition;
  const CaseReports::Before case_before(point);
  const int learnt_before = point.state.records_learnt;
  const models::PointModel model = ModelOf(record, baseline.get());
  const models::Score score = ScoreRecord(record.features, model);
  models::Advanced advanced = Advance(std::move(point.state), score, record.features,
                                      record.measured_at_us, model, PolicyOf(record));
  point.state = std::move(advanced.state);
  if (record.measured_at_us <= point.learn_since_us) {
    // The machine was worked on later: what it was before is not learnt.
    point.state.records_learnt = learnt_before;
  } else if (advanced.learn_from_records > 0) {
    absl::Status status = Learn(connection, member, advanced.learn_from_records, baseline);
    if (!status.ok()) return status;
    // The record that completes the baseline ends the learning.
    advanced.health.condition = point.state.condition;
  }
  if (point.state.condition != before || !point.last_measured_at_us) {
    point.state_since_us = record.measured_at_us;
  }
  Adopt(point, record, advanced.health);
  if (models::RankOf(before) < models::kAlertRank &&
      models::RankOf(point.state.condition) >= models::kAlertRank) {
    alarmed_.push_back(&record);
  }
  KeepRaw(member);
  ++point.record_count;
  point.learning_progress = LearningProgress(point.state, point.model_version > 0, kPolicy);
  HealthDetail detail = Describe(advanced.health, score, record, point.state);
  if (point.state.condition != before) {
    rows_.AddEvent(record, before, advanced.health, detail.summary);
  }
  case_reports_.Add(point, case_before, record.measured_at_us, detail);
  rows_.AddScore(record, {scored_by, classifier_.version}, advanced.health,
                 IsWorthDetail(advanced.health) ? detail.json : "");
  point.detail = std::move(detail.json);
  point.changed = true;
  Answer(member, advanced.health, *point.detail);
  member.outcome.model_version = scored_by;
  return absl::OkStatus();
}

void RecordBatch::ScoreLate(Member& member, const models::Baseline* baseline) {
  const Record& record = *member.record;
  PointRow& point = *member.point;
  const models::PointModel model = ModelOf(record, baseline);
  const models::Score score = ScoreRecord(record.features, model);
  const models::Health health = HealthOfLateRecord(score, record.features, model);
  HealthDetail detail = Describe(health, score, record, point.state);
  rows_.AddScore(record, {point.model_version, classifier_.version}, health,
                 IsWorthDetail(health) ? detail.json : "");
  KeepRaw(member);
  ++point.record_count;
  point.changed = true;
  Answer(member, health, std::move(detail.json));
  member.outcome.quality |= Bit(features::QualityFlag::kLate);
}

absl::Status RecordBatch::Learn(Connection& connection, const Member& member, int record_count,
                                std::shared_ptr<const models::Baseline>& baseline) {
  const Record& record = *member.record;
  PointRow& point = *member.point;
  const absl::StatusOr<models::LearningWindow> window =
      ReadLearningWindow(connection, PointOf(record),
                         {.after_us = point.learn_since_us.value_or(LearningPeriod{}.after_us),
                          .until_us = record.measured_at_us,
                          .limit = record_count},
                         record.features.set_id, record.features.channel_count);
  if (!window.ok()) return window.status();
  absl::StatusOr<models::Baseline> fitted =
      LearnBaseline(*window, baseline.get(), kPolicy, point.state);
  // A refusal is no error: the window slides on.
  if (fitted.ok()) {
    const absl::StatusOr<int> version = InsertBaseline(
        connection, PointOf(record), *fitted, *window, baseline == nullptr ? "" : "run-in");
    if (!version.ok()) return version.status();
    point.model_version = *version;
    baseline = std::make_shared<const models::Baseline>(*std::move(fitted));
  }
  return absl::OkStatus();
}

void RecordBatch::Answer(Member& member, const models::Health& health, std::string detail) {
  const PointRow& point = *member.point;
  member.outcome.health = health;
  member.outcome.quality = member.record->features.quality;
  member.outcome.since_us = point.since_us;
  member.outcome.model_version = point.model_version;
  member.outcome.record_count = point.record_count;
  member.outcome.learning_progress = point.learning_progress;
  member.outcome.detail = std::move(detail);
}

}  // namespace auscult::db
