// Trends that come from rollups, against the same made from the records.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "db/reading_writer.h"
#include "db/rollup.h"
#include "db/trend_query.h"
#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kBeginUs = DayOf(PlantOfPoints::kStartUs);
constexpr int64_t kStepUs = 2 * kHourUs;
constexpr int kRecords = 12 * 150;  // 150 days, into the sixth month

TrendSelection Level(int feature, int channel = 0) {
  return {.kind = TrendSelection::Kind::kFeature,
          .signal = features::Signal::kVibration,
          .channel = channel,
          .feature = feature};
}

std::vector<TrendSelection> Few() {
  return {Level(13),
          {.kind = TrendSelection::Kind::kHealth},
          {.kind = TrendSelection::Kind::kSeverity},
          Level(14)};
}

std::vector<TrendSelection> Many() {
  std::vector<TrendSelection> all = Few();
  for (int i = 15; i < 40; ++i) all.push_back(Level(i));
  return all;
}

class RolledTrend : public ::testing::Test {
 protected:
  RolledTrend() : baselines_(10), writer_(plant_.conninfo(), &baselines_) {
    std::vector<Record> records;
    for (int n = 0; n < kRecords; ++n) {
      if (n % 50 != 7) records.push_back(Make(n));  // some come late
    }
    EXPECT_EQ(plant_.Accepted(writer_.Write(records)), static_cast<int>(records.size()));
    std::vector<Reading> readings;
    for (int n = 0; n < kRecords; ++n) {
      readings.push_back({"temperature_c", kBeginUs + n * kStepUs, 40 + 10 * std::sin(n * 0.01)});
    }
    const auto written = WriteReadings(plant_.connection(), partitions_, plant_.point(0).site_id,
                                       plant_.point(0).asset_id, readings);
    EXPECT_TRUE(written.ok()) << written.status();
    Roll();
  }

  Record Make(int n) const {
    Record record = plant_.Make(0, n);
    record.measured_at_us = kBeginUs + n * kStepUs;
    return record;
  }
  void WriteLate(int first) {
    std::vector<Record> records;
    for (int n = first; n < kRecords; n += 200) records.push_back(Make(n));
    EXPECT_EQ(plant_.Accepted(writer_.Write(records)), static_cast<int>(records.size()));
  }
  void Roll() {
    RollupPartitions partitions;
    const auto keys = ListPointsToRoll(plant_.connection(), 100);
    ASSERT_TRUE(keys.ok());
    for (const PointKey& key : *keys) {
      for (bool more = true; more;) {
        const auto rolled = RollPortion(plant_.connection(), partitions, key);
        ASSERT_TRUE(rolled.ok()) << rolled.status();
        more = *rolled;
      }
    }
  }
  std::vector<TrendSeries> Query(const std::vector<TrendSelection>& selections,
                                 TrendOptions options) {
    const auto series = QueryPointTrends(plant_.connection(), plant_.point(0).asset_id,
                                         plant_.point(0).point_id, selections, options);
    EXPECT_TRUE(series.ok()) << series.status();
    return series.ok() ? *series : std::vector<TrendSeries>(selections.size());
  }
  static TrendOptions Of(Period period, TrendResolution resolution, int max_points) {
    TrendOptions options;
    options.period = period;
    options.resolution = resolution;
    options.max_points = max_points;
    return options;
  }
  // How often each partition was scanned so far, as this session counts; counters of earlier
  // transactions may still be among them.
  std::map<std::string, int64_t> Scans() {
    std::map<std::string, int64_t> scans;
    const auto rows = plant_.connection().Query(
        "SELECT relname, seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables"
        " WHERE relname ~ '_[0-9]'");
    EXPECT_TRUE(rows.ok()) << rows.status();
    for (int row = 0; rows.ok() && row < rows->count(); ++row) {
      scans[std::string(rows->Text(row, 0))] = rows->Int(row, 1);
    }
    return scans;
  }
  // The partitions that `query` scans, by name.
  template <typename Body>
  std::vector<std::string> Scanned(const Body& query) {
    std::vector<std::string> names;
    const absl::Status status = InTransaction(plant_.connection(), [&]() -> absl::Status {
      std::map<std::string, int64_t> before = Scans();
      query();
      for (const auto& [name, scans] : Scans()) {
        if (scans > before[name]) names.push_back(name);
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return names;
  }

  PlantOfPoints plant_;
  BaselineCache baselines_;
  TrendWriter writer_;
  PartitionCache partitions_;
};

// Whole-day buckets: every resolution has to say the same.
void ExpectSame(const std::vector<TrendSeries>& a, const std::vector<TrendSeries>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t s = 0; s < a.size(); ++s) {
    SCOPED_TRACE(s);
    EXPECT_EQ(a[s].record_count, b[s].record_count);
    EXPECT_EQ(a[s].count, b[s].count);
    EXPECT_EQ(a[s].min, b[s].min);
    EXPECT_EQ(a[s].max, b[s].max);
    EXPECT_EQ(a[s].last, b[s].last);
    ASSERT_EQ(a[s].value.size(), b[s].value.size());
    for (size_t i = 0; i < a[s].value.size(); ++i) {
      EXPECT_NEAR(a[s].value[i], b[s].value[i], 1e-5 * (1 + std::abs(a[s].value[i])));
    }
  }
}

TEST_F(RolledTrend, SaysTheSameAtEveryResolution) {
  WriteLate(57);  // due, and not yet made again
  WriteLate(107);
  EXPECT_GT(plant_.Count("SELECT count(*) FROM rollup_due"), 10);
  // Buckets of ten days within the rollups; one bucket of all there is.
  for (const auto& [days, buckets] : {std::pair(100, 10), {200, 1}}) {
    SCOPED_TRACE(days);
    const Period period{kBeginUs, kBeginUs + days * kDayUs};
    for (const auto& selections : {Few(), Many()}) {
      const auto records = Query(selections, Of(period, TrendResolution::kRecords, buckets));
      EXPECT_GT(records[0].record_count, 1000);
      EXPECT_GT(records[1].record_count, 500);
      ExpectSame(Query(selections, Of(period, TrendResolution::kHours, buckets)), records);
      ExpectSame(Query(selections, Of(period, TrendResolution::kDays, buckets)), records);
    }
  }
}

TEST_F(RolledTrend, CountsNothingOutsideThePeriod) {
  const Period period{kBeginUs + 3 * kDayUs + 5 * kHourUs + 1,
                      kBeginUs + 97 * kDayUs + kHourUs / 2};
  const TrendSeries records = Query(Few(), Of(period, TrendResolution::kRecords, 1))[0];
  for (const TrendResolution resolution : {TrendResolution::kHours, TrendResolution::kDays}) {
    const TrendSeries rolled = Query(Few(), Of(period, resolution, 1))[0];
    EXPECT_EQ(rolled.resolution, resolution);
    EXPECT_EQ(rolled.record_count, records.record_count);
    EXPECT_EQ(rolled.min, records.min);
    EXPECT_EQ(rolled.max, records.max);
  }
}

TEST_F(RolledTrend, ChoosesByWhatThereIs) {
  const Period all{0, std::numeric_limits<int64_t>::max()};
  EXPECT_EQ(Query(Few(), Of(all, TrendResolution::kChosen, 100))[0].resolution,
            TrendResolution::kDays);
  EXPECT_EQ(Query(Few(), Of(all, TrendResolution::kChosen, 1000))[0].resolution,
            TrendResolution::kHours);
  // All of them fit, so they come as they are.
  const TrendSeries every = Query(Few(), Of(all, TrendResolution::kChosen, 2000))[0];
  EXPECT_EQ(every.resolution, TrendResolution::kRecords);
  EXPECT_TRUE(every.min.empty());
  EXPECT_EQ(every.time_us.front(), kBeginUs);
}

TEST_F(RolledTrend, LivesOnTheRollupsWhereRecordsAreGone) {
  const Period all{kBeginUs, kBeginUs + 150 * kDayUs};
  const int64_t before = Query(Few(), Of(all, TrendResolution::kRecords, 10))[0].record_count;
  const Param values[] = {TimeUs(kBeginUs + 90 * kDayUs)};
  ASSERT_TRUE(plant_.connection().Execute("DELETE FROM trend WHERE measured_at < $1", values).ok());
  EXPECT_EQ(Query(Few(), Of(all, TrendResolution::kRecords, 10))[0].record_count, before);
  const Param older[] = {TimeUs(kBeginUs + 50 * kDayUs)};
  ASSERT_TRUE(
      plant_.connection().Execute("DELETE FROM rollup_hour WHERE measured_at < $1", older).ok());
  EXPECT_EQ(Query(Few(), Of(all, TrendResolution::kRecords, 10))[0].record_count, before);
  EXPECT_EQ(Query(Few(), Of(all, TrendResolution::kHours, 10))[0].record_count, before);
}

TEST_F(RolledTrend, ReadsNoPartitionOutsideThePeriod) {
  // A month that none of the partitions beside it has a part in: February 2024.
  const Period period{kBeginUs + 80 * kDayUs, kBeginUs + 100 * kDayUs};
  for (const TrendResolution resolution : {TrendResolution::kChosen, TrendResolution::kRecords,
                                           TrendResolution::kHours, TrendResolution::kDays}) {
    for (const auto& selections : {Few(), Many()}) {
      TrendOptions options = Of(period, resolution, 50);
      for (options.run = 0; options.run < 2; ++options.run) {
        const auto scanned = Scanned([&] { Query(selections, options); });
        EXPECT_FALSE(scanned.empty());
        for (const std::string& name : scanned) {
          EXPECT_THAT(name, ::testing::AnyOf(HasSubstr("_2024_02"), HasSubstr("rollup_hour_2024"),
                                             HasSubstr("rollup_day_2024")));
        }
      }
    }
    const std::vector<std::string> quantities = {"temperature_c"};
    const auto scanned = Scanned([&] {
      EXPECT_TRUE(QueryReadings(plant_.connection(), plant_.point(0).asset_id, quantities,
                                Of(period, resolution, 50))
                      .ok());
    });
    EXPECT_FALSE(scanned.empty());
    for (const std::string& name : scanned) {
      EXPECT_THAT(name, ::testing::AnyOf("reading_2024_02", "reading_rollup_hour_2024",
                                         "reading_rollup_day_2024"));
    }
  }
  const auto scanned = Scanned([&] {
    EXPECT_TRUE(QueryEvents(plant_.connection(), plant_.point(0).asset_id, plant_.point(0).point_id,
                            period, 10)
                    .ok());
  });
  EXPECT_THAT(scanned, ::testing::ElementsAre("event_2024_02"));
}

TEST_F(RolledTrend, ShowsFeaturesAsAReScoringExtractedThem) {
  const Period period{kBeginUs, kBeginUs + 100 * kDayUs};
  TrendOptions options = Of(period, TrendResolution::kChosen, 2000);
  const TrendSeries before = Query(Few(), options)[0];
  ASSERT_TRUE(plant_.connection()
                  .ExecuteScript(
                      "SELECT make_partition('extraction', measured_at) FROM trend;"
                      "INSERT INTO extraction SELECT asset_id, point_id, measured_at, 7, site_id,"
                      " feature_set, 0, array_fill(77::real, ARRAY[66]) FROM trend"
                      " WHERE extract(hour FROM measured_at) < 12")
                  .ok());
  EXPECT_EQ(Query(Few(), options)[0].value, before.value);
  options.run = 7;
  for (const auto& selections : {Few(), Many()}) {
    const TrendSeries seen = Query(selections, options)[0];
    EXPECT_EQ(seen.time_us, before.time_us);
    const auto anew = std::count(seen.value.begin(), seen.value.end(), 77.0f);
    EXPECT_GT(anew, 500);
    EXPECT_LT(anew, 700);
  }
}

TEST_F(RolledTrend, OfReadingsSaysTheSameAtEveryResolution) {
  const std::vector<std::string> quantities = {"temperature_c"};
  const Period period{kBeginUs, kBeginUs + 100 * kDayUs};
  const auto query = [&](TrendResolution resolution) {
    const auto series = QueryReadings(plant_.connection(), plant_.point(0).asset_id, quantities,
                                      Of(period, resolution, 10));
    EXPECT_TRUE(series.ok()) << series.status();
    return *series;
  };
  const auto records = query(TrendResolution::kRecords);
  EXPECT_EQ(records[0].record_count, 1200);
  ExpectSame(query(TrendResolution::kHours), records);
  ExpectSame(query(TrendResolution::kDays), records);
}

TEST(TrendCollector, KeepsTheShapeWithLttb) {
  // A spike that no average would show.
  TrendCollector collector({0, 10000}, 100, Decimation::kLttb);
  for (int i = 0; i < 10000; ++i) {
    ValueRollup value;
    value.Add(i == 4321 ? 50.0f : static_cast<float>(std::sin(i * 0.001)));
    collector.Add(i, value);
  }
  const TrendSeries series = std::move(collector).Finish();
  ASSERT_EQ(series.value.size(), 100u);
  EXPECT_EQ(series.record_count, 10000);
  EXPECT_TRUE(series.min.empty());
  EXPECT_EQ(series.time_us.front(), 0);
  EXPECT_EQ(series.time_us.back(), 9999);
  EXPECT_THAT(series.value, ::testing::Contains(50.0f));
  EXPECT_THAT(series.time_us, ::testing::Contains(4321));
  EXPECT_TRUE(std::is_sorted(series.time_us.begin(), series.time_us.end()));
}

TEST(TrendCollector, TakesValuesInAnyOrder) {
  TrendCollector forward({0, 1000}, 7, Decimation::kExtremes);
  TrendCollector backward({0, 1000}, 7, Decimation::kExtremes);
  for (int i = 0; i < 1000; ++i) {
    ValueRollup value;
    value.Add(static_cast<float>(i * 7919 % 997));
    forward.Add(i, value);
    value = {};
    value.Add(static_cast<float>((999 - i) * 7919 % 997));
    backward.Add(999 - i, value);
  }
  const TrendSeries a = std::move(forward).Finish(), b = std::move(backward).Finish();
  EXPECT_EQ(a.value.size(), 7u);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.min, b.min);
  EXPECT_EQ(a.max, b.max);
  EXPECT_EQ(a.last, b.last);
  EXPECT_EQ(a.time_us, b.time_us);
}

}  // namespace
}  // namespace auscult::db
