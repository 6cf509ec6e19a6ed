#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "db/partitions.h"
#include "db/record_rows.h"
#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;
constexpr int kLearnt = 130;

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A point that has learnt from hourly records, all of whose samples are recent, none an n-th.
class RawPolicy : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Record> healthy;
    for (int n = 0; n < kLearnt; ++n) healthy.push_back(At(n, TimeOf(n)));
    ASSERT_EQ(plant_.Accepted(writer_.Write(healthy)), kLearnt);
  }

  int64_t TimeOf(int hour) const { return start_us_ + hour * PlantOfPoints::kHourUs; }

  Record At(int n, int64_t at_us, float fault_db = 0) {
    Record record = plant_.Make(0, n, fault_db);
    record.measured_at_us = at_us;
    record.raw = PlantOfPoints::Raw();
    record.keep_raw_every = 0;
    return record;
  }

  Outcome Write(const Record& record) {
    auto outcomes = writer_.Write({&record, 1});
    EXPECT_EQ(plant_.Accepted(outcomes), 1);
    return outcomes->front();
  }

  int64_t KeptFrom(KeptFor kept_for, int64_t from_us, int64_t before_us) {
    const Param values[] = {Int(static_cast<int>(kept_for)), TimeUs(from_us), TimeUs(before_us)};
    const auto rows = plant_.connection().Query(
        "SELECT count(*) FROM waveform WHERE kept_for = $1 AND measured_at >= $2"
        " AND measured_at < $3",
        values);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  // Records an hour apart, a fault in each, until the point is in alert or alarm: when that was.
  int64_t DriveIntoAlarm() {
    for (int n = kLearnt; n < kLearnt + 60; ++n) {
      if (models::RankOf(Write(At(n, TimeOf(n), 30)).health.condition) >= models::kAlertRank) {
        next_ = n + 1;
        return TimeOf(n);
      }
    }
    ADD_FAILURE() << "no alarm";
    return 0;
  }

  PlantOfPoints plant_;
  BaselineCache baselines_{10};
  TrendWriter writer_{plant_.conninfo(), &baselines_, 30 * 86400};
  const int64_t start_us_ = NowUs() - 250 * PlantOfPoints::kHourUs;
  int next_ = 0;
};

TEST_F(RawPolicy, KeepsTheRecordThatBringsAnAlarmAndWhatCameBefore) {
  const int64_t alarm_us = DriveIntoAlarm();
  const int64_t history_us = alarm_us - 6 * PlantOfPoints::kHourUs;
  EXPECT_EQ(KeptFrom(KeptFor::kAlarm, alarm_us, alarm_us + 1), 1);
  EXPECT_EQ(KeptFrom(KeptFor::kHistoryOfAlarm, history_us, alarm_us) +
                KeptFrom(KeptFor::kNovelty, history_us, alarm_us),
            6);
  EXPECT_GT(KeptFrom(KeptFor::kHistoryOfAlarm, history_us, alarm_us), 0);
  EXPECT_EQ(KeptFrom(KeptFor::kHistoryOfAlarm, 0, history_us), 0);
  EXPECT_GT(KeptFrom(KeptFor::kBeingRecent, 0, history_us), 100);
}

TEST_F(RawPolicy, KeepsOneInTenMinutesWhileTheAlarmLasts) {
  const int64_t alarm_us = DriveIntoAlarm();
  for (int minute = 1; minute <= 35; ++minute) {
    Write(At(next_ + minute, alarm_us + minute * kMinuteUs, 30));
  }
  // One more where the alert became an alarm meanwhile.
  const int64_t kept = KeptFrom(KeptFor::kAlarm, alarm_us + 1, NowUs());
  EXPECT_GE(kept, 3);
  EXPECT_LE(kept, 4);
  EXPECT_EQ(KeptFrom(KeptFor::kBeingRecent, alarm_us + 1, NowUs()), 35 - kept);
}

TEST_F(RawPolicy, KeepsOneAnHourOfWhatWasNotLearnt) {
  for (int minute = 0; minute <= 125; ++minute) {
    Record record = At(kLearnt + minute, TimeOf(kLearnt) + minute * kMinuteUs);
    record.features.speed_rpm = 2960;
    EXPECT_TRUE(static_cast<bool>(Write(record).health.outside_learnt));
  }
  EXPECT_EQ(KeptFrom(KeptFor::kNovelty, 0, NowUs()), 3);
}

TEST_F(RawPolicy, LeavesWhatIsWorthKeepingToThinning) {
  DriveIntoAlarm();
  const int64_t worth = plant_.Count("SELECT count(*) FROM waveform WHERE kept_for > 2");
  ASSERT_GT(worth, 3);
  ASSERT_TRUE(ThinWaveforms(plant_.connection(), 0).ok());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM waveform"), worth);
}

TEST_F(RawPolicy, KeepsNothingOfAPointThatWantsNone) {
  const int64_t before = plant_.Count("SELECT count(*) FROM waveform");
  for (int n = kLearnt; n < kLearnt + 40; ++n) {
    Record record = At(n, TimeOf(n), 30);
    record.keep_raw_every = -1;
    Write(record);
  }
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM waveform"), before);
}

}  // namespace
}  // namespace auscult::db
