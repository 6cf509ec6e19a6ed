#include "server/rescore_view.h"

#include <google/protobuf/any.pb.h>

#include "absl/strings/numbers.h"
#include "db/partitions.h"
#include "google/protobuf/util/time_util.h"
#include "google/rpc/status.pb.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/plant_rows.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::string_view kPrefix = "rescores/";

v1::Rescore::State StateOf(const db::Rescore& rescore, const google::rpc::Status& error) {
  if (rescore.adopt_time_us) return v1::Rescore::STATE_ADOPTED;
  if (!rescore.done_time_us) {
    return rescore.paused ? v1::Rescore::STATE_PAUSED : v1::Rescore::STATE_RUNNING;
  }
  if (rescore.error.empty()) return v1::Rescore::STATE_DONE;
  const bool cancelled = error.code() == static_cast<int>(absl::StatusCode::kCancelled);
  return cancelled ? v1::Rescore::STATE_CANCELLED : v1::Rescore::STATE_FAILED;
}

std::string ProblemOf(const db::RescoreCounts& counts) {
  if (counts.failed_points == 0) return "";
  return Concat(counts.failed_points, " of ", counts.points,
                " points could not be scored to the end; one of them: ", counts.problem);
}

}  // namespace

std::string RescoreResource(int64_t id) { return Concat(kPrefix, id); }

absl::StatusOr<int64_t> ParseRescoreName(std::string_view name) {
  int64_t id = 0;
  if (name.starts_with(kPrefix) && absl::SimpleAtoi(ToAbsl(name.substr(kPrefix.size())), &id) &&
      id > 0 && RescoreResource(id) == name) {
    return id;
  }
  return MakeError(absl::StatusCode::kInvalidArgument,
                   {.reason = "MALFORMED_NAME",
                    .message = Concat(Quoted(name), " is no name of a re-scoring"),
                    .remedy = "write \"rescores/12\"; ListRescores shows those that exist",
                    .field = "name"});
}

v1::RescoreMetadata ProgressOf(const db::Rescore& rescore) {
  const db::RescoreCounts& counts = rescore.counts;
  v1::RescoreMetadata progress;
  *progress.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(rescore.create_time_us);
  progress.set_record_count(counts.records);
  progress.set_records_done(counts.records_done);
  progress.set_point_count(static_cast<int>(counts.points));
  progress.set_points_done(static_cast<int>(counts.points_done));
  progress.set_paused(rescore.paused);
  if (counts.records > 0) {
    const int64_t passed = counts.records_done + counts.records_left_out;
    progress.set_progress(std::min(1.0f, static_cast<float>(static_cast<double>(passed) /
                                                            static_cast<double>(counts.records))));
  } else if (rescore.planned) {
    progress.set_progress(1);
  }
  return progress;
}

absl::StatusOr<v1::Rescore> MessageOf(const db::Rescore& rescore) {
  v1::Rescore message;
  message.set_name(RescoreResource(rescore.id));
  google::rpc::Status error;
  if (!rescore.error.empty() && !error.ParseFromString(rescore.error)) {
    return absl::InternalError("the stored error cannot be read");
  }
  message.set_state(StateOf(rescore, error));
  message.set_scope(rescore.scope);
  if (rescore.period.start_us > db::kEarliestUs) {
    *message.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(rescore.period.start_us);
  }
  *message.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(rescore.period.end_us);
  absl::Status status = ReadStoredJson(rescore.plan, message.name(), *message.mutable_plan());
  if (!status.ok()) return status;
  message.set_description(rescore.description);
  *message.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(rescore.create_time_us);
  if (rescore.done_time_us) {
    *message.mutable_done_time() = TimeUtil::MicrosecondsToTimestamp(*rescore.done_time_us);
  }
  if (rescore.adopt_time_us) {
    *message.mutable_adopt_time() = TimeUtil::MicrosecondsToTimestamp(*rescore.adopt_time_us);
  }
  *message.mutable_progress() = ProgressOf(rescore);
  google::protobuf::Any any;
  v1::RescoreMetadata told;
  if (!rescore.done_time_us && !rescore.paused && any.ParseFromString(rescore.metadata) &&
      any.UnpackTo(&told)) {
    message.mutable_progress()->set_records_per_second(told.records_per_second());
    if (told.has_seconds_left()) {
      message.mutable_progress()->set_seconds_left(told.seconds_left());
    }
  }
  message.set_records_left_out(rescore.counts.records_left_out);
  if (!rescore.schedule_slug.empty()) {
    message.set_schedule(
        Concat(SiteResource(rescore.schedule_site), "/schedules/", rescore.schedule_slug));
  }
  message.set_problem(error.message().empty() ? ProblemOf(rescore.counts) : error.message());
  return message;
}

}  // namespace auscult::server
