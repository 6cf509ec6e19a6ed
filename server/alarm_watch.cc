#include "server/alarm_watch.h"

#include <algorithm>
#include <utility>

#include "db/plant_store.h"
#include "server/alarm_stream.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kCasesAtOnce = 1000;

grpc::Status Stopping() {
  return ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable,
                                {.reason = "STOPPING",
                                 .message = "the server is stopping",
                                 .remedy = "watch again; it begins with the open cases"}));
}

}  // namespace

AlarmWatch::AlarmWatch(db::Pool* database, Pace pace) : database_(database), pace_(pace) {
  thread_ = std::thread([this] { Loop(); });
}

AlarmWatch::~AlarmWatch() {
  Stop();
  thread_.join();
}

grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* AlarmWatch::Watch(const std::string& site) {
  auto stream = std::make_shared<AlarmStream>(site);
  stream->Start();
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    streams_.push_back(stream);
    newcomers_ = true;
  }
  if (stopping) {
    stream->End(Stopping());
  } else {
    wake_.notify_all();
  }
  return stream.get();
}

void AlarmWatch::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (const std::shared_ptr<AlarmStream>& stream : Streams()) stream->End(Stopping());
}

std::vector<std::shared_ptr<AlarmStream>> AlarmWatch::Streams() {
  const std::lock_guard lock(mutex_);
  std::erase_if(streams_, [](const std::weak_ptr<AlarmStream>& weak) {
    const std::shared_ptr<AlarmStream> stream = weak.lock();
    return stream == nullptr || stream->ended();
  });
  std::vector<std::shared_ptr<AlarmStream>> streams;
  for (const std::weak_ptr<AlarmStream>& weak : streams_) {
    if (auto stream = weak.lock()) streams.push_back(std::move(stream));
  }
  return streams;
}

void AlarmWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, pace_.poll, [this] { return stopping_ || newcomers_; });
    if (stopping_) return;
    newcomers_ = false;
    lock.unlock();
    Poll();
    lock.lock();
  }
}

void AlarmWatch::Poll() {
  const std::vector<std::shared_ptr<AlarmStream>> streams = Streams();
  if (streams.empty()) {
    cursor_.clear();  // who comes next begins with what is open then
    return;
  }
  // A database that is away is asked again in a second; maintenance says so in the log.
  Poll(streams).IgnoreError();
  for (const std::shared_ptr<AlarmStream>& stream : streams) stream->Beat(pace_.heartbeat);
}

absl::Status AlarmWatch::Poll(std::span<const std::shared_ptr<AlarmStream>> streams) {
  absl::StatusOr<db::Pool::Lease> lease = database_->Acquire();
  if (!lease.ok()) return lease.status();
  // Moved only once everybody was told.
  db::ChangeCursor cursor = cursor_;
  const auto changed = db::ListChangedCases(**lease, cursor);
  if (!changed.ok()) return changed.status();
  for (const std::shared_ptr<AlarmStream>& stream : streams) {
    if (!stream->begun) continue;
    for (const db::StoredCase& stored : *changed) {
      if (stream->site().empty() || stream->site() == stored.site_slug) stream->Tell(stored);
    }
  }
  cursor_ = std::move(cursor);
  for (const std::shared_ptr<AlarmStream>& stream : streams) {
    if (stream->begun) continue;
    if (absl::Status status = Begin(**lease, *stream); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AlarmWatch::Begin(db::Connection& connection, AlarmStream& stream) {
  if (!stream.site().empty()) {
    const absl::Status known = db::GetSite(connection, stream.site()).status();
    if (absl::IsNotFound(known)) {
      stream.End(
          ToGrpcStatus(UnknownResource(Resource::kSite, SiteResource(stream.site()), "parent")));
      return absl::OkStatus();
    }
    if (!known.ok()) return known;
  }
  db::CaseFilter filter;
  filter.site = stream.site();
  filter.state = db::CaseFilter::State::kNotClosed;
  std::optional<db::CaseCursor> after;
  for (;;) {
    const auto open = db::ListCases(connection, filter, after, kCasesAtOnce);
    if (!open.ok()) return open.status();
    for (const db::StoredCase& stored : *open) stream.Tell(stored);
    if (open->size() < kCasesAtOnce) break;
    const models::AlarmCase& last = open->back().alarm;
    after = {static_cast<int>(last.condition), last.opened_at_us, last.alarm_id};
  }
  stream.begun = true;
  return absl::OkStatus();
}

}  // namespace auscult::server
