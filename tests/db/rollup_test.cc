#include "db/rollup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "db/counted_score.h"
#include "db/reading_writer.h"
#include "tests/db/plant_of_points.h"

// How many values of the rollups differ from those that plain SQL makes of what is stored, one by
// one. Means may differ by the rounding of float.
#define WRONG_FEATURES(period, table)                                                           \
  "WITH naive AS (SELECT asset_id, point_id, date_trunc('" period                               \
  "', measured_at, 'UTC') AS at,"                                                               \
  "  feature_set, place, count(*) AS n, min(v) AS low, max(v) AS high, avg(v::float8) AS mean," \
  "  (array_agg(v ORDER BY measured_at DESC))[1] AS last"                                       \
  "  FROM trend JOIN point_state USING (asset_id, point_id),"                                   \
  "  unnest(features) WITH ORDINALITY AS f (v, place)"                                          \
  "  WHERE abs(v) < 'infinity' AND measured_at < date_trunc('" period                           \
  "', rolled_to, 'UTC')"                                                                        \
  "  GROUP BY 1, 2, 3, 4, 5),"                                                                  \
  " rolled AS (SELECT asset_id, point_id, measured_at AS at, feature_set, place,"               \
  "  coalesce(value_counts[place], record_count) AS n, minima[place] AS low,"                   \
  "  maxima[place] AS high, means[place] AS mean, lasts[place] AS last"                         \
  "  FROM " table                                                                               \
  ", generate_subscripts(minima, 1) AS place"                                                   \
  "  WHERE coalesce(value_counts[place], record_count) > 0)"                                    \
  " SELECT count(*) FROM naive FULL JOIN rolled USING (asset_id, point_id, at, feature_set,"    \
  "  place) WHERE naive.n IS DISTINCT FROM rolled.n OR naive.low IS DISTINCT FROM rolled.low"   \
  "  OR naive.high IS DISTINCT FROM rolled.high OR naive.last IS DISTINCT FROM rolled.last"     \
  "  OR NOT abs(naive.mean - rolled.mean) <= 1e-6 * (abs(naive.low) + abs(naive.high))"
#define WRONG_HEALTH(period, table, column)                                                      \
  "WITH counted AS (SELECT DISTINCT ON (asset_id, point_id, measured_at) * FROM score"           \
  "  WHERE " COUNTED_SCORE                                                                       \
  " ORDER BY asset_id, point_id, measured_at, run DESC),"                                        \
  " naive AS (SELECT c.asset_id, c.point_id, date_trunc('" period                                \
  "', measured_at, 'UTC') AS at,"                                                                \
  "  feature_set, ARRAY[count(c." column "), min(c." column "), max(c." column                   \
  "),"                                                                                           \
  "   (array_agg(c." column                                                                      \
  " ORDER BY measured_at DESC)"                                                                  \
  "    FILTER (WHERE c." column                                                                  \
  " IS NOT NULL))[1]]::real[] AS four,"                                                          \
  "  avg(c." column                                                                              \
  "::float8) AS mean"                                                                            \
  "  FROM counted c JOIN trend USING (asset_id, point_id, measured_at)"                          \
  "  JOIN point_state s USING (asset_id, point_id)"                                              \
  "  WHERE measured_at < date_trunc('" period                                                    \
  "', rolled_to, 'UTC') GROUP BY 1, 2, 3, 4),"                                                   \
  " rolled AS (SELECT asset_id, point_id, measured_at AS at, feature_set, CASE WHEN " column     \
  "[1] > 0 THEN ARRAY[" column "[1], " column "[2], " column "[4], " column                      \
  "[5]] ELSE ARRAY[0, NULL, NULL, NULL]::real[] END AS four, " column "[3] AS mean FROM " table  \
  ")"                                                                                            \
  " SELECT count(*) FROM naive FULL JOIN rolled USING (asset_id, point_id, at, feature_set)"     \
  " WHERE naive.four IS DISTINCT FROM rolled.four OR NOT coalesce(abs(naive.mean - rolled.mean)" \
  "  <= 1e-6 * rolled.four[3], rolled.four[1] = 0)"
#define WRONG_READINGS(period, table)                                               \
  "WITH naive AS (SELECT asset_id, quantity, date_trunc('" period                   \
  "', measured_at, 'UTC') AS"                                                       \
  "  at, count(*) AS n, min(value) AS low, max(value) AS high, avg(value) AS mean," \
  "  (array_agg(value ORDER BY measured_at DESC))[1] AS last"                       \
  "  FROM reading JOIN process_state USING (asset_id)"                              \
  "  WHERE measured_at < date_trunc('" period                                       \
  "', rolled_to, 'UTC') GROUP BY 1, 2, 3)"                                          \
  " SELECT count(*) FROM naive FULL JOIN (SELECT *, measured_at AS at FROM " table  \
  ") AS rolled USING (asset_id, quantity, at) WHERE n IS DISTINCT FROM value_count" \
  "  OR low IS DISTINCT FROM minimum OR high IS DISTINCT FROM maximum"              \
  "  OR naive.last IS DISTINCT FROM rolled.last OR NOT abs(naive.mean - rolled.mean) <= 1e-9"

namespace auscult::db {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;
// An hour's begin, so that tests can say which hour is which.
constexpr int64_t kBeginUs = HourOf(PlantOfPoints::kStartUs) + kHourUs;

// A plant whose points are written every ten minutes and rolled by hand.
class RolledPlant {
 public:
  explicit RolledPlant(int points = 1)
      : plant_(points), baselines_(10), writer_(plant_.conninfo(), &baselines_) {}

  // The n-th record, ten minutes after the one before. Of two channels; some values are missing.
  Record Make(int n, int point = 0) const {
    Record record = plant_.Make(point, n);
    record.measured_at_us = kBeginUs + n * 10 * kMinuteUs;
    std::vector<float>& values = record.features.values;
    const size_t size = values.size();
    values.resize(2 * size);
    for (size_t i = 0; i < size; ++i) {
      values[size + i] = 100 + values[i] * static_cast<float>(1 + n % 7);
    }
    values[3] = std::numeric_limits<float>::quiet_NaN();
    if (n % 3 == 0) values[5] = std::numeric_limits<float>::quiet_NaN();
    if (n % 5 == 0) values[size + 7] = std::numeric_limits<float>::infinity();
    record.features.channel_count = 2;
    record.channel_ids = {"H", "V"};
    return record;
  }
  void Write(const std::vector<Record>& records) {
    EXPECT_EQ(plant_.Accepted(writer_.Write(records)), static_cast<int>(records.size()));
  }
  void WriteRange(int first, int last, int step = 1) {
    std::vector<Record> records;
    for (int n = first; n < last; n += step) records.push_back(Make(n));
    Write(records);
  }
  void Roll() {
    for (;;) {
      const auto keys = ListPointsToRoll(connection(), 100);
      ASSERT_TRUE(keys.ok()) << keys.status();
      if (keys->empty()) return;
      for (const PointKey& key : *keys) {
        for (bool more = true; more;) {
          const auto rolled = RollPortion(connection(), partitions_, key);
          ASSERT_TRUE(rolled.ok()) << rolled.status();
          more = *rolled;
        }
      }
      if (plant_.Count("SELECT count(*) FROM rollup_due") == 0) return;
    }
  }
  void ExpectExact() {
    EXPECT_EQ(plant_.Count(WRONG_FEATURES("hour", "rollup_hour")), 0);
    EXPECT_EQ(plant_.Count(WRONG_FEATURES("day", "rollup_day")), 0);
    EXPECT_EQ(plant_.Count(WRONG_HEALTH("hour", "rollup_hour", "health")), 0);
    EXPECT_EQ(plant_.Count(WRONG_HEALTH("day", "rollup_day", "health")), 0);
    EXPECT_EQ(plant_.Count(WRONG_HEALTH("hour", "rollup_hour", "severity")), 0);
    EXPECT_EQ(plant_.Count(WRONG_HEALTH("day", "rollup_day", "severity")), 0);
  }
  int64_t Count(Sql sql) { return plant_.Count(sql); }
  Connection& connection() { return plant_.connection(); }
  PlantOfPoints& plant() { return plant_; }
  BaselineCache& baselines() { return baselines_; }
  RollupPartitions& partitions() { return partitions_; }

 private:
  PlantOfPoints plant_;
  BaselineCache baselines_;
  TrendWriter writer_;
  RollupPartitions partitions_;
};

TEST(Rollup, HoldsWhatEveryWholeHourAndDayHeld) {
  RolledPlant plant;
  plant.WriteRange(0, 500);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 499 / 6);
  EXPECT_EQ(plant.Count("SELECT (rolled_to = date_trunc('hour', last_measured_at, 'UTC'))::int"
                        " FROM point_state"),
            1);
  EXPECT_GE(plant.Count("SELECT count(*) FROM rollup_day"), 3);
  plant.ExpectExact();
  // It goes on where it ended.
  plant.WriteRange(500, 800);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 799 / 6);
  plant.ExpectExact();
}

TEST(Rollup, IsExactOfAnHourWithThousandsOfRecords) {
  RolledPlant plant;
  constexpr int kRecords = 8001;  // two whole pages and one more
  std::vector<Record> records;
  for (int n = 0; n < kRecords; ++n) {
    records.push_back(plant.Make(n % 100));
    records.back().measured_at_us = kBeginUs + int64_t{n} * 400'000;
    if (records.size() == 500) plant.Write(std::exchange(records, {}));
  }
  records.push_back(plant.Make(7));
  plant.Write(records);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT record_count FROM rollup_hour"), kRecords);
  plant.ExpectExact();
}

TEST(Rollup, RecordsInOrderMakeNothingDue) {
  RolledPlant plant;
  plant.WriteRange(0, 100);
  plant.Roll();
  plant.WriteRange(100, 200);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 0);
}

TEST(Rollup, IsExactAfterLateRecords) {
  RolledPlant plant;
  plant.WriteRange(0, 900, 2);
  plant.Roll();
  plant.WriteRange(301, 501, 2);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 34);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 0);
  plant.ExpectExact();
  // Before the first record that was rolled, in another month and year.
  plant.WriteRange(-9000, -8990);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT min(record_count) FROM rollup_hour"), 3);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour WHERE measured_at < '2023-11-01'"), 2);
  plant.ExpectExact();
}

TEST(Rollup, KeepsFeatureSetsApart) {
  RolledPlant plant;
  std::vector<Record> records;
  const size_t older = features::FindFeatureSet(1)->features.size();
  for (int n = 0; n < 300; ++n) {
    records.push_back(plant.Make(n));
    if (n % 4 != 0) continue;
    records.back().features.set_id = 1;
    records.back().features.channel_count = 1;
    records.back().features.values.resize(older);
  }
  plant.Write(records);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 2 * (299 / 6));
  plant.ExpectExact();
}

TEST(Rollup, FollowsTheRunThatAPointAdopts) {
  RolledPlant plant;
  plant.WriteRange(0, 900);
  plant.Roll();
  plant.ExpectExact();
  ASSERT_TRUE(
      plant.connection()
          .ExecuteScript("INSERT INTO score SELECT asset_id, point_id, measured_at, model_version,"
                         " site_id, 4, zone, verdict, 12, 3, confidence, NULL, 5, 9 FROM score;"
                         "INSERT INTO adopted_run SELECT asset_id, point_id, 9, site_id,"
                         "  '-infinity', 'infinity' FROM point;"
                         "INSERT INTO rollup_due SELECT asset_id, point_id, measured_at, site_id"
                         " FROM rollup_hour")
          .ok());
  plant.Roll();
  plant.ExpectExact();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_day"
                        " WHERE worst_condition <> 4 OR health[4] <> 12"),
            0);
}

TEST(Rollup, OutlivesTheRecordsThatItWasMadeOf) {
  RolledPlant plant;
  plant.WriteRange(0, 900);
  plant.Roll();
  const auto rollups = [&] {
    return plant.plant().Text(
        "SELECT md5(concat((SELECT string_agg(r::text, ',' ORDER BY"
        " measured_at) FROM rollup_hour r), (SELECT string_agg(r::text, ','"
        " ORDER BY measured_at) FROM rollup_day r)))");
  };
  const std::string before = rollups();
  const int64_t cut_us = kBeginUs + 450 * 10 * kMinuteUs + 25 * kMinuteUs;  // amid an hour
  const Param values[] = {TimeUs(cut_us)};
  ASSERT_TRUE(plant.connection().Execute("DELETE FROM trend WHERE measured_at < $1", values).ok());
  ASSERT_TRUE(plant.connection()
                  .Execute("INSERT INTO rollup_due SELECT asset_id, point_id, measured_at, site_id"
                           " FROM rollup_hour")
                  .ok());
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 0);
  EXPECT_EQ(rollups(), before);
}

// Two writers of batches in order, in every third one also what should have come long before,
// while the points are rolled.
void ExpectExactWhileOthersWrite(int batch, int64_t step_us, int64_t least_hours) {
  RolledPlant plant(2);
  std::atomic<int> writing{2};
  const auto write = [&](int point) {
    BaselineCache baselines(10);
    TrendWriter writer(plant.plant().conninfo(), &baselines);
    for (int n = 0; n < 60; ++n) {
      std::vector<Record> records;
      const auto add = [&](int at) {
        records.push_back(plant.Make(at, point));
        records.back().measured_at_us = kBeginUs + at * step_us;
      };
      for (int i = 0; i < batch; ++i) add(2 * (batch * n + i));
      for (int i = 0; n % 3 == 2 && i < batch; ++i) add(batch * n + 2 * i - 2 * batch + 1);
      EXPECT_TRUE(writer.Write(records).ok());
    }
    --writing;
  };
  std::thread first([&] { write(0); });
  std::thread second([&] { write(1); });
  const auto rolling = plant.plant().database().Connect();
  while (writing > 0) {
    for (const int point : {0, 1}) {
      const Point& of = plant.plant().point(point);
      const auto rolled = RollPortion(*rolling, plant.partitions(), {of.asset_id, of.point_id});
      EXPECT_TRUE(rolled.ok()) << rolled.status();
    }
  }
  first.join();
  second.join();
  plant.Roll();
  EXPECT_GE(plant.Count("SELECT count(*) FROM rollup_hour"), least_hours);
  plant.ExpectExact();
}

TEST(Rollup, IsExactWhileOthersWrite) { ExpectExactWhileOthersWrite(10, 10 * kMinuteUs, 300); }

TEST(Rollup, OfDenseHoursIsExactWhileOthersWrite) { ExpectExactWhileOthersWrite(40, 2'000'000, 4); }

TEST(Rollup, ReadsADenseHourAgainThatBecameDueMeanwhile) {
  RolledPlant plant;
  std::vector<Record> records;
  for (int n = 0; n < 1200; ++n) {
    records.push_back(plant.Make(n % 100));
    records.back().measured_at_us = kBeginUs + int64_t{n} * 2'000'000;
  }
  records.push_back(plant.Make(7));
  plant.Write(records);
  const Point& point = plant.plant().point(0);
  const PointKey key{point.asset_id, point.point_id};
  const auto announced = RollPortion(plant.connection(), plant.partitions(), key);
  ASSERT_TRUE(announced.ok() && *announced) << announced.status();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 0);
  const auto writer = plant.plant().database().Connect();
  ASSERT_TRUE(writer->Begin().ok());
  ASSERT_TRUE(writer->Execute("SELECT FROM point_state FOR UPDATE").ok());
  const auto rolling = plant.plant().database().Connect();
  std::thread roller([&] {
    const auto rolled = RollPortion(*rolling, plant.partitions(), key);
    EXPECT_TRUE(rolled.ok() && !*rolled) << rolled.status();
  });
  while (plant.Count("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(MakeHoursDue(*writer, key, point.site_id, {kBeginUs}).ok());
  EXPECT_TRUE(writer->Execute("COMMIT").ok());
  roller.join();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 0);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 1);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 1);
  plant.ExpectExact();
}

TEST(Rollup, LeavesAPointAloneThatSomebodyWrites) {
  RolledPlant plant;
  plant.WriteRange(0, 100);
  const auto writer = plant.plant().database().Connect();
  ASSERT_TRUE(writer->Begin().ok());
  ASSERT_TRUE(writer->Execute("SELECT FROM point_state FOR UPDATE").ok());
  const Point& point = plant.plant().point(0);
  const auto rolled =
      RollPortion(plant.connection(), plant.partitions(), {point.asset_id, point.point_id});
  ASSERT_TRUE(rolled.ok()) << rolled.status();
  EXPECT_FALSE(*rolled);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_hour"), 0);
}

TEST(Rollup, OfReadingsIsExactAfterLateOnes) {
  RolledPlant plant;
  PartitionCache partitions;
  const Point& point = plant.plant().point(0);
  const auto write = [&](int first, int last, int step) {
    std::vector<Reading> readings;
    for (int n = first; n < last; n += step) {
      readings.push_back({"flow_m3_h", kBeginUs + n * 7 * kMinuteUs, 10 + std::sin(n)});
      readings.push_back({"temperature_c", kBeginUs + n * 7 * kMinuteUs, 40 + std::cos(n)});
    }
    const auto written =
        WriteReadings(plant.connection(), partitions, point.site_id, point.asset_id, readings);
    ASSERT_TRUE(written.ok()) << written.status();
  };
  const auto expect_exact = [&] {
    EXPECT_EQ(plant.Count(WRONG_READINGS("hour", "reading_rollup_hour")), 0);
    EXPECT_EQ(plant.Count(WRONG_READINGS("day", "reading_rollup_day")), 0);
  };
  write(0, 2000, 2);
  plant.Roll();
  EXPECT_GT(plant.Count("SELECT count(*) FROM reading_rollup_hour"), 400);
  EXPECT_GT(plant.Count("SELECT count(*) FROM reading_rollup_day"), 15);
  expect_exact();
  write(1001, 1201, 2);
  EXPECT_GT(plant.Count("SELECT count(*) FROM rollup_due WHERE point_id = 0"), 20);
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM rollup_due"), 0);
  expect_exact();
  ASSERT_TRUE(plant.connection()
                  .ExecuteScript("DELETE FROM reading; INSERT INTO rollup_due SELECT DISTINCT "
                                 "asset_id, 0, measured_at,"
                                 " site_id FROM reading_rollup_hour")
                  .ok());
  const int64_t kept = plant.Count("SELECT sum(value_count) FROM reading_rollup_day");
  plant.Roll();
  EXPECT_EQ(plant.Count("SELECT sum(value_count) FROM reading_rollup_day"), kept);
}

}  // namespace
}  // namespace auscult::db
