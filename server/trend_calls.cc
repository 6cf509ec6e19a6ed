#include "server/trend_calls.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "db/case_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/alarm_view.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/fleet_health.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/time_check.h"
#include "server/trend_series.h"
#include "server/trend_sources.h"
#include "server/trend_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kDefaultPeriodUs = 30ll * 86400 * 1'000'000;
constexpr int kDefaultPoints = 1000;
constexpr int kMaxPoints = 100000;
constexpr int kMaxSeries = 64;
// Over all series of one answer, for it travels as one message: 16 MB.
constexpr int64_t kMaxPointsInAll = 800000;
constexpr int kMaxChanges = 1000;
constexpr int kMaxAlarms = 1000;
constexpr int kDefaultSources = 50;

absl::StatusOr<int> PointLimit(const v1::QueryTrendRequest& request) {
  if (request.series_size() > kMaxSeries) {
    return BadField("TOO_MANY_SERIES", "series",
                    Concat("the request names ", request.series_size(), " series"),
                    Concat("ask for at most ", kMaxSeries, " at once"));
  }
  if (request.max_points() < 0) {
    return BadField("BAD_MAX_POINTS", "max_points", Concat("max_points is ", request.max_points()),
                    Concat("send 0 for ", kDefaultPoints, ", or 1 to ", kMaxPoints));
  }
  const int limit =
      request.max_points() == 0 ? kDefaultPoints : std::min(request.max_points(), kMaxPoints);
  const int64_t in_all = int64_t{limit} * std::max(1, request.series_size());
  if (in_all <= kMaxPointsInAll) return limit;
  return BadField(
      "TOO_MANY_POINTS", "max_points",
      Concat(request.series_size(), " series of up to ", limit,
             " points do not fit into one answer"),
      Concat("ask for fewer points or series: at most ", kMaxPointsInAll, " points in all"));
}

// The re-scoring to show; 0: what counts.
absl::StatusOr<int64_t> RunOf(CallScope& scope, const std::string& rescore) {
  constexpr std::string_view kPrefix = "rescores/";
  if (rescore.empty()) return 0;
  int64_t run = 0;
  if (!rescore.starts_with(kPrefix) || !absl::SimpleAtoi(rescore.substr(kPrefix.size()), &run) ||
      run <= 0) {
    return BadField("MALFORMED_NAME", "rescore", Concat(Quoted(rescore), " names no re-scoring"),
                    "write it as rescores/{number}");
  }
  const db::Param values[] = {db::Int(run)};
  const auto known = scope.connection.Query("SELECT FROM rescore WHERE operation_id = $1", values);
  if (!known.ok()) return known.status();
  if (known->count() > 0) return run;
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_RESCORE",
                    .message = Concat("there is no ", rescore),
                    .remedy = "list them with RescoreService.ListRescores",
                    .field = "rescore"});
}

absl::StatusOr<db::TrendOptions> OptionsOf(CallScope& scope, const v1::QueryTrendRequest& request) {
  db::TrendOptions options;
  const absl::StatusOr<db::Period> period = PeriodOf(request, NowUs());
  if (!period.ok()) return period.status();
  options.period = *period;
  const absl::StatusOr<int> max_points = PointLimit(request);
  if (!max_points.ok()) return max_points.status();
  options.max_points = *max_points;
  if (!v1::Decimation_IsValid(request.decimation())) {
    return BadField("UNKNOWN_DECIMATION", "decimation", "the decimation is not known",
                    "leave it out, or send DECIMATION_LTTB");
  }
  options.decimation = static_cast<db::Decimation>(request.decimation());
  if (!v1::Resolution_IsValid(request.resolution())) {
    return BadField("UNKNOWN_RESOLUTION", "resolution", "the resolution is not known",
                    "leave it out, or send RESOLUTION_RECORDS, _HOURS or _DAYS");
  }
  options.resolution = static_cast<db::TrendResolution>(request.resolution());
  const absl::StatusOr<int64_t> run = RunOf(scope, request.rescore());
  if (!run.ok()) return run.status();
  options.run = *run;
  if (*run != 0 && request.resolution() > v1::RESOLUTION_RECORDS) {
    return BadField("NO_ROLLUPS", "resolution", "rollups hold what counts, not other re-scorings",
                    "leave the resolution out to see what a re-scoring found");
  }
  return options;
}

// Puts together one answer, source by source.
class TrendAnswer {
 public:
  TrendAnswer(CallScope& scope, const v1::QueryTrendRequest& request,
              const db::TrendOptions& options, bool single, v1::QueryTrendResponse& response)
      : scope_(scope), request_(request), options_(options), single_(single), response_(response) {}

  absl::Status Add(const TrendSource& source) {
    absl::Status status = source.is_point() ? AddPoint(source) : AddReadings(source);
    if (status.ok() && source.is_point()) status = AddChanges(source);
    if (status.ok() && request_.alarms()) status = AddAlarms(source);
    return status;
  }

  // Another source may not fit any more.
  bool full() const { return values_ >= kMaxPointsInAll; }

  // What is said once, of all sources. What nobody had is refused.
  absl::Status Finish() {
    if (response_.series().empty() && !nobody_has_.ok()) return nobody_has_;
    std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) {
      return TimeUtil::TimestampToMicroseconds(a.time()) <
             TimeUtil::TimestampToMicroseconds(b.time());
    });
    const auto surplus = std::max<std::ptrdiff_t>(std::ssize(changes_) - kMaxChanges, 0);
    for (auto change = changes_.begin() + surplus; change != changes_.end(); ++change) {
      *response_.add_changes() = std::move(*change);
    }
    return absl::OkStatus();
  }

 private:
  void Show(const TrendSource& source, std::string name, std::string unit,
            const db::TrendSeries& read) {
    v1::Series& series = *response_.add_series();
    series.set_name(std::move(name));
    series.set_unit(std::move(unit));
    series.set_source(source.name);
    ShowSeries(read, request_.format() == v1::NUMBER_FORMAT_OCTETS, request_.statistics(), series);
    values_ += std::ssize(read.value);
  }

  absl::Status AddPoint(const TrendSource& source) {
    auto wanted = FindAllSeries(request_.series(), source, single_);
    if (!wanted.ok()) return wanted.status();
    if (!wanted->first_unknown.ok()) nobody_has_ = wanted->first_unknown;
    const auto read = db::QueryPointTrends(scope_.connection, source.asset_id, source.point_id,
                                           wanted->selections, options_);
    if (!read.ok()) return read.status();
    for (size_t i = 0; i < read->size(); ++i) {
      Show(source, std::move(wanted->names[i]), std::move(wanted->units[i]), (*read)[i]);
    }
    return absl::OkStatus();
  }

  absl::Status AddReadings(const TrendSource& source) {
    const auto known = db::ListReadingQuantities(scope_.connection, source.asset_id);
    if (!known.ok()) return known.status();
    std::vector<std::string> names;
    for (int i = 0; i < request_.series_size(); ++i) {
      const std::string& name = request_.series(i);
      if (name == "*") {
        names = *known;
        break;
      }
      absl::Status status = CheckReadingName(name, *known, Concat("series[", i, "]"));
      if (status.ok()) {
        names.push_back(name);
      } else if (single_) {
        return status;
      } else {
        nobody_has_ = std::move(status);
      }
    }
    // An asset has no series of its own to fall back on: show what it has.
    if (request_.series().empty()) names = *known;
    const auto room = static_cast<size_t>(kMaxPointsInAll / options_.max_points);
    if (names.size() > room) names.resize(room);
    const auto read = db::QueryReadings(scope_.connection, source.asset_id, names, options_);
    if (!read.ok()) return read.status();
    for (size_t i = 0; i < names.size(); ++i) {
      Show(source, names[i], ReadingUnit(names[i]), (*read)[i]);
    }
    return absl::OkStatus();
  }

  absl::Status AddChanges(const TrendSource& source) {
    const auto events = db::QueryEvents(scope_.connection, source.asset_id, source.point_id,
                                        options_.period, kMaxChanges);
    if (!events.ok()) return events.status();
    for (auto event = events->rbegin(); event != events->rend(); ++event) {
      changes_.push_back(ChangeOf(*event, source.name));
    }
    return absl::OkStatus();
  }

  absl::Status AddAlarms(const TrendSource& source) {
    if (!assets_with_alarms_.insert(source.asset_id).second) return absl::OkStatus();
    const absl::StatusOr<AssetName> name =
        ParseAssetName(source.name.substr(0, source.name.find("/points/")));
    if (!name.ok()) return name.status();
    db::CaseFilter filter;
    filter.site = name->site;
    filter.asset = name->asset;
    filter.state = db::CaseFilter::State::kAll;
    filter.opened_before_us = options_.period.end_us;
    const auto cases = db::ListCases(scope_.connection, filter, std::nullopt, kMaxAlarms);
    if (!cases.ok()) return cases.status();
    for (const db::StoredCase& stored : *cases) {
      const bool over =
          stored.alarm.closed_at_us && *stored.alarm.closed_at_us < options_.period.start_us;
      if (!over) *response_.add_alarms() = MessageOf(stored);
    }
    return absl::OkStatus();
  }

  CallScope& scope_;
  const v1::QueryTrendRequest& request_;
  const db::TrendOptions& options_;
  const bool single_;
  v1::QueryTrendResponse& response_;
  std::vector<v1::ConditionChange> changes_;
  std::set<int64_t> assets_with_alarms_;
  absl::Status nobody_has_;
  int64_t values_ = 0;
};

absl::StatusOr<int> SourceLimit(const v1::QueryTrendRequest& request) {
  if (request.page_size() == 0) return kDefaultSources;
  return PageSize(request.page_size());
}

// A token goes on with the request that it was made by, at a period that may move.
std::string TokenScope(const v1::QueryTrendRequest& request) {
  std::string scope = Concat("QueryTrend ", request.name());
  for (const std::string& name : request.names()) scope += Concat(" ", name);
  return scope;
}

}  // namespace

absl::StatusOr<db::Period> PeriodOf(const v1::QueryTrendRequest& request, int64_t now_us) {
  db::Period period{.start_us = 0, .end_us = now_us};
  if (request.has_end_time()) {
    const absl::StatusOr<int64_t> end_us = CheckTime(request.end_time(), "end_time");
    if (!end_us.ok()) return end_us.status();
    period.end_us = *end_us;
  }
  period.start_us = period.end_us - kDefaultPeriodUs;
  if (request.has_start_time()) {
    const absl::StatusOr<int64_t> start_us = CheckTime(request.start_time(), "start_time");
    if (!start_us.ok()) return start_us.status();
    period.start_us = *start_us;
  }
  if (period.start_us < period.end_us) return period;
  return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                  "send a start_time before the end_time, which is now where it is left out");
}

absl::Status QueryTrend(CallScope& scope, const v1::QueryTrendRequest& request,
                        v1::QueryTrendResponse& response) {
  const auto selector = TrendSelector::Parse(
      request.name(), std::vector<std::string>(request.names().begin(), request.names().end()));
  if (!selector.ok()) return selector.status();
  const auto options = OptionsOf(scope, request);
  if (!options.ok()) return options.status();
  const absl::StatusOr<int> limit = SourceLimit(request);
  if (!limit.ok()) return limit.status();
  const auto after = ParsePageToken(request.page_token(), TokenScope(request), 2);
  if (!after.ok()) return after.status();
  const auto sources = selector->After(scope.connection, (*after)[0], (*after)[1], *limit + 1);
  if (!sources.ok()) return sources.status();
  TrendAnswer answer(scope, request, *options, selector->single(), response);
  size_t shown = 0;
  for (; shown < sources->size(); ++shown) {
    if (shown == static_cast<size_t>(*limit) || (shown > 0 && answer.full())) break;
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    if (absl::Status status = answer.Add((*sources)[shown]); !status.ok()) return status;
  }
  if (shown < sources->size()) {
    const TrendSource& last = (*sources)[shown - 1];
    response.set_next_page_token(
        MakePageToken(TokenScope(request), {last.asset_slug, last.point_slug}));
  }
  return answer.Finish();
}

}  // namespace auscult::server
