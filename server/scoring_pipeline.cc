#include "server/scoring_pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/errors.h"
#include "server/fair_queue.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/point_order.h"
#include "server/record_check.h"
#include "server/record_extraction.h"
#include "server/tenants.h"

namespace auscult::server {
namespace {

v1::IngestResult Rejected(const absl::Status& status) {
  v1::IngestResult result;
  result.set_outcome(v1::IngestResult::OUTCOME_REJECTED);
  *result.mutable_rejection() = ToRejection(status);
  return result;
}

// The store's refusals, which know no requests, in the caller's terms.
absl::Status Explain(const absl::Status& refusal, const std::string& point) {
  if (!ReasonOf(refusal).empty()) return refusal;
  if (absl::IsAlreadyExists(refusal)) {
    return MakeError(refusal.code(),
                     {.reason = "OTHER_CONTENT",
                      .message = "another record is stored under this point and measured_at",
                      .remedy = "a stored record is never changed; check the clock of the device",
                      .field = "measured_at"});
  }
  if (absl::IsNotFound(refusal)) {
    return MakeError(refusal.code(), {.reason = "UNKNOWN_POINT",
                                      .message = "the point " + Quoted(point) + " was deleted",
                                      .remedy = "create it again, or stop sending its records",
                                      .field = "point"});
  }
  return StoreError(refusal);
}

v1::IngestResult ResultOf(const absl::StatusOr<db::Outcome>& outcome, const std::string& point) {
  if (!outcome.ok()) return Rejected(outcome.status());
  if (outcome->kind == db::Outcome::Kind::kRejected) {
    return Rejected(Explain(outcome->rejection, point));
  }
  v1::IngestResult result;
  result.set_outcome(outcome->kind == db::Outcome::Kind::kDuplicate
                         ? v1::IngestResult::OUTCOME_DUPLICATE
                         : v1::IngestResult::OUTCOME_ACCEPTED);
  *result.mutable_health() = PointHealthOf(*outcome);
  for (std::string& name : QualityNames(outcome->quality)) result.add_quality(std::move(name));
  return result;
}

void Count(const v1::IngestResult& result, IngestCounts& counts) {
  switch (result.outcome()) {
    case v1::IngestResult::OUTCOME_ACCEPTED:
      ++counts.accepted;
      return;
    case v1::IngestResult::OUTCOME_DUPLICATE:
      ++counts.duplicate;
      return;
    default:
      ++counts.rejected;
  }
}

}  // namespace

// A record on its way. Exactly one of `waveform` and `features` is set until it is extracted.
struct ScoringPipeline::Work {
  std::unique_ptr<v1::Waveform> waveform;
  std::unique_ptr<v1::FeatureRecord> features;
  std::string point;
  std::string place = {};
  std::function<bool()> expired;
  Done done;
  // After `done`, hence destroyed before it: what `done` keeps alive may own the budget.
  Reservation reservation;
  std::shared_ptr<PointOrder::Turn> turn = nullptr;
};

// What waits for a worker: sites take turns, by bytes. Counts what was taken until it is answered.
class ScoringPipeline::Line {
 public:
  // False when nothing more is taken.
  bool Enter(std::shared_ptr<Work>& work, PointOrder& order) {
    {
      std::lock_guard lock(mutex_);
      if (draining_) return false;
      // Under the lock, so that turns are in the order of the line.
      work->turn = order.Take(work->point);
      const std::string site(SiteOfName(work->point));
      const int64_t bytes = work->reservation.bytes();
      waiting_.Push(site, bytes, std::move(work));
      ++unanswered_;
    }
    came_.notify_one();
    return true;
  }

  // nullptr when the workers are to stop.
  std::shared_ptr<Work> Next() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !waiting_.empty() || closed_; });
    if (waiting_.empty()) return nullptr;
    return waiting_.Pop();
  }

  void Leave() {
    std::lock_guard lock(mutex_);
    if (--unanswered_ == 0) answered_.notify_all();
  }

  void Drain() {
    std::unique_lock lock(mutex_);
    draining_ = true;
    answered_.wait(lock, [this] { return unanswered_ == 0; });
  }

  void Close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    came_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_, answered_;
  FairQueue<std::string, std::shared_ptr<Work>> waiting_;
  int64_t unanswered_ = 0;
  bool draining_ = false;
  bool closed_ = false;
};

struct ScoringPipeline::Parts {
  PlantDirectory* directory;
  GroupCommit* commit;
  int64_t raw_recent_s = 0;
  PointOrder order;
  Line line;
  IngestCounts counts;
  std::vector<std::thread> threads;

  void Answer(Work& work, v1::IngestResult result) {
    Count(result, counts);
    work.done(std::move(result));
    work.reservation = Reservation();
    work.done = nullptr;
    line.Leave();
  }
};

// What one thread works with.
class ScoringPipeline::Worker {
 public:
  explicit Worker(Parts* parts) : parts_(parts) {}

  void Run() {
    while (std::shared_ptr<Work> work = parts_->line.Next()) Process(std::move(work));
  }

 private:
  void Process(std::shared_ptr<Work> work) {
    absl::StatusOr<db::Record> record = RecordFor(*work);
    Parts* const parts = parts_;
    const std::shared_ptr<PointOrder::Turn> turn = std::move(work->turn);
    if (!record.ok()) {
      parts->order.End(turn, nullptr);
      parts->Answer(*work, Rejected(record.status()));
      return;
    }
    auto shared = std::make_shared<db::Record>(*std::move(record));
    parts->order.End(turn, [parts, work = std::move(work), shared] {
      parts->commit->Submit(std::move(*shared), [parts, work](absl::StatusOr<db::Outcome> outcome) {
        parts->Answer(*work, ResultOf(outcome, work->point));
      });
    });
  }

  absl::StatusOr<db::Record> RecordFor(Work& work) {
    if (work.expired && work.expired()) {
      return MakeError(absl::StatusCode::kCancelled,
                       {.reason = "CANCELLED",
                        .message = "the caller went away before the work was begun",
                        .remedy = "send the record again"});
    }
    const absl::StatusOr<std::shared_ptr<const DirectoryEntry>> entry =
        parts_->directory->Find(work.point);
    if (!entry.ok()) return StoreError(entry.status());
    const int64_t now_us = absl::ToUnixMicros(absl::Now());
    // The message goes at once: its samples have been copied or taken.
    if (const std::unique_ptr<v1::Waveform> waveform = std::move(work.waveform)) {
      absl::StatusOr<db::Record> record = extraction_.Extract(*waveform, **entry, now_us);
      if (record.ok() && IsSureToBeKept(*record, now_us)) db::PackRaw(packer_, record->raw);
      return record;
    }
    const std::unique_ptr<v1::FeatureRecord> features = std::move(work.features);
    return RecordOfFeatures(*features, **entry, now_us, work.place);
  }

  // All recent samples are kept: packed here, they cost the writer nothing, which holds locks. Of
  // older ones the writer keeps few, and packs those.
  bool IsSureToBeKept(const db::Record& record, int64_t now_us) const {
    return record.keep_raw_every >= 0 &&
           record.measured_at_us >= now_us - parts_->raw_recent_s * 1'000'000;
  }

  Parts* const parts_;
  RecordExtraction extraction_;
  db::SamplePacker packer_;
};

ScoringPipeline::ScoringPipeline(const Config& config, PlantDirectory* directory,
                                 GroupCommit* commit)
    : parts_(std::make_unique<Parts>()) {
  parts_->directory = directory;
  parts_->commit = commit;
  parts_->raw_recent_s = config.raw_recent_s;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int workers = std::max(1, config.workers > 0 ? config.workers : cores);
  for (int i = 0; i < workers; ++i) {
    parts_->threads.emplace_back([parts = parts_.get()] { Worker(parts).Run(); });
  }
}

ScoringPipeline::~ScoringPipeline() {
  parts_->line.Drain();
  parts_->line.Close();
  for (std::thread& thread : parts_->threads) thread.join();
}

void ScoringPipeline::Submit(std::unique_ptr<v1::Waveform> waveform, Reservation reservation,
                             std::function<bool()> expired, Done done) {
  std::string point = waveform->point();
  Enqueue(std::make_shared<Work>(Work{.waveform = std::move(waveform),
                                      .features = nullptr,
                                      .point = std::move(point),
                                      .expired = std::move(expired),
                                      .done = std::move(done),
                                      .reservation = std::move(reservation)}));
}

void ScoringPipeline::SubmitFeatures(std::unique_ptr<v1::FeatureRecord> record, std::string place,
                                     Reservation reservation, std::function<bool()> expired,
                                     Done done) {
  std::string point = record->point();
  Enqueue(std::make_shared<Work>(Work{.waveform = nullptr,
                                      .features = std::move(record),
                                      .point = std::move(point),
                                      .place = std::move(place),
                                      .expired = std::move(expired),
                                      .done = std::move(done),
                                      .reservation = std::move(reservation)}));
}

void ScoringPipeline::Drain() { parts_->line.Drain(); }
const IngestCounts& ScoringPipeline::counts() const { return parts_->counts; }

void ScoringPipeline::Enqueue(std::shared_ptr<Work> work) {
  if (parts_->line.Enter(work, parts_->order)) return;
  work->done(Rejected(MakeError(absl::StatusCode::kUnavailable,
                                {.reason = "STOPPING",
                                 .message = "the server is stopping",
                                 .remedy = "connect again and resend what was not acknowledged"})));
}

}  // namespace auscult::server
