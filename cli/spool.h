#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/durable_file.h"
#include "cli/spool_removals.h"

namespace auscult::cli {

// A bounded store of records on disk: what was appended and synced is there after a crash or a
// power cut, until it is removed. Records lie one behind the other in segments (spool_frame.h),
// files named after the number of their first record; which are done stands in the file `removed`.
// A segment whose records are all done is deleted, one that is mostly done is written anew without
// them. What is damaged is copied into the folder `damaged`, told of, and the rest goes on. In
// memory a waiting record takes about 32 octets. Thread-safe. One process at a time.
class Spool {
 public:
  struct Limits {
    int64_t bytes = 10'000'000'000;  // of all segments; a record must fit
    int64_t segment_bytes = 16 << 20;
  };
  // A record that was found when the spool was opened. Records of one lane keep their order.
  struct Waiting {
    uint64_t number = 0;
    std::string lane;
  };
  struct Backlog {
    int64_t records = 0;
    int64_t bytes = 0;       // of these records
    int64_t disk_bytes = 0;  // of the segments
    std::optional<absl::Time> oldest;
  };
  // What a person should know: told once for each damage.
  using Remark = std::function<void(const std::string&)>;

  // Makes the folder where it is not there. FAILED_PRECONDITION where another process has it.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& folder, Limits limits,
                                                     Remark remark);

  // What waited when it was opened, by number; once.
  std::vector<Waiting> TakeFound() { return std::move(found_); }

  // The number of the new record. RESOURCE_EXHAUSTED where spool or disk is full, and nothing is
  // changed; INVALID_ARGUMENT for a record that would not fit into an empty spool.
  absl::StatusOr<uint64_t> Append(std::string_view lane, std::string_view octets);
  // Makes durable what was appended before.
  absl::Status Sync();

  // NOT_FOUND for what was removed. DATA_LOSS for what is damaged: it was set aside and removed.
  absl::StatusOr<std::string> Read(uint64_t number);
  // Removing twice changes nothing.
  void Remove(uint64_t number);
  // Makes durable what was removed before.
  absl::Status SyncRemovals();
  // Removes the oldest record; its number, nothing where none is there.
  std::optional<uint64_t> RemoveOldest();

  Backlog backlog() const;
  int64_t damaged_count() const;

 private:
  struct Entry {
    uint64_t number = 0;
    int64_t accepted_us = 0;
    uint32_t size = 0;  // of the frame
    bool removed = false;
    int64_t offset = 0;
  };
  struct Segment {
    std::string path;
    std::vector<Entry> entries;
    int64_t bytes = 0;       // of the file
    int64_t live_bytes = 0;  // of the entries that are not removed
    int64_t live = 0;
    size_t first_live = 0;  // none before it is live
  };
  using Segments = std::map<uint64_t, Segment>;  // by their first number

  Spool(std::string folder, Limits limits, Remark remark);
  absl::Status OpenSegments();
  absl::Status OpenSegment(const std::string& path);
  absl::Status BeginSegment();
  absl::Status WriteFrame(std::string_view frame);
  void CloseSegment();
  void SetAside(const std::string& name, std::string_view octets, const std::string& what);
  Entry* Find(uint64_t number, Segments::iterator& segment);
  void RemoveEntry(Segments::iterator segment, Entry& entry);
  void Shrink(Segments::iterator segment);
  void ShrinkAll();
  absl::Status WriteAnew(Segment& segment);

  const std::string folder_;
  const Limits limits_;
  const Remark remark_;
  FileDescriptor lock_;
  std::vector<Waiting> found_;

  mutable std::mutex mutex_;
  std::unique_ptr<SpoolRemovals> removals_;
  Segments segments_;
  uint64_t next_number_ = 1;
  uint64_t writing_ = 0;                  // first number of the segment that is written, 0 = none
  std::shared_ptr<FileDescriptor> file_;  // of it
  bool sync_failed_ = false;              // of a segment that was closed since the last Sync
  int64_t disk_bytes_ = 0;
  int64_t live_bytes_ = 0;
  int64_t live_ = 0;
  int64_t damaged_ = 0;
};

}  // namespace auscult::cli
