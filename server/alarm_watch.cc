#include "server/alarm_watch.h"

#include <optional>
#include <utility>

#include "db/plant_store.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kCasesAtOnce = 1000;

}  // namespace

AlarmWatch::AlarmWatch(db::Pool* database, Pace pace)
    : database_(database),
      loop_(
          pace, "watch again with the last resume_token; without, it begins with the open cases",
          [this](std::span<const std::shared_ptr<AlarmStream>> streams) { return Poll(streams); }) {
}

grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* AlarmWatch::Watch(
    const std::string& site, std::optional<db::ChangeCursor> resume_at,
    std::shared_ptr<const Caller> caller, OpenedStream opened,
    std::function<absl::Status()> may_go_on) {
  auto stream = std::make_shared<AlarmStream>(site, std::move(resume_at), std::move(caller));
  stream->opened = std::move(opened);
  stream->may_go_on = std::move(may_go_on);
  loop_.Add(stream);
  return stream.get();
}

absl::Status AlarmWatch::Poll(std::span<const std::shared_ptr<AlarmStream>> streams) {
  if (streams.empty()) {
    cursor_.clear();  // who comes next begins with what is open then
    return absl::OkStatus();
  }
  absl::StatusOr<db::Pool::Lease> lease = database_->Acquire();
  if (!lease.ok()) return lease.status();
  // Moved only once everybody was told.
  db::ChangeCursor cursor = cursor_;
  const auto changed = db::ListChangedCases(**lease, cursor);
  if (!changed.ok()) return changed.status();
  for (const std::shared_ptr<AlarmStream>& stream : streams) {
    if (!stream->begun) continue;
    for (const db::StoredCase& stored : *changed) {
      stream->Tell(stored);
    }
    stream->Reach(cursor);
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
  absl::Status told = absl::OkStatus();
  if (stream.resume_at() && db::IsNotAfter(*stream.resume_at(), cursor_)) {
    db::ChangeCursor since = *stream.resume_at();
    const auto changed = db::ListChangedCases(connection, since);
    told = changed.status();
    if (told.ok()) {
      for (const db::StoredCase& stored : *changed) stream.Tell(stored);
    }
  } else {
    told = TellOpenCases(connection, stream);
  }
  if (!told.ok()) return told;
  // The cases were read later than that: what changed between comes again.
  stream.Reach(cursor_);
  stream.begun = true;
  return absl::OkStatus();
}

absl::Status AlarmWatch::TellOpenCases(db::Connection& connection, AlarmStream& stream) {
  db::CaseFilter filter;
  filter.site = stream.site();
  filter.state = db::CaseFilter::State::kNotClosed;
  std::optional<db::CaseCursor> after;
  for (;;) {
    const auto open = db::ListCases(connection, filter, after, kCasesAtOnce);
    if (!open.ok()) return open.status();
    for (const db::StoredCase& stored : *open) stream.Tell(stored);
    if (open->size() < kCasesAtOnce) return absl::OkStatus();
    const models::AlarmCase& last = open->back().alarm;
    after = {static_cast<int>(last.condition), last.opened_at_us, last.alarm_id};
  }
}

}  // namespace auscult::server
