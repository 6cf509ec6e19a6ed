#include "db/trend_plan.h"

#include <algorithm>
#include <utility>

#include "db/rollup.h"

namespace auscult::db {
namespace {

constexpr int64_t CeilHour(int64_t us) { return HourOf(us + kHourUs - 1); }
constexpr int64_t CeilDay(int64_t us) { return DayOf(us + kDayUs - 1); }

Period Both(Period a, Period b) {
  return {std::max(a.start_us, b.start_us), std::min(a.end_us, b.end_us)};
}

void Append(Period span, std::vector<Period>& spans) {
  if (span.start_us < span.end_us) spans.push_back(span);
}

// Joins neighbours: a due period reads like one span.
void Join(std::vector<Period>& spans) {
  std::sort(spans.begin(), spans.end(), [](Period a, Period b) { return a.start_us < b.start_us; });
  std::vector<Period> joined;
  for (const Period span : spans) {
    if (!joined.empty() && joined.back().end_us == span.start_us) {
      joined.back().end_us = span.end_us;
    } else {
      joined.push_back(span);
    }
  }
  spans = std::move(joined);
}

// `whole` without `part`, which lies within it or is empty.
void AppendRest(Period whole, Period part, std::vector<Period>& spans) {
  if (part.start_us >= part.end_us) {
    Append(whole, spans);
    return;
  }
  Append({whole.start_us, part.start_us}, spans);
  Append({part.end_us, whole.end_us}, spans);
}

// Of spans in order, moves periods of `length_us` that begin at `starts_us` from the spans that
// hold them to `other`.
void Move(const std::vector<int64_t>& starts_us, int64_t length_us, std::vector<Period>& spans,
          std::vector<Period>& other) {
  std::vector<Period> rest;
  auto next = starts_us.begin();
  for (Period span : spans) {
    while (next != starts_us.end() && *next < span.start_us) ++next;
    for (; next != starts_us.end() && *next < span.end_us; ++next) {
      if (*next < span.start_us) continue;  // named twice
      Append({span.start_us, *next}, rest);
      Append({*next, *next + length_us}, other);
      span.start_us = *next + length_us;
    }
    Append(span, rest);
  }
  spans = std::move(rest);
}

Period ExtentOf(Period period, const TrendExtent& extent) {
  Period within = period;
  std::optional<int64_t> first = extent.first_record_us;
  for (const std::optional<int64_t>& other : {extent.first_hour_us, extent.first_day_us}) {
    if (other && (!first || *other < *first)) first = other;
  }
  if (first) within.start_us = std::max(period.start_us, *first);
  if (extent.last_us) within.end_us = std::min(period.end_us, *extent.last_us + 1);
  within.end_us = std::max(within.end_us, within.start_us);
  return within;
}

}  // namespace

TrendResolution ResolutionFor(int64_t step_us) {
  if (step_us >= kDayUs) return TrendResolution::kDays;
  return step_us >= kHourUs ? TrendResolution::kHours : TrendResolution::kRecords;
}

TrendPlan PlanTrend(Period period, int max_points, TrendResolution wanted,
                    const TrendExtent& extent) {
  TrendPlan plan;
  plan.extent = ExtentOf(period, extent);
  const int64_t step_us = (plan.extent.end_us - plan.extent.start_us) / max_points;
  plan.resolution = wanted == TrendResolution::kChosen ? ResolutionFor(step_us) : wanted;
  if (!extent.last_us) return plan;
  const Period all = Both(period, plan.extent);
  const int64_t rolled_to_us = extent.rolled_to_us.value_or(all.start_us);
  // Whole hours that are rolled, and of these, whole days.
  Period hours{CeilHour(all.start_us), HourOf(std::min(period.end_us, rolled_to_us))};
  if (plan.resolution == TrendResolution::kRecords) {
    // As far back as there are records.
    const int64_t records_from = extent.first_record_us.value_or(rolled_to_us);
    hours.end_us = std::min(hours.end_us, HourOf(records_from));
  }
  Period days{CeilDay(hours.start_us), DayOf(hours.end_us)};
  if (plan.resolution != TrendResolution::kDays) {
    const int64_t hours_from = extent.first_hour_us.value_or(days.end_us);
    days.end_us = std::min(days.end_us, DayOf(hours_from));
  }
  if (hours.start_us >= hours.end_us) hours = {all.start_us, all.start_us};
  AppendRest(all, hours, plan.records);
  AppendRest(hours, days, plan.hours);
  Append(days, plan.days);

  std::vector<int64_t> due_days;
  for (const int64_t hour_us : extent.due_us) due_days.push_back(DayOf(hour_us));
  Move(due_days, kDayUs, plan.days, plan.hours);
  Join(plan.hours);
  Move(extent.due_us, kHourUs, plan.hours, plan.records);
  Join(plan.records);
  return plan;
}

}  // namespace auscult::db
