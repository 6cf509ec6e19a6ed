#include "cli/forward_state.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/health_text.h"
#include "cli/number_format.h"

namespace auscult::cli {
namespace {

constexpr absl::Duration kFirstRest = absl::Seconds(1), kLongestRest = absl::Minutes(1);

enum class Fate { kDone, kRejected, kLater, kNeedsRepair };

// Only what lies in the record itself puts it aside: what the plant, the rights or the server's own
// state refuse today may be taken tomorrow.
Fate FateOf(const v1::IngestResult& result) {
  if (result.outcome() == v1::IngestResult::OUTCOME_ACCEPTED ||
      result.outcome() == v1::IngestResult::OUTCOME_DUPLICATE) {
    return Fate::kDone;
  }
  switch (static_cast<absl::StatusCode>(result.rejection().code())) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      return Fate::kRejected;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:
      return Fate::kNeedsRepair;
    default:
      return Fate::kLater;
  }
}

std::string TextOf(const v1::Rejection& rejection) {
  return absl::StrCat(rejection.message(), rejection.remedy().empty() ? "" : "; ",
                      rejection.remedy(), " [", rejection.reason(), "]");
}

absl::Duration RestAfter(int failures) {
  thread_local absl::BitGen random;
  const double doublings = std::min(failures, 10) - 1;
  const absl::Duration ceiling = std::min(std::exp2(doublings) * kFirstRest, kLongestRest);
  return absl::Uniform(random, 0.0, 1.0) * ceiling;
}

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

ForwardState::ForwardState(Spool& spool, size_t on_way_of_lane, std::string reject_folder,
                           Spool::Remark say)
    : spool_(spool),
      queue_(on_way_of_lane),
      rejects_(std::move(reject_folder)),
      say_(std::move(say)),
      start_(absl::Now()) {
  for (const Spool::Waiting& waiting : spool_.TakeFound()) queue_.Add(waiting.number, waiting.lane);
}

void ForwardState::Stop() {
  stopping_ = true;
  queue_.Wake();
}

void ForwardState::EndInput() {
  input_ended_ = true;
  queue_.Wake();
}

void ForwardState::SetFull(bool full) {
  {
    const std::lock_guard lock(mutex_);
    if (full_ == full) return;
    full_ = full;
  }
  Say(full ? "the spool is full: nothing new is taken in until the server has taken some of it"
           : "the spool has room again");
}

void ForwardState::SetServer(const absl::Status& status) {
  const std::string problem(status.message());
  {
    const std::lock_guard lock(mutex_);
    if (server_problem_ == problem) return;
    server_problem_ = problem;
  }
  Say(problem.empty() ? "the server answers again"
                      : absl::StrCat(problem, "; records are kept and sent when it is mended"));
}

void ForwardState::Settle(uint64_t number, const std::string& point,
                          const v1::IngestResult& result) {
  SetServer(absl::OkStatus());
  {
    const std::lock_guard lock(mutex_);
    last_answer_ = absl::Now();
  }
  const Fate fate = FateOf(result);
  if (fate == Fate::kRejected) return PutAside(number, point, result.rejection());
  if (fate != Fate::kDone) return Keep(number, point, result.rejection());
  ++(result.outcome() == v1::IngestResult::OUTCOME_DUPLICATE ? counts_.duplicate : counts_.stored);
  spool_.Remove(number);
  queue_.Done(number, point);
  const std::lock_guard lock(mutex_);
  if (held_.erase(point) > 0) Say(absl::StrCat(ShortName(point), ": the server takes it again"));
}

void ForwardState::Keep(uint64_t number, const std::string& point, const v1::Rejection& rejection) {
  bool tell = false;
  int failures = 0;
  {
    const std::lock_guard lock(mutex_);
    Held& held = held_[point];
    tell = held.rejection.reason() != rejection.reason();
    if (held.failures == 0) held.since = absl::Now();
    held.rejection = rejection;
    failures = ++held.failures;
  }
  if (tell) {
    Say(absl::StrCat(ShortName(point),
                     " is refused, its records are kept and tried again: ", TextOf(rejection)));
  }
  queue_.Return(number, point, RestAfter(failures));
}

void ForwardState::PutAside(uint64_t number, const std::string& point,
                            const v1::Rejection& rejection) {
  const absl::StatusOr<std::string> octets = spool_.Read(number);
  v1::Waveform waveform;
  if (octets.ok() && waveform.ParseFromString(*octets)) {
    const absl::Status status = rejects_.PutRecord(waveform, rejection);
    if (!status.ok()) {
      Say(absl::StrCat(ShortName(point), ": a refused record cannot be put aside, so it is kept: ",
                       std::string(status.message())));
      return queue_.Return(number, point, kLongestRest);
    }
    if (++counts_.rejected <= 10) {
      Say(absl::StrCat(ShortName(point), ": a record is refused and was put into ",
                       rejects_.folder(), ": ", TextOf(rejection)));
    }
  }
  spool_.Remove(number);
  queue_.Done(number, point);
  const std::lock_guard lock(mutex_);
  held_.erase(point);
}

std::string ForwardState::Json(const std::string& server, int64_t limit_bytes) const {
  const Spool::Backlog backlog = spool_.backlog();
  const absl::Time now = absl::Now();
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json json = {
      {"time", absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone())},
      {"pid", getpid()},
      {"since", absl::FormatTime(absl::RFC3339_sec, start_, absl::UTCTimeZone())},
      {"server", server},
      {"server_problem", server_problem_},
      {"backlog_records", backlog.records},
      {"backlog_bytes", backlog.bytes},
      {"disk_bytes", backlog.disk_bytes},
      {"limit_bytes", limit_bytes},
      {"full", full_},
      {"oldest_age_s", backlog.oldest ? absl::ToInt64Seconds(now - *backlog.oldest) : int64_t{0}},
      {"last_answer", last_answer_ == absl::InfinitePast()
                          ? ""
                          : absl::FormatTime(absl::RFC3339_sec, last_answer_, absl::UTCTimeZone())},
      {"taken", counts_.taken.load()},
      {"stored", counts_.stored.load()},
      {"duplicate", counts_.duplicate.load()},
      {"features_only", counts_.features.load()},
      {"rejected", counts_.rejected.load()},
      {"unreadable", counts_.unreadable.load()},
      {"dropped", counts_.dropped.load()},
      {"damaged", spool_.damaged_count()},
      {"held", nlohmann::ordered_json::array()}};
  for (const auto& [point, held] : held_) {
    json["held"].push_back(
        {{"point", point},
         {"since", absl::FormatTime(absl::RFC3339_sec, held.since, absl::UTCTimeZone())},
         {"reason", held.rejection.reason()},
         {"message", held.rejection.message()},
         {"remedy", held.rejection.remedy()}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string ForwardState::Line() const {
  const Spool::Backlog backlog = spool_.backlog();
  std::string line =
      absl::StrCat(ShownCount(backlog.records), " waiting (", Megabytes(backlog.bytes));
  if (backlog.oldest) absl::StrAppend(&line, ", oldest ", AgeText(*backlog.oldest, absl::Now()));
  absl::StrAppend(&line, "); taken ", ShownCount(counts_.taken), ", stored ",
                  ShownCount(counts_.stored), ", duplicate ", ShownCount(counts_.duplicate));
  const std::pair<const char*, int64_t> troubles[] = {{"rejected", counts_.rejected},
                                                      {"unreadable", counts_.unreadable},
                                                      {"dropped", counts_.dropped},
                                                      {"damaged", spool_.damaged_count()}};
  for (const auto& [name, count] : troubles) {
    if (count > 0) absl::StrAppend(&line, ", ", name, " ", ShownCount(count));
  }
  const std::lock_guard lock(mutex_);
  if (!held_.empty()) absl::StrAppend(&line, "; points that are refused: ", held_.size());
  if (!server_problem_.empty()) absl::StrAppend(&line, "; ", server_problem_);
  return line;
}

}  // namespace auscult::cli
