// Judging history again, at once and by the clock, by the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

class RescoreCommands : public ServedPlant {
 protected:
  RescoreCommands() {
    EXPECT_EQ(Run({"apply", "-f", folder_.Write("plant.yaml", kPlant)}).exit_code, 0);
  }

  void Replay() {
    EXPECT_EQ(RunJson({"replay", "--simulate", "--site", "made", "--days", "2", "--samples", "4096",
                       "--json"})["accepted"],
              48);
  }
};

TEST_F(RescoreCommands, JudgeAgainAdoptRevertAndDelete) {
  Replay();
  EXPECT_THAT(Run({"rescore", "list"}).out, HasSubstr("No re-scorings"));
  const ProgramResult started = Run({"rescore", "start", "made", "--source", "features"});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  EXPECT_THAT(started.out, HasSubstr("rescores/1"));
  const Json shown = RunJson({"rescore", "show", "1", "--json"});
  EXPECT_EQ(shown["name"], "rescores/1");
  EXPECT_EQ(shown["state"], "STATE_DONE");
  EXPECT_EQ(shown["progress"]["records_done"], "48");

  EXPECT_EQ(Run({"rescore", "adopt", "1"}).exit_code, 0);
  EXPECT_EQ(RunJson({"rescore", "show", "1", "--json"})["state"], "STATE_ADOPTED");
  EXPECT_EQ(Run({"rescore", "delete", "1"}).exit_code, 1) << "it counts";
  EXPECT_EQ(Run({"rescore", "revert", "rescores/1"}).exit_code, 0);
  EXPECT_EQ(Run({"rescore", "delete", "1"}).exit_code, 0);
  EXPECT_EQ(Run({"rescore", "show", "1"}).exit_code, 1);
}

TEST_F(RescoreCommands, SayWhatIsWrong) {
  EXPECT_EQ(Run({"rescore", "start", "made", "--source", "thin air"}).exit_code, 2);
  EXPECT_EQ(Run({"rescore", "start", "made", "--from", "yesterday-ish"}).exit_code, 2);
  const ProgramResult unknown = Run({"rescore", "start", "nowhere"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("UNKNOWN_SITE"));
  EXPECT_EQ(Run({"rescore", "show", "77"}).exit_code, 1);
  EXPECT_EQ(Run({"rescore", "pause", "77"}).exit_code, 1);
}

TEST_F(RescoreCommands, OfferOnlyWhatAChangeTouched) {
  Replay();
  EXPECT_THAT(Run({"rescore", "stale", "made"}).out, HasSubstr("Nothing is stale"));
  std::string plant = kPlant;
  plant.replace(plant.find("1480"), 4, "2960");
  ASSERT_EQ(Run({"apply", "-f", folder_.Write("faster.yaml", plant)}).exit_code, 0);
  EXPECT_THAT(Run({"rescore", "stale", "made"}).out, HasSubstr("made/pump/de"));
  const ProgramResult again = Run({"rescore", "start", "made", "--only-stale", "--adopt"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(Run({"rescore", "stale", "made"}).out, HasSubstr("Nothing is stale"));
}

TEST_F(RescoreCommands, KeepSchedules) {
  EXPECT_THAT(Run({"schedules", "list"}).out, HasSubstr("No schedules"));
  const ProgramResult made = Run({"schedules", "create", "made/nightly", "--cron", "30 2 * * *",
                                  "--time-zone", "Europe/Berlin", "--period", "30d"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("runs next at"));
  EXPECT_THAT(Run({"schedules", "list", "made"}).out, HasSubstr("Europe/Berlin"));
  EXPECT_THAT(Run({"schedules", "disable", "made/nightly"}).out, HasSubstr("disabled"));
  EXPECT_THAT(Run({"schedules", "enable", "made/nightly"}).out, HasSubstr("runs next at"));
  EXPECT_THAT(Run({"schedules", "runs", "made/nightly"}).out, HasSubstr("not run yet"));

  const ProgramResult wrong = Run({"schedules", "create", "made/bad", "--cron", "61 * * * *"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("61"));
  EXPECT_EQ(
      Run({"schedules", "create", "made/bad", "--cron", "* * * * *", "--period", "soon"}).exit_code,
      2);
  EXPECT_EQ(Run({"schedules", "create", "nightly", "--cron", "* * * * *"}).exit_code, 2);
  EXPECT_EQ(Run({"schedules", "delete", "made/nightly"}).exit_code, 0);
  EXPECT_EQ(Run({"schedules", "runs", "made/nightly"}).exit_code, 1);
}

}  // namespace
}  // namespace auscult::cli
