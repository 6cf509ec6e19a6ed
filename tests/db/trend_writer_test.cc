#include "db/trend_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using ::testing::HasSubstr;

using Kind = Outcome::Kind;

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

TEST(TrendWriter, StoresAndScoresWhatItAccepts) {
  PlantOfPoints plant(3);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records;
  for (int n = 0; n < 5; ++n) {
    for (int point = 2; point >= 0; --point) records.push_back(plant.Make(point, n));
  }
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 15);
  EXPECT_EQ(outcomes->back().record_count, 5);
  EXPECT_EQ(outcomes->back().health.condition, models::Condition::kLearning);
  EXPECT_FLOAT_EQ(outcomes->back().learning_progress, 5.0f / 65);
  EXPECT_EQ(outcomes->back().since_us, PlantOfPoints::kStartUs);
  EXPECT_THAT(outcomes->back().detail, HasSubstr("Learning: 5 of 65 records"));
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 15);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score WHERE model_version = 0"), 15);
  const auto summaries = ListPointSummaries(plant.connection(), "s", "a");
  ASSERT_TRUE(summaries.ok());
  for (const PointSummary& summary : *summaries) {
    EXPECT_EQ(summary.record_count, 5);
    EXPECT_EQ(summary.last_measured_at_us, records.back().measured_at_us);
    EXPECT_EQ(summary.condition, models::Condition::kLearning);
    EXPECT_TRUE(std::isnan(summary.severity));
  }
}

TEST(TrendWriter, KeepsEveryFieldOfARecord) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  Record record = plant.Make(0, 0);
  record.conditions = R"({"product": "milk"})";
  record.features.load_percent = 70;
  record.features.quality = Bit(features::QualityFlag::kNoSpeed);
  ASSERT_EQ(plant.Accepted(writer.Write({&record, 1})), 1);
  const absl::StatusOr<Rows> rows = plant.connection().Query(
      "SELECT unix_us(measured_at), site_id, feature_set, source, quality, speed_rpm, load_percent,"
      " content_hash, features, conditions ->> 'product' FROM trend");
  ASSERT_TRUE(rows.ok() && rows->count() == 1) << rows.status();
  EXPECT_EQ(rows->Int(0, 0), record.measured_at_us);
  EXPECT_EQ(rows->Int(0, 1), record.site_id);
  EXPECT_EQ(rows->Int(0, 2), features::kVibrationSet);
  EXPECT_EQ(rows->Int(0, 3), 1);
  EXPECT_EQ(rows->Int(0, 4), Bit(features::QualityFlag::kNoSpeed));
  EXPECT_EQ(rows->Real(0, 5), 1480);
  EXPECT_EQ(rows->Real(0, 6), 70);
  EXPECT_EQ(rows->Bytes(0, 7), record.content_hash);
  const std::vector<float> stored = rows->FloatArray(0, 8);
  ASSERT_EQ(stored.size(), record.features.values.size());
  for (size_t i = 0; i < stored.size(); ++i) {
    EXPECT_TRUE(stored[i] == record.features.values[i] ||
                (std::isnan(stored[i]) && std::isnan(record.features.values[i])));
  }
  EXPECT_EQ(rows->Text(0, 9), "milk");
}

TEST(TrendWriter, TakesTheSameRecordOnce) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, 4);
  records.push_back(records[1]);
  const auto first = writer.Write(records);
  EXPECT_EQ(plant.Accepted(first), 4);
  EXPECT_EQ(first->at(4).kind, Kind::kDuplicate);
  EXPECT_EQ(first->at(4).record_count, 4);
  const std::string before = plant.Everything();
  const auto second = writer.Write(records);
  ASSERT_TRUE(second.ok());
  for (const Outcome& outcome : *second) {
    EXPECT_EQ(outcome.kind, Kind::kDuplicate);
    EXPECT_EQ(outcome.record_count, 4);
    EXPECT_EQ(outcome.health.condition, models::Condition::kLearning);
    EXPECT_THAT(outcome.detail, HasSubstr("4 of 65"));
  }
  EXPECT_EQ(plant.Everything(), before);
}

TEST(TrendWriter, RefusesOtherContentUnderAKnownKey) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = {plant.Make(0, 0), plant.Make(0, 0, 3)};
  const auto together = writer.Write(records);
  EXPECT_EQ(plant.Accepted(together), 1);
  EXPECT_EQ(together->at(1).rejection.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(together->at(1).rejection.message()), HasSubstr("2023-11-14 22:13:20"));
  const std::string before = plant.Everything();
  const auto later = writer.Write(std::span(records).last(1));
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later->at(0).kind, Kind::kRejected);
  EXPECT_EQ(later->at(0).rejection.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(plant.Everything(), before);
}

TEST(TrendWriter, StoresALateRecordThatMovesNothing) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, 6);
  const Record late = records[3];
  records.erase(records.begin() + 3);
  ASSERT_EQ(plant.Accepted(writer.Write(records)), 5);
  static constexpr char kState[] =
      "SELECT (to_jsonb(s) - 'record_count' - 'received_at')::text FROM point_state s";
  const std::string before = plant.Text(kState);
  const auto outcomes = writer.Write({&late, 1});
  EXPECT_EQ(plant.Accepted(outcomes), 1);
  EXPECT_TRUE(Has(outcomes->at(0).quality, features::QualityFlag::kLate));
  EXPECT_EQ(outcomes->at(0).record_count, 6);
  EXPECT_EQ(plant.Text(kState), before);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend WHERE quality & 1024 <> 0"), 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score"), 6);
  EXPECT_EQ(writer.Write({&late, 1})->at(0).kind, Kind::kDuplicate);
}

TEST(TrendWriter, RejectsRecordsOfAnUnknownPointAlone) {
  PlantOfPoints plant(2);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = {plant.Make(0, 0), plant.Make(1, 0), plant.Make(1, 1)};
  records[1].point_id += 1000;
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 2);
  EXPECT_EQ(outcomes->at(1).rejection.code(), absl::StatusCode::kNotFound);
}

TEST(TrendWriter, AttachesSamplesToFeaturesFromTheEdge) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  Record edge = plant.Make(0, 0);
  edge.source = Source::kEdgeFeatures;
  Record samples = plant.Make(0, 0);
  samples.content_hash = "samples.........";
  samples.raw = PlantOfPoints::Raw();
  ASSERT_EQ(plant.Accepted(writer.Write({&edge, 1})), 1);
  const std::string score = plant.Text("SELECT s::text FROM score s");
  EXPECT_EQ(plant.Accepted(writer.Write({&samples, 1})), 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM waveform WHERE length(samples) = 1000"), 1);
  EXPECT_EQ(plant.Count("SELECT record_count FROM point_state"), 1);
  EXPECT_EQ(plant.Text("SELECT s::text FROM score s"), score);
  // Again, either of them: known. Other samples: refused.
  EXPECT_EQ(writer.Write({&samples, 1})->at(0).kind, Kind::kDuplicate);
  EXPECT_EQ(writer.Write({&edge, 1})->at(0).kind, Kind::kDuplicate);
  samples.content_hash = "other samples...";
  EXPECT_EQ(writer.Write({&samples, 1})->at(0).rejection.code(), absl::StatusCode::kAlreadyExists);
}

TEST(TrendWriter, AttachesSamplesWithinOneBatchOnce) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records(3, plant.Make(0, 0));
  records[0].source = Source::kEdgeFeatures;
  for (int i = 1; i < 3; ++i) {
    records[static_cast<size_t>(i)].content_hash = "samples.........";
    records[static_cast<size_t>(i)].raw = PlantOfPoints::Raw();
  }
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 2);
  EXPECT_EQ(outcomes->at(2).kind, Kind::kDuplicate);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM waveform"), 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 1);
}

TEST(TrendWriter, SplitsABatchUntilTheBadRowsStandAlone) {
  PlantOfPoints plant(4);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records;
  for (int n = 0; n < 8; ++n) {
    for (int point = 0; point < 4; ++point) records.push_back(plant.Make(point, n));
  }
  records[5].conditions = "{";                    // no JSON
  records[17].conditions = R"({"a": "\u0000"})";  // JSON that PostgreSQL cannot hold
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 30);
  for (const size_t bad : {5u, 17u}) {
    EXPECT_EQ(outcomes->at(bad).rejection.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(outcomes->at(bad).rejection.message()), HasSubstr("cannot be stored"));
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 30);
  EXPECT_EQ(plant.Count("SELECT sum(record_count) FROM point_state"), 30);
}

TEST(TrendWriter, RejectsWhatNoModelMaySee) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records(6, plant.Make(0, 0));
  records[1].measured_at_us = 0;
  records[2].measured_at_us = std::numeric_limits<int64_t>::max();
  records[3].features.set_id = 99;
  records[4].features.values.pop_back();
  records[5].features.channel_count = 0;
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 1);
  for (size_t i = 1; i < 6; ++i) {
    EXPECT_EQ(outcomes->at(i).rejection.code(), absl::StatusCode::kInvalidArgument) << i;
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 1);
}

TEST(TrendWriter, RejectsThePointWhoseStateIsDamagedAlone) {
  PlantOfPoints plant(2);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = {plant.Make(0, 0), plant.Make(1, 0)};
  ASSERT_EQ(plant.Accepted(writer.Write(records)), 2);
  const Param damaged[] = {Int(plant.point(1).point_id)};
  ASSERT_TRUE(plant.connection()
                  .Execute("UPDATE point_state SET state = 'rubbish' WHERE point_id = $1", damaged)
                  .ok());
  records = {plant.Make(0, 1), plant.Make(1, 1), plant.Make(0, 2)};
  const auto outcomes = writer.Write(records);
  EXPECT_EQ(plant.Accepted(outcomes), 2);
  EXPECT_EQ(outcomes->at(1).rejection.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(outcomes->at(1).rejection.message()),
              HasSubstr("point " + std::to_string(plant.point(1).point_id)));
}

TEST(TrendWriter, KeepsRawSamplesByPolicy) {
  PlantOfPoints plant(4);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines, 86400);
  const int64_t now_us = NowUs();
  const int every[] = {4, 0, -1, 1};
  std::vector<Record> records;
  for (int point = 0; point < 4; ++point) {
    for (int n = 0; n < 9; ++n) {
      Record record = plant.Make(point, n);
      // Six that are older than a day, three that are younger.
      record.measured_at_us = now_us - (n < 6 ? 2 * 86'400'000'000 : 60'000'000) + n;
      record.raw = PlantOfPoints::Raw();
      record.keep_raw_every = every[point];
      records.push_back(record);
    }
  }
  ASSERT_EQ(plant.Accepted(writer.Write(records)), 36);
  const auto kept = [&](int point, int kept_for) {
    const Param values[] = {Int(plant.point(point).point_id), Int(kept_for)};
    const absl::StatusOr<Rows> rows = plant.connection().Query(
        "SELECT count(*) FROM waveform WHERE point_id = $1 AND kept_for = $2", values);
    return rows.ok() ? rows->Int(0, 0) : -1;
  };
  EXPECT_EQ(kept(0, 1), 2);  // 6, 7 and 8 are recent, 8 is an n-th
  EXPECT_EQ(kept(0, 2), 3);  // 0, 4, 8
  EXPECT_EQ(kept(1, 1), 3);
  EXPECT_EQ(kept(1, 2), 0);
  EXPECT_EQ(kept(2, 1) + kept(2, 2), 0);
  EXPECT_EQ(kept(3, 1), 0);
  EXPECT_EQ(kept(3, 2), 9);
  const absl::StatusOr<Rows> rows = plant.connection().Query(
      "SELECT samples, sample_rate_hz, channels -> 0 ->> 'unit' FROM waveform LIMIT 1");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Bytes(0, 0), std::string(1000, 'x'));
  EXPECT_EQ(rows->Real(0, 1), 25600);
  EXPECT_EQ(rows->Text(0, 2), "m/s2");
}

TEST(TrendWriter, MakesAPartitionAgainThatAnotherServerDropped) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, 2);
  for (Record& record : records) record.raw = PlantOfPoints::Raw();
  ASSERT_EQ(plant.Accepted(writer.Write({&records[0], 1})), 1);
  ASSERT_TRUE(plant.connection().Execute("DROP TABLE waveform_2023w46").ok());
  records[1].keep_raw_every = 1;
  EXPECT_EQ(plant.Accepted(writer.Write({&records[1], 1})), 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM waveform"), 1);
}

}  // namespace
}  // namespace auscult::db
