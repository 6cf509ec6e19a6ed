#include "db/trend_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "db/rollup.h"
#include "models/random.h"

namespace auscult::db {
namespace {

constexpr int64_t kDay0 = DayOf(1'700'000'000'000'000);
constexpr int64_t kMinuteUs = 60'000'000;

// A point with records since day 0, rolled up to hour 5 of day 400.
TrendExtent Recorded() {
  TrendExtent extent;
  extent.rolled_to_us = kDay0 + 400 * kDayUs + 5 * kHourUs;
  extent.last_us = *extent.rolled_to_us + 90 * kMinuteUs;
  extent.first_hour_us = kDay0;
  extent.first_day_us = kDay0;
  extent.first_record_us = kDay0;
  return extent;
}

TEST(TrendPlan, ChoosesTheCoarsestThatHasAValueForEveryPixel) {
  for (const auto& [days, resolution] : {std::pair(1, TrendResolution::kRecords),
                                         {4, TrendResolution::kRecords},
                                         {5, TrendResolution::kHours},
                                         {90, TrendResolution::kHours},
                                         {110, TrendResolution::kDays},
                                         {5000, TrendResolution::kDays}}) {
    SCOPED_TRACE(days);
    const Period period{kDay0, kDay0 + days * kDayUs};
    EXPECT_EQ(PlanTrend(period, 100, TrendResolution::kChosen, Recorded()).resolution, resolution);
  }
  // What there is counts, not what is asked for.
  TrendExtent young = Recorded();
  young.first_hour_us = young.first_day_us = young.first_record_us = kDay0 + 399 * kDayUs;
  EXPECT_EQ(PlanTrend({0, kDay0 + 5000 * kDayUs}, 100, TrendResolution::kChosen, young).resolution,
            TrendResolution::kRecords);
}

// Any plan covers its period minute by minute, each minute once, with rollups only where they are
// whole, within the period, made and not due.
TEST(TrendPlan, CoversThePeriodOnce) {
  models::Random random(5);
  const auto pick = [&random](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random.Uniform() * static_cast<double>(high - low));
  };
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    TrendExtent extent = Recorded();
    extent.rolled_to_us = HourOf(pick(kDay0 + kDayUs, kDay0 + 8 * kDayUs));
    extent.last_us = pick(*extent.rolled_to_us, kDay0 + 9 * kDayUs);
    for (int64_t i = pick(0, 5); i > 0; --i) {
      extent.due_us.push_back(HourOf(pick(kDay0, *extent.rolled_to_us)));
    }
    std::sort(extent.due_us.begin(), extent.due_us.end());
    const int64_t start_us = kDay0 + kMinuteUs * pick(0, 5 * 1440);
    const Period period{start_us, start_us + kMinuteUs * pick(1, 5 * 1440)};
    const auto wanted = static_cast<TrendResolution>(1 + round % 3);
    const TrendPlan plan = PlanTrend(period, 100, wanted, extent);
    std::map<int64_t, int> covered;
    const auto cover = [&](const std::vector<Period>& spans, int64_t length_us) {
      for (const Period span : spans) {
        EXPECT_LT(span.start_us, span.end_us);
        EXPECT_GE(span.start_us, period.start_us);
        EXPECT_LE(span.end_us, period.end_us);
        if (length_us > 0) {
          EXPECT_EQ(span.start_us % length_us, 0);
          EXPECT_EQ(span.end_us % length_us, 0);
          EXPECT_LE(span.end_us, *extent.rolled_to_us);
          for (const int64_t due_us : extent.due_us) {
            EXPECT_FALSE(due_us >= span.start_us && due_us < span.end_us);
          }
        }
        for (int64_t at_us = span.start_us; at_us < span.end_us; at_us += kMinuteUs) {
          ++covered[at_us];
        }
      }
    };
    cover(plan.days, kDayUs);
    cover(plan.hours, kHourUs);
    cover(plan.records, 0);
    for (int64_t at_us = period.start_us; at_us < std::min(period.end_us, *extent.last_us + 1);
         at_us += kMinuteUs) {
      EXPECT_EQ(covered[at_us], 1) << (at_us - kDay0) / kMinuteUs;
    }
  }
}

TEST(TrendPlan, TakesWhatIsCoarserWhereRetentionTookTheFiner) {
  TrendExtent extent = Recorded();
  extent.first_record_us = kDay0 + 200 * kDayUs + 90 * kMinuteUs;
  extent.first_hour_us = kDay0 + 100 * kDayUs;
  const Period period{kDay0, kDay0 + 300 * kDayUs};
  const TrendPlan plan = PlanTrend(period, 100, TrendResolution::kRecords, extent);
  ASSERT_EQ(plan.days.size(), 1u);
  EXPECT_EQ(plan.days[0].end_us, kDay0 + 100 * kDayUs);
  ASSERT_EQ(plan.hours.size(), 1u);
  EXPECT_EQ(plan.hours[0].end_us, kDay0 + 200 * kDayUs + kHourUs);
  ASSERT_EQ(plan.records.size(), 1u);
  EXPECT_EQ(plan.records[0].end_us, period.end_us);
}

TEST(TrendPlan, OfAPointWithoutRecordsIsEmpty) {
  const TrendPlan plan = PlanTrend({0, kDayUs}, 100, TrendResolution::kChosen, {});
  EXPECT_TRUE(plan.days.empty() && plan.hours.empty() && plan.records.empty());
}

}  // namespace
}  // namespace auscult::db
