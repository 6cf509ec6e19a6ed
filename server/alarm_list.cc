#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "db/case_statistics.h"
#include "db/plant_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/alarm_calls.h"
#include "server/alarm_view.h"
#include "server/concat.h"
#include "server/fleet_health.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kDefaultPeriodUs = 365ll * 86400 * 1'000'000;
constexpr double kWeekUs = 7.0 * 86400 * 1e6;

absl::Status ReadKinds(const v1::ListAlarmsRequest& request, db::CaseFilter& filter) {
  for (const int kind : request.kinds()) {
    if (kind == v1::ALARM_KIND_UNSPECIFIED || !v1::AlarmKind_IsValid(kind)) {
      return BadField("UNKNOWN_KIND", "kinds", Concat("there is no kind ", kind),
                      "send kinds of AlarmKind, or none for all");
    }
    filter.kinds.push_back(KindOf(static_cast<v1::AlarmKind>(kind)));
  }
  return absl::OkStatus();
}

absl::Status ReadTimes(const v1::ListAlarmsRequest& request, db::CaseFilter& filter) {
  if (request.has_start_time()) {
    const auto us = CheckTime(request.start_time(), "start_time");
    if (!us.ok()) return us.status();
    filter.opened_from_us = *us;
  }
  if (request.has_end_time()) {
    const auto us = CheckTime(request.end_time(), "end_time");
    if (!us.ok()) return us.status();
    filter.opened_before_us = *us;
  }
  return absl::OkStatus();
}

absl::StatusOr<db::CaseFilter> FilterOf(const v1::ListAlarmsRequest& request) {
  const auto site = ParseSiteName(request.parent(), /*wildcard=*/true, "parent");
  if (!site.ok()) return site.status();
  db::CaseFilter filter;
  if (*site != "-") filter.site = *site;
  if (!request.asset().empty()) {
    const auto asset = ParseAssetName(request.asset(), false, "asset");
    if (!asset.ok()) return asset.status();
    if (!filter.site.empty() && asset->site != filter.site) {
      return BadField("OTHER_SITE", "asset",
                      Concat(Quoted(request.asset()), " is not of ", request.parent()),
                      "name an asset of the parent, or leave it out");
    }
    filter.site = asset->site;
    filter.asset = asset->asset;
  }
  if (!v1::ListAlarmsRequest::State_IsValid(request.state())) {
    return BadField("UNKNOWN_STATE", "state",
                    Concat("there is no state ", static_cast<int>(request.state())),
                    "send a State, or leave it out for the open ones");
  }
  if (request.state() != v1::ListAlarmsRequest::STATE_UNSPECIFIED) {
    filter.state = static_cast<db::CaseFilter::State>(request.state());
  }
  absl::Status status = ReadKinds(request, filter);
  if (status.ok()) status = ReadTimes(request, filter);
  if (!status.ok()) return status;
  return filter;
}

// A list of what does not exist would look like one of what is well.
absl::Status RequirePlace(CallScope& scope, const db::CaseFilter& filter,
                          const v1::ListAlarmsRequest& request) {
  if (!filter.asset.empty()) {
    return FromStore(db::GetAsset(scope.connection, filter.site, filter.asset).status(),
                     Resource::kAsset, request.asset(), "asset");
  }
  if (filter.site.empty()) return absl::OkStatus();
  return FromStore(db::GetSite(scope.connection, filter.site).status(), Resource::kSite,
                   request.parent(), "parent");
}

absl::StatusOr<std::optional<db::CaseCursor>> ParseCursor(const v1::ListAlarmsRequest& request,
                                                          std::string_view scope) {
  const auto parts = ParsePageToken(request.page_token(), scope, 3);
  if (!parts.ok()) return parts.status();
  if (request.page_token().empty()) return std::nullopt;
  // The token is sealed, so these parts are as they were written.
  db::CaseCursor cursor;
  (void)absl::SimpleAtoi((*parts)[0], &cursor.condition);
  (void)absl::SimpleAtoi((*parts)[1], &cursor.opened_at_us);
  (void)absl::SimpleAtoi((*parts)[2], &cursor.alarm_id);
  return cursor;
}

absl::StatusOr<db::Period> PeriodOf(const v1::GetAlarmStatisticsRequest& request) {
  db::Period period{.start_us = 0, .end_us = NowUs()};
  if (request.has_end_time()) {
    const auto end_us = CheckTime(request.end_time(), "end_time");
    if (!end_us.ok()) return end_us.status();
    period.end_us = *end_us;
  }
  period.start_us = period.end_us - kDefaultPeriodUs;
  if (request.has_start_time()) {
    const auto start_us = CheckTime(request.start_time(), "start_time");
    if (!start_us.ok()) return start_us.status();
    period.start_us = *start_us;
  }
  if (period.start_us < period.end_us) return period;
  return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                  "send a start_time before the end_time, which is now where it is left out");
}

void Show(const db::CaseStatistics& counts, db::Period period, v1::AlarmStatistics& response) {
  response.set_opened_count(counts.opened);
  response.set_open_count(counts.open);
  response.set_confirmed_count(counts.confirmed);
  response.set_false_count(counts.false_alarms);
  response.set_other_cause_count(counts.other_causes);
  response.set_without_finding_count(counts.without_finding);
  const int judged = counts.confirmed + counts.false_alarms + counts.other_causes;
  if (judged > 0) {
    response.set_precision(static_cast<float>(counts.confirmed + counts.other_causes) /
                           static_cast<float>(judged));
    response.set_named_precision(static_cast<float>(counts.confirmed) / static_cast<float>(judged));
  }
  if (counts.median_lead_s) {
    *response.mutable_median_lead_time() =
        TimeUtil::MicrosecondsToDuration(static_cast<int64_t>(*counts.median_lead_s * 1e6));
  }
  if (counts.median_acknowledge_s) {
    *response.mutable_median_acknowledge_time() =
        TimeUtil::MicrosecondsToDuration(static_cast<int64_t>(*counts.median_acknowledge_s * 1e6));
  }
  const double weeks = static_cast<double>(period.end_us - period.start_us) / kWeekUs;
  response.set_opened_per_week(static_cast<float>(counts.opened / weeks));
}

}  // namespace

absl::Status ListAlarms(CallScope& scope, const v1::ListAlarmsRequest& request,
                        v1::ListAlarmsResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const absl::StatusOr<models::Language> language = LanguageOf(request.language_code());
  if (!language.ok()) return language.status();
  const absl::StatusOr<db::CaseFilter> filter = FilterOf(request);
  if (!filter.ok()) return filter.status();
  const std::string list =
      Concat("ListAlarms ", request.parent(), " ", request.asset(), " ",
             static_cast<int>(request.state()), " ", absl::StrJoin(request.kinds(), ","), " ",
             request.start_time().ShortDebugString(), " ", request.end_time().ShortDebugString());
  const auto cursor = ParseCursor(request, list);
  if (!cursor.ok()) return cursor.status();
  if (absl::Status status = RequirePlace(scope, *filter, request); !status.ok()) {
    return status;
  }
  const auto cases = db::ListCases(scope.connection, *filter, *cursor, *page_size + 1);
  if (!cases.ok()) return cases.status();
  for (const db::StoredCase& stored : *cases) {
    if (response.alarms_size() == *page_size) {
      const models::AlarmCase& last =
          (*cases)[static_cast<size_t>(response.alarms_size()) - 1].alarm;
      response.set_next_page_token(
          MakePageToken(list, {Concat(static_cast<int>(last.condition)), Concat(last.opened_at_us),
                               Concat(last.alarm_id)}));
      break;
    }
    *response.add_alarms() = MessageOf(stored, *language);
  }
  return absl::OkStatus();
}

absl::Status GetAlarm(CallScope& scope, const v1::GetAlarmRequest& request, v1::Alarm& response) {
  const absl::StatusOr<AlarmName> name = ParseAlarmName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<models::Language> language = LanguageOf(request.language_code());
  if (!language.ok()) return language.status();
  const auto stored = db::GetCase(scope.connection, name->site, name->alarm_id);
  if (!stored.ok()) return FromStore(stored.status(), Resource::kAlarm, request.name(), "name");
  const auto notes = db::ListCaseNotes(scope.connection, stored->asset_id, name->alarm_id);
  if (!notes.ok()) return notes.status();
  response = MessageOf(*stored, *language);
  for (const db::CaseNote& note : *notes) *response.add_notes() = MessageOf(note);
  return absl::OkStatus();
}

absl::Status GetAlarmStatistics(CallScope& scope, const v1::GetAlarmStatisticsRequest& request,
                                v1::AlarmStatistics& response) {
  const auto parent = ParseSiteName(request.parent(), /*wildcard=*/true, "parent");
  if (!parent.ok()) return parent.status();
  const std::string site = *parent == "-" ? "" : *parent;
  const absl::StatusOr<db::Period> period = PeriodOf(request);
  if (!period.ok()) return period.status();
  const auto budget = db::GetFalseAlarmBudget(scope.connection, site);
  if (!budget.ok()) return FromStore(budget.status(), Resource::kSite, request.parent(), "parent");
  const auto counts = db::CountCases(scope.connection, site, *period);
  if (!counts.ok()) return counts.status();
  Show(*counts, *period, response);
  if (budget->alarms_per_week) {
    response.set_alarm_budget_per_week(static_cast<float>(*budget->alarms_per_week));
  }
  response.set_false_alarms_per_point_year(static_cast<float>(FalseAlarmsPerPointYear(*budget)));
  response.set_point_count(budget->point_count);
  return absl::OkStatus();
}

}  // namespace auscult::server
