#include "cli/evaluate_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "models/random.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

std::string MadeRows(int rows, int ill_from, int ill_to) {
  models::Random random(7);
  std::string text = "datetime;Flow (m3/h);Pressure;anomaly;changepoint\n";
  for (int i = 0; i < rows; ++i) {
    const bool ill = i >= ill_from && i < ill_to;
    text += "2020-03-09 10:" + std::to_string(10 + i / 60 % 50) + ":" +
            std::to_string(10 + i % 50) + ";" +
            std::to_string((ill ? 29 : 32) + random.Normal() / 3) + ";" +
            std::to_string(2 + random.Normal() / 10) + ";" + (ill ? "1.0" : "0.0") + ";0.0\n";
  }
  return text;
}

TEST(EvaluateProcess, CountsRowsAfterThoseThatWereLearnt) {
  const MadeFolder folder;
  const std::string path = folder.Write("process.csv", MadeRows(2200, 800, 1000));
  const auto verdicts = JudgeProcessFile(path, {});
  ASSERT_TRUE(verdicts.ok()) << verdicts.status();
  EXPECT_EQ(verdicts->learnt, 400);
  EXPECT_EQ(verdicts->healthy, 1600);
  EXPECT_EQ(verdicts->faulty, 200);
  EXPECT_LT(verdicts->MissedPercent(), 5);
  EXPECT_LT(verdicts->FalseAlarmPercent(), 5);
  EXPECT_GT(verdicts->F1(), 0.85);  // means of 45 rows know late that it is over
  const std::string text = ProcessText({*verdicts, *verdicts});
  EXPECT_THAT(text, HasSubstr("false alarms %"));
  EXPECT_THAT(text, HasSubstr("3200"));
  EXPECT_THAT(ProcessJson({*verdicts}), HasSubstr("\"faulty_rows\": 200"));
}

TEST(EvaluateProcess, RefusesWhatIsTooShortToLearnFrom) {
  const MadeFolder folder;
  const std::string path = folder.Write("short.csv", MadeRows(399, 0, 0));
  const auto verdicts = JudgeProcessFile(path, {});
  EXPECT_EQ(verdicts.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(verdicts.status().message()), HasSubstr("learning takes 400"));
}

TEST(EvaluateProcess, TakesATableWithoutLabelsAsHealthy) {
  const MadeFolder folder;
  const std::string path = folder.Write("process.csv", MadeRows(800, 0, 0));
  ProcessTable layout;
  layout.label = "no_such_column";
  layout.ignored = {"anomaly", "changepoint"};
  const auto verdicts = JudgeProcessFile(path, layout);
  ASSERT_TRUE(verdicts.ok()) << verdicts.status();
  EXPECT_EQ(verdicts->faulty, 0);
  EXPECT_TRUE(std::isnan(verdicts->MissedPercent()));
  EXPECT_TRUE(std::isnan(verdicts->F1()));
}

// The pump test bed of SKAB (Katser and Kozitsin 2020): valves that were throttled.
TEST(EvaluateProcess, KeepsItsFiguresOnSkab) {
  const std::filesystem::path data =
      std::filesystem::path(AUSCULT_SOURCE_DIR) / "../shared/data/skab";
  if (!std::filesystem::exists(data)) {
    std::cerr << "*** SKIPPED: no recordings at " << data << " ***\n";
    GTEST_SKIP() << "NOT TESTED: real recordings; none at " << data;
  }
  ProcessVerdicts valves;
  for (int file = 0; file < 8; ++file) {
    const auto verdicts =
        JudgeProcessFile((data / "valve1" / (std::to_string(file) + ".csv")).string(), {});
    ASSERT_TRUE(verdicts.ok()) << verdicts.status();
    EXPECT_EQ(verdicts->learnt, 400);
    valves.Add(*verdicts);
  }
  EXPECT_LE(valves.FalseAlarmPercent(), 8);
  EXPECT_LE(valves.MissedPercent(), 15);
  const auto quiet = JudgeProcessFile((data / "anomaly-free" / "anomaly-free.csv").string(), {});
  ASSERT_TRUE(quiet.ok()) << quiet.status();
  EXPECT_LE(quiet->FalseAlarmPercent(), 8);
}

}  // namespace
}  // namespace auscult::cli
