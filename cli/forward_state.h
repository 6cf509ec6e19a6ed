#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/forward_queue.h"
#include "cli/reject_folder.h"
#include "cli/spool.h"

namespace auscult::cli {

// What became of records since the program started.
struct ForwardCounts {
  std::atomic<int64_t> taken{0};       // into the spool
  std::atomic<int64_t> stored{0};      // by the server, now
  std::atomic<int64_t> duplicate{0};   // which the server had
  std::atomic<int64_t> rejected{0};    // records that were put aside
  std::atomic<int64_t> unreadable{0};  // files and lines that were put aside
  std::atomic<int64_t> dropped{0};     // for want of room
  std::atomic<int64_t> features{0};    // records of which features were sent and no samples
};

// What the parts of `auscult forward` share. Thread-safe.
class ForwardState {
 public:
  // `say` gets lines for whoever runs it; from several threads.
  ForwardState(Spool& spool, size_t on_way_of_lane, std::string reject_folder, Spool::Remark say);

  Spool& spool() { return spool_; }
  ForwardQueue& queue() { return queue_; }
  const RejectFolder& rejects() const { return rejects_; }
  ForwardCounts& counts() { return counts_; }
  void Say(const std::string& line) const { say_(line); }

  // Nothing new is taken in, what is on its way gets its answer.
  void Stop();
  bool stopping() const { return stopping_; }
  void EndInput();
  bool input_ended() const { return input_ended_; }
  void SetFull(bool full);

  // Does with a record what the server's answer asks for: removed, put aside, or kept for later.
  void Settle(uint64_t number, const std::string& point, const v1::IngestResult& result);
  // The server is reached (OK) or not, and why. Told when it changes.
  void SetServer(const absl::Status& status);

  // One JSON object: what waits, what became of the rest, what is wrong.
  std::string Json(const std::string& server, int64_t limit_bytes) const;
  // The same in a line.
  std::string Line() const;

 private:
  struct Held {
    v1::Rejection rejection;
    absl::Time since;
    int failures = 0;
  };
  void Keep(uint64_t number, const std::string& point, const v1::Rejection& rejection);
  void PutAside(uint64_t number, const std::string& point, const v1::Rejection& rejection);

  Spool& spool_;
  ForwardQueue queue_;
  const RejectFolder rejects_;
  ForwardCounts counts_;
  const Spool::Remark say_;
  const absl::Time start_;
  std::atomic<bool> stopping_{false}, input_ended_{false};

  mutable std::mutex mutex_;
  bool full_ = false;
  std::string server_problem_;
  absl::Time last_answer_ = absl::InfinitePast();
  std::map<std::string, Held> held_;  // by point
};

}  // namespace auscult::cli
