#include "cli/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/spool_frame.h"

namespace auscult::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kEnding[] = ".spool";
// Removed records of segments that are gone are forgotten when there are so many.
constexpr size_t kManyRemovals = 65536;

std::string BytesOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Spool::Spool(std::string folder, Limits limits, Remark remark)
    : folder_(std::move(folder)), limits_(limits), remark_(std::move(remark)) {}

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& folder, Limits limits,
                                                   Remark remark) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make the folder ", folder));
  }
  std::unique_ptr<Spool> spool(new Spool(folder, limits, std::move(remark)));
  const std::string lock = folder + "/lock";
  spool->lock_ = FileDescriptor(open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (spool->lock_.get() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", lock));
  if (flock(spool->lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder, " is used by another process; give each `auscult forward` a spool of its own"));
  }
  absl::StatusOr<std::unique_ptr<SpoolRemovals>> removals =
      SpoolRemovals::Open(folder + "/removed");
  if (!removals.ok()) return removals.status();
  spool->removals_ = *std::move(removals);
  if (absl::Status status = spool->OpenSegments(); !status.ok()) return status;
  return spool;
}

absl::Status Spool::OpenSegments() {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.path().extension() == kEnding) paths.push_back(entry.path().string());
  }
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot read ", folder_));
  std::sort(paths.begin(), paths.end());
  next_number_ = removals_->largest() + 1;
  for (const std::string& path : paths) {
    if (absl::Status status = OpenSegment(path); !status.ok()) return status;
  }
  return removals_->ForgetBelow(segments_.empty() ? next_number_ : segments_.begin()->first);
}

absl::Status Spool::OpenSegment(const std::string& path) {
  const std::string bytes = BytesOfFile(path);
  const SpoolScan scan = ScanSpoolFrames(bytes);
  for (const SpoolScan::Damage& damage : scan.damaged) {
    SetAside(absl::StrCat(fs::path(path).stem().string(), "-", damage.offset),
             std::string_view(bytes).substr(damage.offset, damage.size),
             absl::StrCat(path, ": ", damage.size, " octets from ", damage.offset, " on"));
  }
  if (scan.end < bytes.size() && truncate(path.c_str(), static_cast<off_t>(scan.end)) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot repair ", path));
  }
  Segment segment;
  segment.path = path;
  segment.bytes = static_cast<int64_t>(scan.end);
  for (const SpoolScan::Found& found : scan.found) {
    const SpoolFrame& frame = found.frame;
    next_number_ = std::max(next_number_, frame.number + 1);
    if (removals_->Contains(frame.number)) continue;
    const auto size = static_cast<uint32_t>(SizeOfSpoolFrame(frame));
    segment.entries.push_back({.number = frame.number,
                               .accepted_us = frame.accepted_us,
                               .size = size,
                               .offset = static_cast<int64_t>(found.offset)});
    segment.live_bytes += size;
    found_.push_back({frame.number, std::string(frame.lane)});
  }
  segment.live = static_cast<int64_t>(segment.entries.size());
  if (segment.live == 0) {
    std::error_code error;
    fs::remove(path, error);
    return absl::OkStatus();
  }
  disk_bytes_ += segment.bytes;
  // Told of once: what was set aside goes.
  if (!scan.damaged.empty()) (void)WriteAnew(segment);
  live_bytes_ += segment.live_bytes;
  live_ += segment.live;
  const uint64_t first = segment.entries.front().number;
  segments_.emplace(first, std::move(segment));
  return absl::OkStatus();
}

void Spool::SetAside(const std::string& name, std::string_view octets, const std::string& what) {
  ++damaged_;
  const std::string folder = folder_ + "/damaged";
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string path = absl::StrCat(folder, "/", name);
  const absl::Status status = ReplaceFile(path, octets);
  remark_(absl::StrCat(
      what, " are damaged: ",
      status.ok() ? absl::StrCat("they were set aside as ", path) : std::string(status.message()),
      "; the rest goes on. Check the disk."));
}

absl::Status Spool::BeginSegment() {
  // What was written to the one before is durable before anything behind it.
  if (file_ && fdatasync(file_->get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make durable what is in ", folder_));
  }
  const std::string path = absl::StrFormat("%s/%020u%s", folder_, next_number_, kEnding);
  auto file = std::make_shared<FileDescriptor>(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640));
  if (file->get() < 0) {
    const int error = errno;
    const absl::Status status = absl::ErrnoToStatus(error, absl::StrCat("cannot make ", path));
    return error == ENOSPC ? absl::ResourceExhaustedError(status.message()) : status;
  }
  if (absl::Status status = SyncFolder(folder_); !status.ok()) return status;
  file_ = std::move(file);
  writing_ = next_number_;
  segments_[writing_].path = path;
  ShrinkAll();
  return absl::OkStatus();
}

absl::Status Spool::WriteFrame(std::string_view frame) {
  const Segment& segment = segments_.at(writing_);
  absl::Status status = WriteAll(file_->get(), frame, segment.path);
  // A part of a frame would be damage in the middle of the file.
  // Where it stays, another segment goes on, and this one is repaired when it is opened again.
  if (!status.ok() && ftruncate(file_->get(), segment.bytes) != 0) CloseSegment();
  return status;
}

absl::StatusOr<uint64_t> Spool::Append(std::string_view lane, std::string_view octets) {
  const std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  const SpoolFrame frame{next_number_, absl::ToUnixMicros(now), lane, octets};
  const auto size = static_cast<int64_t>(SizeOfSpoolFrame(frame));
  if (size > limits_.bytes || octets.size() > (size_t{1} << 31)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a record of ", size, " octets does not fit into a spool of ", limits_.bytes));
  }
  if (disk_bytes_ + size > limits_.bytes && writing_ > 0) {
    // What is being written may be mostly removed, too.
    const Segment& segment = segments_.at(writing_);
    if (segment.live_bytes < segment.bytes / 2) {
      CloseSegment();
      ShrinkAll();
    }
  }
  if (disk_bytes_ + size > limits_.bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the spool is full: ", disk_bytes_, " of ", limits_.bytes, " octets"));
  }
  if (writing_ == 0 || segments_.at(writing_).bytes >= limits_.segment_bytes) {
    if (absl::Status status = BeginSegment(); !status.ok()) return status;
  }
  if (absl::Status status = WriteFrame(EncodeSpoolFrame(frame)); !status.ok()) return status;
  Segment& segment = segments_.at(writing_);
  segment.entries.push_back({.number = next_number_,
                             .accepted_us = frame.accepted_us,
                             .size = static_cast<uint32_t>(size),
                             .offset = segment.bytes});
  segment.bytes += size;
  segment.live_bytes += size;
  ++segment.live;
  disk_bytes_ += size;
  live_bytes_ += size;
  ++live_;
  return next_number_++;
}

void Spool::CloseSegment() {
  if (file_ && fdatasync(file_->get()) != 0) sync_failed_ = true;
  file_.reset();
  writing_ = 0;
}

absl::Status Spool::Sync() {
  std::shared_ptr<FileDescriptor> file;
  {
    const std::lock_guard lock(mutex_);
    file = file_;
    if (std::exchange(sync_failed_, false)) {
      return absl::DataLossError(absl::StrCat("cannot make durable what is in ", folder_));
    }
  }
  if (!file || fdatasync(file->get()) == 0) return absl::OkStatus();
  const int error = errno;
  // The kernel may have dropped what it could not write: nothing is added behind it.
  const std::lock_guard lock(mutex_);
  if (file_ == file) {
    file_.reset();
    writing_ = 0;
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot make durable what is in ", folder_));
}

Spool::Entry* Spool::Find(uint64_t number, Segments::iterator& segment) {
  segment = segments_.upper_bound(number);
  if (segment == segments_.begin()) return nullptr;
  --segment;
  std::vector<Entry>& entries = segment->second.entries;
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), number,
                       [](const Entry& entry, uint64_t value) { return entry.number < value; });
  if (found == entries.end() || found->number != number || found->removed) return nullptr;
  return &*found;
}

absl::StatusOr<std::string> Spool::Read(uint64_t number) {
  const std::lock_guard lock(mutex_);
  Segments::iterator segment;
  Entry* const entry = Find(number, segment);
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no record ", number));
  std::string bytes(entry->size, '\0');
  const std::string& path = segment->second.path;
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t count =
      pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(entry->offset));
  if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  const std::optional<SpoolFrame> frame =
      DecodeSpoolFrame(std::string_view(bytes).substr(0, static_cast<size_t>(count)));
  if (frame && frame->number == number) return std::string(frame->octets);
  SetAside(absl::StrCat("record-", number), bytes,
           absl::StrCat(path, ": ", bytes.size(), " octets from ", entry->offset, " on"));
  RemoveEntry(segment, *entry);
  return absl::DataLossError(absl::StrCat("record ", number, " is damaged"));
}

void Spool::Remove(uint64_t number) {
  const std::lock_guard lock(mutex_);
  Segments::iterator segment;
  if (Entry* const entry = Find(number, segment)) RemoveEntry(segment, *entry);
}

void Spool::RemoveEntry(Segments::iterator segment, Entry& entry) {
  Segment& in = segment->second;
  // Without its entry, for want of room, a record is sent twice after a crash, and taken once.
  (void)removals_->Add(entry.number);
  entry.removed = true;
  in.live_bytes -= entry.size;
  --in.live;
  live_bytes_ -= entry.size;
  --live_;
  while (in.first_live < in.entries.size() && in.entries[in.first_live].removed) ++in.first_live;
  // A spool that has become empty gives all of its disk back.
  if (segment->first == writing_ && live_ == 0 && in.bytes >= limits_.segment_bytes / 2) {
    file_.reset();
    writing_ = 0;
  }
  if (segment->first != writing_) Shrink(segment);
}

void Spool::Shrink(Segments::iterator segment) {
  Segment& in = segment->second;
  if (in.live == 0) {
    std::error_code error;
    fs::remove(in.path, error);
    disk_bytes_ -= in.bytes;
    segments_.erase(segment);
  } else if (in.live_bytes < in.bytes / 2) {
    // Where it fails, the next removal tries again.
    (void)WriteAnew(in);
  }
  if (removals_->size() > kManyRemovals) {
    (void)removals_->ForgetBelow(segments_.empty() ? next_number_ : segments_.begin()->first);
  }
}

void Spool::ShrinkAll() {
  for (auto segment = segments_.begin(); segment != segments_.end();) {
    const auto next = std::next(segment);
    if (segment->first != writing_) Shrink(segment);
    segment = next;
  }
}

absl::Status Spool::WriteAnew(Segment& segment) {
  const std::string bytes = BytesOfFile(segment.path);
  std::string content;
  std::vector<Entry> entries;
  for (const Entry& entry : segment.entries) {
    if (entry.removed) continue;
    entries.push_back(entry);
    entries.back().offset = static_cast<int64_t>(content.size());
    if (static_cast<size_t>(entry.offset) + entry.size > bytes.size()) {
      return absl::DataLossError(segment.path);
    }
    content.append(bytes, static_cast<size_t>(entry.offset), entry.size);
  }
  if (absl::Status status = ReplaceFile(segment.path, content); !status.ok()) return status;
  disk_bytes_ += static_cast<int64_t>(content.size()) - segment.bytes;
  segment.bytes = static_cast<int64_t>(content.size());
  segment.entries = std::move(entries);
  segment.first_live = 0;
  return absl::OkStatus();
}

absl::Status Spool::SyncRemovals() {
  const std::lock_guard lock(mutex_);
  return removals_->Sync();
}

std::optional<uint64_t> Spool::RemoveOldest() {
  const std::lock_guard lock(mutex_);
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment) {
    if (segment->second.live == 0) continue;
    Entry& entry = segment->second.entries[segment->second.first_live];
    const uint64_t number = entry.number;
    RemoveEntry(segment, entry);
    return number;
  }
  return std::nullopt;
}

Spool::Backlog Spool::backlog() const {
  const std::lock_guard lock(mutex_);
  Backlog backlog{live_, live_bytes_, disk_bytes_, std::nullopt};
  for (const auto& [first, segment] : segments_) {
    if (segment.live == 0) continue;
    backlog.oldest = absl::FromUnixMicros(segment.entries[segment.first_live].accepted_us);
    break;
  }
  return backlog;
}

int64_t Spool::damaged_count() const {
  const std::lock_guard lock(mutex_);
  return damaged_;
}

}  // namespace auscult::cli
