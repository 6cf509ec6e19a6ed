#include "db/waveform_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using ::testing::HasSubstr;

constexpr size_t kSamples = 2000;

std::string Samples(int n) {
  std::vector<int16_t> samples(kSamples);
  for (size_t i = 0; i < kSamples; ++i) {
    samples[i] =
        static_cast<int16_t>(std::lround(900 * std::sin(0.03 * static_cast<double>(i) + n)));
  }
  return {reinterpret_cast<const char*>(samples.data()), kSamples * sizeof(int16_t)};
}

RawSamples RawOf(int n) {
  return {.sample_rate_hz = 25600,
          .channels = R"([{"id": "H", "unit": "g", "encoding": "INT16_LE", "scale": 0.002,)"
                      R"( "offset": 0.0, "samples": 2000}])",
          .samples = Samples(n),
          .conditions = R"({"speed_rpm":1480})",
          .layout = {{features::Encoding::kInt16Le, kSamples}}};
}

// A point with records whose samples are kept, all of them.
class WaveformStore : public testing::Test {
 protected:
  void Write(int first, int count) {
    BaselineCache baselines(10);
    TrendWriter writer(plant_.conninfo(), &baselines, 86400);
    std::vector<Record> records = plant_.MakeSeries(0, first, count);
    for (int i = 0; i < count; ++i) {
      records[static_cast<size_t>(i)].raw = RawOf(first + i);
      records[static_cast<size_t>(i)].keep_raw_every = 1;
    }
    ASSERT_EQ(plant_.Accepted(writer.Write(records)), count);
  }

  static int64_t TimeOf(int n) { return PlantOfPoints::kStartUs + n * PlantOfPoints::kHourUs; }
  PointKey key() const { return {plant_.point(0).asset_id, plant_.point(0).point_id}; }

  PlantOfPoints plant_;
};

TEST_F(WaveformStore, GivesBackWhatWasSent) {
  Write(0, 3);
  const auto stored = ReadWaveform(plant_.connection(), key(), TimeOf(1));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->samples, Samples(1));
  EXPECT_EQ(stored->conditions, R"({"speed_rpm":1480})");
  EXPECT_EQ(stored->entry.measured_at_us, TimeOf(1));
  EXPECT_EQ(stored->entry.sample_rate_hz, 25600);
  ASSERT_EQ(stored->entry.channels.size(), 1u);
  EXPECT_EQ(stored->entry.channels[0].id, "H");
  EXPECT_EQ(stored->entry.channels[0].scale, 0.002);
  EXPECT_EQ(stored->entry.sample_count(), 2000);
  EXPECT_EQ(stored->entry.size_bytes(), 4000);
  EXPECT_LT(stored->entry.stored_bytes, 2000);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM waveform WHERE codec = 1"), 3);
}

TEST_F(WaveformStore, KnowsTheNewestAndWhatIsNotThere) {
  EXPECT_TRUE(absl::IsNotFound(ReadWaveform(plant_.connection(), key(), std::nullopt).status()));
  Write(0, 3);
  const auto newest = ReadWaveform(plant_.connection(), key(), std::nullopt);
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->samples, Samples(2));
  EXPECT_TRUE(absl::IsNotFound(ReadWaveform(plant_.connection(), key(), TimeOf(1) + 1).status()));
}

TEST_F(WaveformStore, ListsNewestFirst) {
  Write(0, 5);
  const auto entries = ListWaveforms(plant_.connection(), key(), {TimeOf(1), TimeOf(4)}, 2);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ(entries->at(0).measured_at_us, TimeOf(3));
  EXPECT_EQ(entries->at(1).measured_at_us, TimeOf(2));
  const auto times = ListWaveformTimes(plant_.connection(), key(), {TimeOf(1), TimeOf(4)});
  ASSERT_TRUE(times.ok());
  EXPECT_EQ(*times, (std::vector<int64_t>{TimeOf(1), TimeOf(2), TimeOf(3)}));
}

TEST_F(WaveformStore, ReadsAPeriodInTimeOrder) {
  Write(0, 200);
  WaveformHistory history(key(), Period{TimeOf(10), TimeOf(190)});
  int n = 10;
  while (true) {
    auto item = history.Next(plant_.connection());
    ASSERT_TRUE(item.ok()) << item.status();
    if (!item->has_value()) break;
    ASSERT_TRUE((*item)->waveform.ok());
    EXPECT_EQ((*item)->measured_at_us, TimeOf(n));
    EXPECT_EQ((*item)->waveform->samples, Samples(n));
    ++n;
  }
  EXPECT_EQ(n, 190);
  WaveformHistory chosen(key(), std::vector<int64_t>{TimeOf(3), TimeOf(3) + 5, TimeOf(150)});
  EXPECT_EQ((*chosen.Next(plant_.connection()))->measured_at_us, TimeOf(3));
  EXPECT_EQ((*chosen.Next(plant_.connection()))->measured_at_us, TimeOf(150));
  EXPECT_FALSE((*chosen.Next(plant_.connection())).has_value());
}

TEST_F(WaveformStore, PassesOverADamagedRecordAndNamesIt) {
  Write(0, 3);
  ASSERT_TRUE(plant_.connection()
                  .ExecuteScript("UPDATE waveform SET samples = set_byte(samples, 40, 255 -"
                                 " get_byte(samples, 40)) WHERE measured_at = (SELECT"
                                 " min(measured_at) FROM waveform)")
                  .ok());
  const absl::Status damaged = ReadWaveform(plant_.connection(), key(), TimeOf(0)).status();
  EXPECT_TRUE(absl::IsDataLoss(damaged));
  EXPECT_THAT(std::string(damaged.message()), HasSubstr("2023-11-14"));
  WaveformHistory history(key(), Period{TimeOf(0), TimeOf(3)});
  EXPECT_TRUE(absl::IsDataLoss((*history.Next(plant_.connection()))->waveform.status()));
  EXPECT_EQ((*history.Next(plant_.connection()))->waveform->samples, Samples(1));
}

TEST_F(WaveformStore, SpeaksOfConditionsThatTheTrendKnows) {
  Write(0, 1);
  ASSERT_TRUE(plant_.connection()
                  .ExecuteScript("UPDATE waveform SET conditions = NULL, codec = 0, samples ="
                                 " decode(repeat('00', 4000), 'hex'); UPDATE trend SET"
                                 " load_percent = 30, conditions = '{\"product\": 2}'")
                  .ok());
  const auto stored = ReadWaveform(plant_.connection(), key(), std::nullopt);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_THAT(stored->conditions, HasSubstr("\"speed_rpm\": 1480"));
  EXPECT_THAT(stored->conditions, HasSubstr("\"load_percent\": 30"));
  EXPECT_THAT(stored->conditions, HasSubstr("\"product\": 2"));
  EXPECT_EQ(stored->samples, std::string(4000, '\0'));
}

TEST_F(WaveformStore, KeepsOnRequest) {
  Write(0, 1);
  const auto kept = KeepWaveform(plant_.connection(), key(), TimeOf(0));
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->kept_for, KeptFor::kRequest);
  EXPECT_EQ(plant_.Count("SELECT kept_for FROM waveform"), 6);
  EXPECT_TRUE(absl::IsNotFound(KeepWaveform(plant_.connection(), key(), TimeOf(1)).status()));
}

}  // namespace
}  // namespace auscult::db
