#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/active_classifier.h"
#include "db/baseline_cache.h"
#include "db/trend_writer.h"
#include "server/config.h"
#include "server/duration_counts.h"

namespace auscult::server {

// What became of the commits so far.
struct CommitCounts {
  std::atomic<int64_t> waiting{0};  // records that no writer has taken yet
  std::atomic<int64_t> records{0}, failures{0};
  DurationCounts durations;  // of batches that were committed
};

// Commits what the workers bring, many records in one transaction: whatever came while the commit
// before was under way, at most commit_records. `writers` threads with a connection each (fewer of
// them make larger batches, which cost less a record); the records of one point always go to the
// same writer and keep their order, so that they neither race nor deadlock inside one server; sites
// take turns. While
// the database is away, records wait (their bytes are reserved, so admission stops the senders) and
// are tried again with backoff; after 30 s they are answered UNAVAILABLE (DATABASE_UNAVAILABLE),
// when draining after half of shutdown_grace_s. Thread-safe.
class GroupCommit {
 public:
  // Called once, from a writer thread, after the commit. Must not block.
  using Done = std::function<void(absl::StatusOr<db::Outcome>)>;

  // `baselines` and `classifier` must outlive it; no classifier: the physics.
  GroupCommit(const Config& config, const std::string& conninfo, db::BaselineCache* baselines,
              const db::ActiveClassifier* classifier = nullptr);
  // Waits like Drain.
  ~GroupCommit();

  void Submit(db::Record record, Done done);
  // Waits until everything submitted is answered.
  void Drain();

  const CommitCounts& counts() const { return counts_; }

 private:
  class Writer;
  CommitCounts counts_;
  std::vector<std::unique_ptr<Writer>> writers_;
};

}  // namespace auscult::server
