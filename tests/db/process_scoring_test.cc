#include "db/process_scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using models::Condition;
using testing::HasSubstr;

constexpr int64_t kStartUs = PlantOfPoints::kStartUs;
constexpr int64_t kSecondUs = 1'000'000;

// A pump whose flow and temperature are read once a second.
class PumpReadings : public testing::Test {
 protected:
  std::vector<Reading> Rows(int first, int count, double flow = 32) const {
    std::vector<Reading> readings;
    for (int row = first; row < first + count; ++row) {
      models::Random random(static_cast<uint64_t>(row));
      const int64_t at_us = kStartUs + row * kSecondUs;
      readings.push_back({"flow_m3h", at_us, flow + 0.4 * random.Normal()});
      readings.push_back({"temperature_c", at_us, 70 + 0.1 * random.Normal()});
    }
    return readings;
  }
  absl::StatusOr<ReadingsWritten> Write(const std::vector<Reading>& readings) {
    return WriteReadings(plant_.connection(), partitions_, plant_.point(0).site_id,
                         plant_.point(0).asset_id, readings);
  }
  ReadingsWritten MustWrite(const std::vector<Reading>& readings) {
    auto written = Write(readings);
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? *std::move(written) : ReadingsWritten{};
  }
  std::string State() {
    auto rows = plant_.connection().Query("SELECT state FROM process_state");
    EXPECT_TRUE(rows.ok() && rows->count() == 1) << rows.status();
    return rows->Bytes(0, 0);
  }

  PlantOfPoints plant_;
  PartitionCache partitions_;
};

TEST_F(PumpReadings, AreLearntJudgedAndExplained) {
  ProcessSummary health = MustWrite(Rows(0, 200)).health;
  EXPECT_EQ(health.condition, Condition::kLearning);
  EXPECT_FLOAT_EQ(health.learning_progress, 0.5f);
  EXPECT_EQ(health.model_version, 0);
  EXPECT_THAT(health.detail, HasSubstr("Learning: 50 % of 400 readings"));
  health = MustWrite(Rows(200, 300)).health;
  EXPECT_EQ(health.condition, Condition::kNormal);
  EXPECT_EQ(health.model_version, 1);
  EXPECT_EQ(health.last_measured_at_us, kStartUs + 499 * kSecondUs);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM process_baseline WHERE version = 1"), 1);

  health = MustWrite(Rows(500, 100, 29)).health;
  EXPECT_EQ(health.condition, Condition::kAlarm);
  EXPECT_LT(health.health, 50);
  EXPECT_GT(health.since_us, kStartUs + 500 * kSecondUs);
  EXPECT_THAT(health.detail, HasSubstr("Alarm: flow_m3h is "));
  EXPECT_THAT(health.detail, HasSubstr(" below the 3"));
  const auto listed = ListProcessSummaries(plant_.connection(), "s", "a");
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->at(plant_.point(0).asset_id).condition, Condition::kAlarm);
  // One case, of the kind "process readings" (4), as long as it lasts.
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM alarm WHERE kind = 4 AND closed_at IS NULL"), 1);
  EXPECT_EQ(MustWrite(Rows(600, 200)).health.condition, Condition::kNormal);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM alarm"), 1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM alarm WHERE closed_at IS NULL AND holders <> '{}'"),
            0);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM process_baseline"), 1);
}

TEST_F(PumpReadings, ThatComeLateOrAgainMoveNothing) {
  MustWrite(Rows(0, 100));
  MustWrite(Rows(150, 50));
  const std::string state = State();
  EXPECT_EQ(MustWrite(Rows(150, 50)).duplicates, 100);
  EXPECT_EQ(State(), state);
  EXPECT_EQ(MustWrite(Rows(100, 50, 10)).accepted, 100);
  EXPECT_EQ(State(), state);
  std::vector<Reading> other = Rows(300, 1);
  other.push_back({"flow_m3h", kStartUs, 1});
  EXPECT_EQ(Write(other).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(State(), state) << "all or none";
}

TEST_F(PumpReadings, GiveTheSameHoweverTheyAreSent) {
  const std::vector<Reading> all = Rows(0, 600);
  MustWrite(all);
  const std::string at_once = State();
  ASSERT_TRUE(plant_.connection().Execute("DELETE FROM process_state").ok());
  ASSERT_TRUE(plant_.connection().Execute("DELETE FROM reading").ok());
  for (size_t first = 0; first < all.size();) {
    const size_t count = std::min(all.size() - first, 2 * (1 + first % 37));
    std::vector<Reading> some(all.begin() + static_cast<std::ptrdiff_t>(first),
                              all.begin() + static_cast<std::ptrdiff_t>(first + count));
    // The later instants of a call first; the two quantities of one in their order.
    std::stable_sort(some.begin(), some.end(), [](const Reading& a, const Reading& b) {
      return a.measured_at_us > b.measured_at_us;
    });
    MustWrite(some);
    first += count;
  }
  EXPECT_EQ(State(), at_once);
}

TEST_F(PumpReadings, BeginAnewWhereTheStateCannotBeRead) {
  MustWrite(Rows(0, 500));
  MustWrite(Rows(500, 100, 29));
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM alarm WHERE holders <> '{}'"), 1);
  ASSERT_TRUE(plant_.connection().Execute("UPDATE process_state SET state = '\\x0102'").ok());
  const ProcessSummary health = MustWrite(Rows(600, 100)).health;
  EXPECT_EQ(health.condition, Condition::kLearning);
  EXPECT_EQ(health.model_version, 0);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM alarm WHERE holders <> '{}'"), 0);
  EXPECT_EQ(MustWrite(Rows(700, 400)).health.model_version, 2);
}

TEST_F(PumpReadings, BeforeTheyAreToBeLearntAreOnlyStored) {
  MustWrite(Rows(0, 1));
  const Param since[] = {TimeUs(kStartUs + 300 * kSecondUs)};
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE process_state SET learn_since = $1::timestamptz", since)
                  .ok());
  EXPECT_EQ(MustWrite(Rows(1, 500)).accepted, 1000);
  EXPECT_EQ(MustWrite(Rows(501, 1)).health.condition, Condition::kLearning);
  EXPECT_EQ(MustWrite(Rows(502, 300)).health.condition, Condition::kNormal);
}

TEST_F(PumpReadings, OfSeveralSendersQueue) {
  std::vector<std::thread> senders;
  std::atomic<int> accepted = 0;
  for (int sender = 0; sender < 3; ++sender) {
    senders.emplace_back([&] {
      const auto connection = plant_.database().Connect();
      PartitionCache partitions;
      for (int call = 0; call < 20; ++call) {
        const auto written = WriteReadings(*connection, partitions, plant_.point(0).site_id,
                                           plant_.point(0).asset_id, Rows(call * 10, 10));
        EXPECT_TRUE(written.ok()) << written.status();
        if (written.ok()) accepted += written->accepted;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(accepted, 400);
  MustWrite(Rows(200, 1));
  const auto state = models::ProcessState::Parse(State());
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->quantities[0].learnt, 201);
}

TEST(AdvanceReadings, TellsEachTurnInOrder) {
  ProcessRow row;
  std::vector<Reading> readings;
  for (int i = 0; i < 2000; ++i) {
    models::Random random(static_cast<uint64_t>(i));
    const bool ill = (i >= 700 && i < 900) || i >= 1800;
    readings.push_back(
        {"flow_m3h", kStartUs + i * kSecondUs, (ill ? 29 : 32) + random.Normal() / 3});
  }
  const ProcessAdvance advance = AdvanceReadings(row, readings);
  EXPECT_TRUE(advance.learnt);
  ASSERT_EQ(advance.turns.size(), 5u);  // alert, alarm, back; alert, alarm
  EXPECT_EQ(advance.turns[0].condition, Condition::kAlert);
  EXPECT_THAT(advance.turns[0].summary, testing::StartsWith("flow_m3h is "));
  EXPECT_EQ(advance.turns[1].condition, Condition::kAlarm);
  EXPECT_EQ(advance.turns[2].condition, Condition::kNormal);
  EXPECT_EQ(advance.turns[2].summary, "");
  EXPECT_EQ(advance.turns[4].condition, Condition::kAlarm);
  for (size_t i = 1; i < advance.turns.size(); ++i) {
    EXPECT_GT(advance.turns[i].measured_at_us, advance.turns[i - 1].measured_at_us);
  }
}

}  // namespace
}  // namespace auscult::db
