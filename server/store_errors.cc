#include "server/store_errors.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "db/disk_full.h"
#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

// Of those who change one row at once one succeeds in every round, so this is how many may.
constexpr int kAttempts = 10;
constexpr std::chrono::milliseconds kPause{5};  // times the attempts so far
constexpr std::chrono::milliseconds kRetryAfter{1000};

struct Words {
  std::string_view noun, unknown, exists, in_use, create;
};

const Words& WordsOf(Resource resource) {
  static constexpr std::array<Words, 6> kWords = {
      Words{"site", "UNKNOWN_SITE", "SITE_EXISTS", "SITE_IN_USE", "CreateSite"},
      Words{"asset", "UNKNOWN_ASSET", "ASSET_EXISTS", "ASSET_IN_USE", "CreateAsset"},
      Words{"point", "UNKNOWN_POINT", "POINT_EXISTS", "POINT_IN_USE", "CreatePoint"},
      Words{"bearing", "UNKNOWN_BEARING", "BEARING_EXISTS", "BEARING_IN_USE", "CreateBearing"},
      Words{"alarm", "UNKNOWN_ALARM", "", "", ""},  // opened by records, deleted with its asset
      Words{"schedule", "UNKNOWN_SCHEDULE", "SCHEDULE_EXISTS", "", ""}};
  return kWords[static_cast<size_t>(resource)];
}

// Stores say what keeps a row and, after a semicolon, what to do.
absl::Status InUse(const absl::Status& status, Resource resource) {
  const std::string text(status.message());
  const size_t end = text.find("; ");
  return ResourceInUse(resource, text.substr(0, end),
                       end == std::string::npos ? "set force to delete everything below it too"
                                                : text.substr(end + 2));
}

}  // namespace

absl::Status UnknownResource(Resource resource, std::string_view name, std::string_view field) {
  const Words& words = WordsOf(resource);
  return MakeError(
      absl::StatusCode::kNotFound,
      {.reason = words.unknown,
       .message = Concat("there is no ", words.noun, " ", name),
       .remedy = words.create.empty() ? "list those that exist, and correct the name"
                                      : Concat("create it with ", words.create,
                                               " or `auscult apply`, or correct the name"),
       .field = std::string(field)});
}

absl::Status ResourceExists(Resource resource, std::string_view name, std::string_view field) {
  const Words& words = WordsOf(resource);
  return MakeError(absl::StatusCode::kAlreadyExists,
                   {.reason = words.exists,
                    .message = Concat("the ", words.noun, " ", name, " exists already"),
                    .remedy = "choose another id, or update the one that exists",
                    .field = std::string(field)});
}

absl::Status ResourceInUse(Resource resource, std::string_view why, std::string_view remedy) {
  return MakeError(absl::StatusCode::kFailedPrecondition, {.reason = WordsOf(resource).in_use,
                                                           .message = std::string(why),
                                                           .remedy = std::string(remedy),
                                                           .field = ""});
}

absl::Status UnknownRecord(const absl::Status& status, std::string_view point) {
  if (!absl::IsNotFound(status) || HasProblem(status)) return status;
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_RECORD",
                    .message = Concat("no such record of ", point, " is stored"),
                    .remedy = "send the measured_at of a stored record, as QueryTrend gives it, or "
                              "none for the latest",
                    .field = "measured_at"});
}

absl::Status FromStore(const absl::Status& status, Resource resource, std::string_view name,
                       std::string_view field) {
  if (status.ok() || HasProblem(status)) return status;
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return UnknownResource(resource, name, field);
    case absl::StatusCode::kAlreadyExists:
      return ResourceExists(resource, name, field);
    case absl::StatusCode::kFailedPrecondition:
      return InUse(status, resource);
    default:
      return status;
  }
}

absl::Status FromDatabase(const absl::Status& status) {
  if (status.ok() || HasProblem(status)) return status;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return AskToRetry(
          MakeError(absl::StatusCode::kUnavailable,
                    {.reason = "DATABASE_UNAVAILABLE",
                     .message = "the database cannot be reached",
                     .remedy = "try again in a while; the server's log says what is wrong",
                     .field = ""}),
          kRetryAfter);
    case absl::StatusCode::kResourceExhausted:
      if (db::IsDiskFull(status)) return AskToRetry(DiskFull(), kRetryAfter);
      return Overloaded({.reason = "DATABASE_BUSY",
                         .message = "every connection to the database is in use",
                         .remedy = "try again after the time given",
                         .field = ""},
                        kRetryAfter);
    case absl::StatusCode::kAborted:
      return MakeError(absl::StatusCode::kAborted,
                       {.reason = "CONCURRENT_CHANGE",
                        .message = "somebody else changed the same thing at the same time",
                        .remedy = "read it again and repeat the change",
                        .field = ""});
    case absl::StatusCode::kDeadlineExceeded:
      return MakeError(absl::StatusCode::kDeadlineExceeded,
                       {.reason = "QUERY_TOO_LONG",
                        .message = "the database took longer than it may",
                        .remedy = "ask for a shorter period or fewer series",
                        .field = ""});
    default:
      return status;
  }
}

bool HasProblem(const absl::Status& status) { return !ReasonOf(status).empty(); }

absl::Status Change(db::Connection& connection, bool validate_only,
                    const std::function<absl::Status()>& body) {
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool done = false, commit_unknown = false;
    status = db::InTransaction(
        connection,
        [&]() -> absl::Status {
          if (absl::Status made = body(); !made.ok()) return made;
          done = true;
          return validate_only ? absl::CancelledError("validate_only rolls back")
                               : absl::OkStatus();
        },
        &commit_unknown);
    if (commit_unknown) {
      return MakeError(absl::StatusCode::kUnavailable,
                       {.reason = "COMMIT_UNKNOWN",
                        .message = "the database went away while the change was committed: it may "
                                   "or may not be stored",
                        .remedy = "read it again before you repeat the change",
                        .field = ""});
    }
    if (validate_only && done) return absl::OkStatus();
    if (!absl::IsAborted(status) || HasProblem(status)) return status;
    std::this_thread::sleep_for(kPause * (attempt + 1));
  }
  return FromDatabase(status);
}

}  // namespace auscult::server
