#include "server/shard_replay.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "db/baseline_store.h"
#include "db/health_detail.h"
#include "db/stale_store.h"
#include "models/learning.h"
#include "server/plant_rows.h"

namespace auscult::server {
namespace {

// Before the period: so that its first records are not the first that the point ever had.
constexpr int kWarmUpRecords = 200;

// The statement that reads the next page must not run into its time limit while samples are read.
constexpr int kPageThatMayNeedSamples = 1024;

// Each portion renews the lease.
constexpr int kStepsOfALease = 4;

// The version of the baseline stands before the state of the replay.
struct SavedState {
  int32_t baseline_version = 0;
  std::string_view replay;
};

absl::StatusOr<SavedState> Parse(std::string_view bytes) {
  SavedState saved;
  if (bytes.size() < sizeof saved.baseline_version) {
    return absl::DataLossError("the state of the re-scoring cannot be read");
  }
  std::memcpy(&saved.baseline_version, bytes.data(), sizeof saved.baseline_version);
  saved.replay = bytes.substr(sizeof saved.baseline_version);
  return saved;
}

}  // namespace

ShardReplay::ShardReplay(const db::ShardClaim& claim, std::shared_ptr<const DirectoryEntry> point,
                         std::shared_ptr<const models::Classifier> classifier, RescoreTiming timing)
    : claim_(claim),
      point_(std::move(point)),
      classifier_(std::move(classifier)),
      timing_(timing),
      portion_begin_(Clock::now()) {
  for (const DirectoryEntry::Channel& channel : point_->channels) {
    channel_ids_.push_back(channel.id);
  }
}

ShardReplay::~ShardReplay() {
  if (stored_.valid()) stored_.wait();
}

absl::StatusOr<db::ShardFate> ShardReplay::Run(const Resources& resources) {
  absl::Status status = Prepare(resources);
  if (!status.ok()) return status;
  const int64_t start_us = claim_.scored_to_us ? *claim_.scored_to_us + 1 : claim_.period.start_us;
  db::RecordPages pages(claim_.asset_id, claim_.point_id,
                        {.start_us = start_us, .end_us = claim_.period.end_us}, PageRecords());
  for (;;) {
    const auto page = pages.Next(resources.reader);
    if (!page.ok()) return page.status();
    ChooseSamples(*page);
    for (const db::MeasuredRecord& record : *page) {
      if (status = Take(record); !status.ok()) return status;
      const bool is_due = resources.pace.IsDue(Clock::now() - portion_begin_);
      if (!is_due && !PortionIsFull()) continue;
      const auto fate = is_due ? StandBack(resources) : StorePortion(resources);
      if (!fate.ok() || *fate != db::ShardFate::kGoOn) return fate;
      if (resources.stopping) break;
    }
    if (resources.stopping || page->empty()) break;
  }
  const auto fate = StorePortion(resources);
  if (!fate.ok() || *fate != db::ShardFate::kGoOn) return fate;
  const auto last = AwaitStored();
  if (!last.ok() || *last != db::ShardFate::kGoOn) return last;
  return resources.stopping ? db::ShardFate::kRest : db::ShardFate::kGoOn;
}

absl::Status ShardReplay::Prepare(const Resources& resources) {
  absl::Status status = ReadStoredJson(claim_.plan, "a plan", plan_);
  if (status.ok()) status = ChooseBaseline(resources);
  if (!status.ok()) return status;
  if (plan_.source() == v1::RescorePlan::SOURCE_UNSPECIFIED) {
    const auto period =
        db::StaleMachinePeriod(resources.reader, {claim_.asset_id, claim_.point_id});
    if (!period.ok()) return period.status();
    other_machine_ = *period;
  }
  samples_.emplace(&resources.samples, *point_);
  models::PointModel model{.machine = point_->machine.get(),
                           .baseline = baseline_.get(),
                           .classifier = classifier_.get()};
  if (point_->limits != nullptr) model.limits = *point_->limits;
  models::AlarmPolicy policy;
  policy.false_alarms_per_point_year = point_->false_alarms_per_point_year;
  const bool learns = plan_.baseline() == v1::RescorePlan::BASELINE_LEARN_AGAIN;
  replay_.emplace(
      model, policy,
      learns ? models::PointReplay::Learning::kAsItGoes : models::PointReplay::Learning::kNothing);
  if (!claim_.state.empty()) {
    const auto saved = Parse(claim_.state);
    return saved.ok() ? replay_->Restore(saved->replay) : saved.status();
  }
  return learns ? absl::OkStatus() : WarmUp(resources);
}

absl::Status ShardReplay::ChooseBaseline(const Resources& resources) {
  if (plan_.baseline() == v1::RescorePlan::BASELINE_LEARN_AGAIN) return absl::OkStatus();
  if (!claim_.state.empty()) {
    // All records of a point are judged by the same.
    const auto saved = Parse(claim_.state);
    if (!saved.ok()) return saved.status();
    baseline_version_ = saved->baseline_version;
  } else {
    const auto active = db::ActiveVersion(resources.reader, {claim_.asset_id, claim_.point_id});
    if (!active.ok()) return active.status();
    baseline_version_ = *active;
  }
  if (baseline_version_ == 0) return absl::OkStatus();
  auto baseline = resources.baselines.Get(resources.reader, claim_.asset_id, claim_.point_id,
                                          baseline_version_);
  if (!baseline.ok()) return baseline.status();
  baseline_ = *std::move(baseline);
  return absl::OkStatus();
}

absl::Status ShardReplay::WarmUp(const Resources& resources) {
  const auto start_us = db::StartOfLast(resources.reader, claim_.asset_id, claim_.point_id,
                                        claim_.period.start_us, kWarmUpRecords);
  if (!start_us.ok() || !*start_us) return start_us.status();
  db::RecordPages pages(claim_.asset_id, claim_.point_id,
                        {.start_us = **start_us, .end_us = claim_.period.start_us},
                        kWarmUpRecords + 1);
  for (;;) {
    const auto page = pages.Next(resources.reader);
    if (!page.ok()) return page.status();
    if (page->empty()) return absl::OkStatus();
    for (const db::MeasuredRecord& record : *page) {
      if (!record.features.values.empty()) replay_->Next(record.features, record.measured_at_us);
    }
  }
}

// Where the plan leaves it open, only what stored features cannot tell is extracted again.
bool ShardReplay::WantsSamples(const db::MeasuredRecord& record) const {
  if (plan_.source() != v1::RescorePlan::SOURCE_UNSPECIFIED) {
    return plan_.source() == v1::RescorePlan::SOURCE_SAMPLES;
  }
  const bool other_machine = other_machine_ && record.measured_at_us >= other_machine_->start_us &&
                             record.measured_at_us < other_machine_->end_us;
  return other_machine || record.stored_set_id != record.features.set_id;
}

void ShardReplay::ChooseSamples(std::span<const db::MeasuredRecord> page) {
  std::vector<int64_t> times_us;
  for (const db::MeasuredRecord& record : page) {
    if (WantsSamples(record)) times_us.push_back(record.measured_at_us);
  }
  if (!times_us.empty()) samples_->Choose(std::move(times_us));
}

absl::Status ShardReplay::Take(const db::MeasuredRecord& record) {
  portion_.scored_to_us = record.measured_at_us;
  if (WantsSamples(record)) {
    const auto extracted = samples_->FeaturesAt(record.measured_at_us);
    if (!extracted.ok()) return extracted.status();
    if (*extracted != nullptr) {
      portion_.rows.AddExtraction(KeyOf(record.measured_at_us), **extracted);
      Score(**extracted, record.measured_at_us);
      return absl::OkStatus();
    }
  }
  const bool judged =
      !record.features.values.empty() && plan_.source() != v1::RescorePlan::SOURCE_SAMPLES;
  if (judged) {
    Score(record.features, record.measured_at_us);
  } else {
    ++portion_.records_left_out;
  }
  return absl::OkStatus();
}

db::RescoreRows::Key ShardReplay::KeyOf(int64_t measured_at_us) const {
  return {.asset_id = claim_.asset_id,
          .point_id = claim_.point_id,
          .measured_at_us = measured_at_us,
          .site_id = claim_.site_id,
          .run = claim_.run};
}

void ShardReplay::Score(const features::FeatureVector& features, int64_t measured_at_us) {
  const models::PointReplay::Step step = replay_->Next(features, measured_at_us);
  std::string detail;
  if (db::IsWorthDetail(step.health)) {
    const int needed = models::RecordsNeeded(models::AlarmPolicy().learning);
    detail = db::DescribeHealth(step.health, step.score, features, channel_ids_,
                                {.learnt = replay_->state().records_learnt, .needed = needed})
                 .json;
  }
  portion_.rows.AddScore(KeyOf(measured_at_us), {baseline_version_, claim_.classifier_version},
                         step.health, detail);
  ++portion_.records_done;
}

int ShardReplay::PageRecords() const {
  const bool from_features = plan_.source() == v1::RescorePlan::SOURCE_FEATURES;
  return from_features ? timing_.portion_records
                       : std::min(timing_.portion_records, kPageThatMayNeedSamples);
}

bool ShardReplay::PortionIsFull() const {
  return portion_.records_done + portion_.records_left_out >= timing_.portion_records ||
         Clock::now() - portion_begin_ >= std::min(timing_.portion, timing_.lease / kStepsOfALease);
}

std::string ShardReplay::State() const {
  const auto version = static_cast<int32_t>(baseline_version_);
  std::string state(sizeof version, '\0');
  std::memcpy(state.data(), &version, sizeof version);
  return state + replay_->Save();
}

absl::StatusOr<db::ShardFate> ShardReplay::AwaitStored() {
  if (!stored_.valid()) return db::ShardFate::kGoOn;
  return stored_.get();
}

// Until the portion is stored, and then for as long as records that come in need the machine.
absl::StatusOr<db::ShardFate> ShardReplay::StandBack(const Resources& resources) {
  const Clock::time_point begin = portion_begin_;
  auto fate = StorePortion(resources);
  if (fate.ok() && *fate == db::ShardFate::kGoOn) fate = AwaitStored();
  resources.pace.Rest(Clock::now() - begin);
  portion_begin_ = Clock::now();
  return fate;
}

absl::StatusOr<db::ShardFate> ShardReplay::StorePortion(const Resources& resources) {
  const auto before = AwaitStored();
  if (!before.ok() || *before != db::ShardFate::kGoOn) return before;
  if (portion_.records_done + portion_.records_left_out == 0) return db::ShardFate::kGoOn;
  portion_.state = State();
  if (absl::Status status = portion_.rows.EnsurePartitions(resources.writer, resources.partitions);
      !status.ok()) {
    return status;
  }
  leaving_ = std::make_unique<db::ShardPortion>(std::exchange(portion_, {}));
  portion_begin_ = Clock::now();
  stored_ = std::async(std::launch::async, [this, &writer = resources.writer] {
    return db::StorePortion(writer, claim_, *leaving_, timing_.lease);
  });
  return db::ShardFate::kGoOn;
}

}  // namespace auscult::server
