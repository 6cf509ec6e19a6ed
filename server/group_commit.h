#pragma once

#include <functional>
#include <memory>
#include <string>

#include "db/baseline_cache.h"
#include "db/trend_writer.h"
#include "server/config.h"

namespace auscult::server {

// Commits what the workers bring, many records in one transaction: every commit_interval_ms or
// commit_records, whichever comes first. `writers` threads with a connection each; the records of
// one point always go to the same writer, so that they neither race nor deadlock inside one server.
// While the database is away, records wait (their bytes are reserved, so admission stops the
// senders) and are tried again with backoff; after 30 s they are answered UNAVAILABLE. Thread-safe.
class GroupCommit {
 public:
  // Called once, from a writer thread, after the commit. Must not block.
  using Done = std::function<void(absl::StatusOr<db::Outcome>)>;

  GroupCommit(const Config& config, std::string conninfo, db::BaselineCache* baselines);
  ~GroupCommit();

  void Submit(db::Record record, Done done);
  // Waits until everything submitted is answered.
  void Drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
