#include "server/alarm_calls.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <string>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "server/access/caller.h"
#include "server/alarm_view.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/etag.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

absl::Status CheckNote(std::string_view actor, std::string_view comment) {
  if (absl::Status status = CheckText(actor, "actor"); !status.ok()) return status;
  return CheckComment(comment, "comment");
}

// How people change a case: what they changed, and the note it leaves.
using Edit = std::function<absl::Status(db::StoredCase& stored, db::CaseNote& note)>;

template <typename Request>
absl::Status Handle(CallScope& scope, const Request& request, const char* action, const Edit& edit,
                    v1::Alarm& response) {
  const absl::StatusOr<AlarmName> name = ParseAlarmName(request.name());
  if (!name.ok()) return name.status();
  if (absl::Status status = CheckNote(request.actor(), request.comment()); !status.ok()) {
    return status;
  }
  return Change(scope.connection, false, [&]() -> absl::Status {
    auto stored = db::GetCase(scope.connection, name->site, name->alarm_id, /*lock=*/true);
    if (!stored.ok()) return FromStore(stored.status(), Resource::kAlarm, request.name(), "name");
    const std::string etag = MakeEtag(stored->alarm.alarm_id, stored->revision);
    absl::Status status = CheckEtag(request.etag(), etag, request.name(), "etag");
    db::CaseNote note{.actor = ActorOf(*scope.caller, request.actor()),
                      .action = action,
                      .text = request.comment()};
    if (status.ok()) status = edit(*stored, note);
    if (status.ok()) status = db::SaveCase(scope.connection, *stored, note);
    if (!status.ok()) return status;
    ++stored->revision;
    response = MessageOf(*stored);
    return absl::OkStatus();
  });
}

absl::Status RefuseClosed(const db::StoredCase& stored) {
  if (!stored.alarm.closed_at_us) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      {.reason = "ALARM_CLOSED",
       .message = Concat(AlarmResource(stored.site_slug, stored.alarm.alarm_id), " is closed"),
       .remedy = "comment on it, or give it its finding with CloseAlarm"});
}

}  // namespace

absl::Status AcknowledgeAlarm(CallScope& scope, const v1::AcknowledgeAlarmRequest& request,
                              v1::Alarm& response) {
  return Handle(
      scope, request, "acknowledged",
      [&](db::StoredCase& stored, db::CaseNote& note) -> absl::Status {
        if (absl::Status status = RefuseClosed(stored); !status.ok()) return status;
        // Who saw it first saw it.
        if (!stored.acknowledged_at_us) {
          stored.acknowledged_at_us = stored.now_us;
          stored.acknowledged_by = note.actor;
        }
        return absl::OkStatus();
      },
      response);
}

absl::Status AssignAlarm(CallScope& scope, const v1::AssignAlarmRequest& request,
                         v1::Alarm& response) {
  if (absl::Status status = CheckText(request.assignee(), "assignee"); !status.ok()) return status;
  return Handle(
      scope, request, "assigned",
      [&](db::StoredCase& stored, db::CaseNote& note) -> absl::Status {
        if (absl::Status status = RefuseClosed(stored); !status.ok()) return status;
        stored.assignee = request.assignee();
        const std::string to = request.assignee().empty() ? "to nobody" : "to " + stored.assignee;
        note.text = note.text.empty() ? to : Concat(to, ": ", note.text);
        return absl::OkStatus();
      },
      response);
}

absl::Status CommentAlarm(CallScope& scope, const v1::CommentAlarmRequest& request,
                          v1::Alarm& response) {
  if (request.comment().empty()) {
    return BadField("MISSING_FIELD", "comment", "comment is missing", "send it");
  }
  return Handle(
      scope, request, "commented", [](db::StoredCase&, db::CaseNote&) { return absl::OkStatus(); },
      response);
}

absl::Status ShelveAlarm(CallScope& scope, const v1::ShelveAlarmRequest& request,
                         v1::Alarm& response) {
  const absl::StatusOr<int64_t> until_us = CheckTime(request.until(), "until");
  if (!until_us.ok()) return until_us.status();
  return Handle(
      scope, request, "shelved",
      [&](db::StoredCase& stored, db::CaseNote& note) -> absl::Status {
        if (absl::Status status = RefuseClosed(stored); !status.ok()) return status;
        stored.shelved_until_us.reset();
        stored.alarm.shelved_condition.reset();
        if (!request.has_until() || *until_us <= stored.now_us) {
          note.action = "unshelved";
          return absl::OkStatus();
        }
        stored.shelved_until_us = *until_us;
        stored.alarm.shelved_condition = stored.alarm.condition;
        const std::string until =
            "until " + TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(*until_us));
        note.text = note.text.empty() ? until : Concat(until, ": ", note.text);
        return absl::OkStatus();
      },
      response);
}

absl::Status CloseAlarm(CallScope& scope, const v1::CloseAlarmRequest& request,
                        v1::Alarm& response) {
  const v1::Finding finding = request.finding();
  if (finding == v1::FINDING_UNSPECIFIED || !v1::Finding_IsValid(finding)) {
    return BadField("BAD_FINDING", "finding", Concat("finding is ", static_cast<int>(finding)),
                    "say what was found: FINDING_CONFIRMED, FINDING_FALSE_ALARM or "
                    "FINDING_OTHER_CAUSE");
  }
  const int fault = request.found_fault();
  if (!v1::Fault_IsValid(fault) || fault == v1::FAULT_ABSTAIN || fault == v1::FAULT_UNSCORABLE) {
    return BadField("BAD_FAULT", "found_fault", Concat("found_fault is ", fault),
                    "send a fault that somebody can find, or leave it out");
  }
  if (absl::Status status = CheckText(request.work_order(), "work_order"); !status.ok()) {
    return status;
  }
  return Handle(
      scope, request, "closed",
      [&](db::StoredCase& stored, db::CaseNote& note) -> absl::Status {
        if (!stored.alarm.closed_at_us) {
          stored.alarm.closed_at_us = std::max(stored.now_us, stored.alarm.opened_at_us);
        }
        stored.finding = FindingOf(finding);
        stored.found_fault.reset();
        if (fault != v1::FAULT_UNSPECIFIED) {
          stored.found_fault = static_cast<models::Fault>(fault - 1);
        } else if (finding == v1::FINDING_CONFIRMED &&
                   stored.alarm.kind == models::CaseKind::kMachine) {
          stored.found_fault = stored.alarm.fault;
        }
        stored.finding_text = request.comment();
        if (!request.work_order().empty()) stored.work_order = request.work_order();
        std::string words = v1::Finding_Name(finding).substr(sizeof("FINDING_") - 1);
        for (char& c : words) c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
        note.text = note.text.empty() ? words : Concat(words, ": ", note.text);
        return absl::OkStatus();
      },
      response);
}

}  // namespace auscult::server
