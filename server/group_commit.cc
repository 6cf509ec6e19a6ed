#include "server/group_commit.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/errors.h"
#include "server/fair_queue.h"
#include "server/log.h"

namespace auscult::server {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A batch is copied into the COPY buffer as a whole.
constexpr size_t kMaxBatchBytes = 16u << 20;
// What a record costs beside its samples, so that many small ones count as well.
constexpr int64_t kRowBytes = 4096;
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{500};
constexpr milliseconds kPatience{30'000};

// splitmix64, so that neighbouring ids spread over the writers.
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

// A thread that commits, in the order of submission, whatever came while it was busy with the
// commit before: under light load a record does not wait, under heavy load the batches grow.
class GroupCommit::Writer {
 public:
  Writer(const Config& config, const std::string& conninfo, db::BaselineCache* baselines,
         const db::ActiveClassifier* classifier, CommitCounts* counts)
      : counts_(counts),
        batch_records_(static_cast<size_t>(std::max(1, config.commit_records))),
        drain_patience_(config.shutdown_grace_s * 500),
        store_(conninfo, baselines, config.raw_recent_s, classifier),
        thread_([this] { Run(); }) {}

  ~Writer() {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
      drain_since_ = Clock::now();
    }
    changed_.notify_all();
    thread_.join();
  }

  void Submit(db::Record record, Done done) {
    {
      std::lock_guard lock(mutex_);
      const int64_t site = record.site_id;
      const auto bytes = static_cast<int64_t>(record.raw.samples.size()) + kRowBytes;
      queue_.Push(site, bytes, {std::move(record), std::move(done), Clock::now()});
      ++counts_->waiting;
    }
    changed_.notify_all();
  }

  void Drain() {
    std::unique_lock lock(mutex_);
    if (!drain_since_) drain_since_ = Clock::now();
    changed_.notify_all();
    changed_.wait(lock, [this] { return queue_.empty() && !busy_; });
    drain_since_.reset();
  }

 private:
  struct Waiting {
    db::Record record;
    Done done;
    Clock::time_point since;
  };
  struct Batch {
    std::vector<db::Record> records;
    std::vector<Done> dones;
    std::vector<Clock::time_point> since;
  };

  void Run() {
    Batch batch;
    while (TakeBatch(batch)) {
      Commit(batch);
      batch.records.clear();
      batch.dones.clear();
      batch.since.clear();
    }
  }

  // False when there is nothing more to do.
  bool TakeBatch(Batch& batch) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    if (queue_.empty()) changed_.notify_all();
    changed_.wait(lock, [this] { return !queue_.empty() || closing_; });
    if (queue_.empty()) return false;
    busy_ = true;
    size_t bytes = 0;
    while (!queue_.empty() && batch.records.size() < batch_records_ && bytes < kMaxBatchBytes) {
      Waiting next = queue_.Pop();
      bytes += next.record.raw.samples.size();
      batch.records.push_back(std::move(next.record));
      batch.dones.push_back(std::move(next.done));
      batch.since.push_back(next.since);
      --counts_->waiting;
    }
    return true;
  }

  void Commit(Batch& batch) {
    while (!batch.records.empty()) {
      const Clock::time_point begin = Clock::now();
      absl::StatusOr<std::vector<db::Outcome>> outcomes = store_.Write(batch.records);
      if (outcomes.ok()) {
        counts_->durations.Count(Clock::now() - begin);
        counts_->records += static_cast<int64_t>(outcomes->size());
        assert(outcomes->size() == batch.records.size());
        pause_ = kFirstPause;
        // Their bytes are released by the answers.
        batch.records.clear();
        for (size_t i = 0; i < outcomes->size(); ++i) batch.dones[i](std::move((*outcomes)[i]));
        return;
      }
      ++counts_->failures;
      LogWarning("records wait for the database",
                 {{"records", std::to_string(batch.records.size())},
                  {"status", outcomes.status().ToString()}});
      GiveUp(batch, outcomes.status());
      if (!batch.records.empty()) Pause();
    }
  }

  // Answers the records that waited too long, or all if waiting does not help.
  void GiveUp(Batch& batch, const absl::Status& cause) {
    const Clock::time_point now = Clock::now();
    const bool hopeless = !MayPass(cause) || DrainTimeIsUp(now);
    Batch kept;
    for (size_t i = 0; i < batch.records.size(); ++i) {
      if (hopeless || now - batch.since[i] > kPatience) {
        batch.dones[i](StoreError(cause));
      } else {
        kept.records.push_back(std::move(batch.records[i]));
        kept.dones.push_back(std::move(batch.dones[i]));
        kept.since.push_back(batch.since[i]);
      }
    }
    batch = std::move(kept);
  }

  bool DrainTimeIsUp(Clock::time_point now) {
    std::lock_guard lock(mutex_);
    return drain_since_ && now - *drain_since_ > drain_patience_;
  }

  void Pause() {
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  CommitCounts* const counts_;
  const size_t batch_records_;
  const milliseconds drain_patience_;  // half of the time a shutdown may take
  db::TrendWriter store_;              // of the thread
  milliseconds pause_ = kFirstPause;   // of the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  FairQueue<int64_t, Waiting> queue_;  // by site, so that none waits behind what another sent
  bool busy_ = false;
  bool closing_ = false;
  std::optional<Clock::time_point> drain_since_;
  std::thread thread_;
};

GroupCommit::GroupCommit(const Config& config, const std::string& conninfo,
                         db::BaselineCache* baselines, const db::ActiveClassifier* classifier) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int writers = config.writers > 0 ? config.writers : std::max(1, cores / 4);
  for (int i = 0; i < writers; ++i) {
    writers_.push_back(std::make_unique<Writer>(config, conninfo, baselines, classifier, &counts_));
  }
}

GroupCommit::~GroupCommit() = default;

void GroupCommit::Submit(db::Record record, Done done) {
  const uint64_t mixed =
      Mix(static_cast<uint64_t>(record.asset_id) + Mix(static_cast<uint64_t>(record.point_id)));
  writers_[mixed % writers_.size()]->Submit(std::move(record), std::move(done));
}

void GroupCommit::Drain() {
  for (const std::unique_ptr<Writer>& writer : writers_) writer->Drain();
}

}  // namespace auscult::server
