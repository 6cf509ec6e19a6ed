#include "db/point_history.h"

#include <gtest/gtest.h>

#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

TEST(PointHistory, ReadsAPeriodInOrderPieceByPiece) {
  PlantOfPoints plant(2);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  const int64_t hour = PlantOfPoints::kHourUs;
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, 0, 1200))), 1200);
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(1, 0, 3))), 3);
  PointHistory history(plant.point(0).asset_id, plant.point(0).point_id,
                       {.start_us = PlantOfPoints::kStartUs + 10 * hour,
                        .end_us = PlantOfPoints::kStartUs + 1100 * hour});
  int64_t n = 10;
  int pieces = 0;
  for (;; ++pieces) {
    const auto records = history.Next(plant.connection());
    ASSERT_TRUE(records.ok()) << records.status();
    if (records->empty()) break;
    EXPECT_LE(records->size(), 500u);
    for (const MeasuredRecord& record : *records) {
      const Record sent = plant.Make(0, static_cast<int>(n));
      ASSERT_EQ(record.measured_at_us, sent.measured_at_us);
      ASSERT_EQ(record.features.channel_count, 1);
      ASSERT_EQ(record.features.set_id, features::kVibrationSet);
      ASSERT_EQ(record.features.values.size(), sent.features.values.size());
      const int level =
          features::FeatureIndex(*features::FindFeatureSet(features::kVibrationSet), "level_db");
      ASSERT_EQ(record.features.values[level], sent.features.values[level]);
      ASSERT_EQ(record.features.speed_rpm, 1480);
      ++n;
    }
  }
  EXPECT_EQ(n, 1100);
  EXPECT_GT(pieces, 1);
  EXPECT_TRUE(history.Next(plant.connection())->empty());
}

}  // namespace
}  // namespace auscult::db
