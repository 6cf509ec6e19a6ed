#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "auscult/v1/model_service.pb.h"
#include "cli/health_text.h"
#include "cli/model_text.h"
#include "cli/model_work.h"
#include "cli/operation_watch.h"
#include "tests/cli/run_program.h"
#include "tests/models/made_classifier.h"
#include "tests/support/auscultd_process.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

TEST(ModelVersionName, TakesWhatPeopleType) {
  EXPECT_EQ(ModelVersionName("3"), "models/diagnosis/versions/3");
  EXPECT_EQ(ModelVersionName("diagnosis/3"), "models/diagnosis/versions/3");
  EXPECT_EQ(ModelVersionName("models/diagnosis/versions/3"), "models/diagnosis/versions/3");
  EXPECT_EQ(ModelVersionName("physics"), "models/diagnosis/versions/0");
}

TEST(Label, IsAPointTwoTimesAndAFault) {
  auto label = ParseLabel("demo/pump-1/de:2026-03-01T06:00:00Z:2026-03-08T18:30:00Z:inner_race");
  ASSERT_TRUE(label.ok()) << label.status();
  EXPECT_EQ(label->point(), "sites/demo/assets/pump-1/points/de");
  EXPECT_EQ(label->fault(), v1::FAULT_INNER_RACE);
  EXPECT_EQ(absl::FormatTime(TimeOf(label->start_time()), absl::UTCTimeZone()),
            "2026-03-01T06:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(TimeOf(label->end_time()), absl::UTCTimeZone()),
            "2026-03-08T18:30:00+00:00");
  EXPECT_TRUE(ParseLabel("demo/p/de:2026-03-01:2026-03-08:healthy").ok());
  EXPECT_TRUE(ParseLabel("demo/p/de:2026-03-01 06:00:00:2026-03-08:healthy").ok());
  for (const char* wrong :
       {"", "demo/p/de", "demo/p/de:2026-03-01:healthy", "demo/p/de:2026-03-01:yesterday:healthy",
        "demo/p/de:2026-03-01:2026-03-08:broken"}) {
    EXPECT_TRUE(IsWrongUse(ParseLabel(wrong).status())) << wrong;
  }
}

TEST(OperationProgress, IsABarWithWords) {
  google::longrunning::Operation operation;
  v1::TrainMetadata metadata;
  metadata.set_step("training");
  metadata.set_progress(0.5);
  metadata.set_record_count(1204);
  operation.mutable_metadata()->PackFrom(metadata);
  EXPECT_EQ(ProgressLine(ProgressOf(operation), 54),
            "[#########..........]  50 %  training, 1,204 records");
  EXPECT_EQ(ProgressLine(ProgressOf({}), 60), "");
}

TEST(ModelCommands, ListImportActivateCompareAndRollBack) {
  const MadeFolder folder;
  chmod(folder.Path("").c_str(), 0755);
  std::vector<std::string> arguments = {"--data-dir", folder.Path("data")};
  if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
  support::AuscultdProcess server(AUSCULT_BIN_DIR "/auscultd", arguments, folder.Path("log"));
  const auto run = [&](const std::vector<std::string>& command) {
    return RunAuscult(command, server.address());
  };
  EXPECT_THAT(run({"models", "list"}).out, HasSubstr("models/diagnosis/versions/0"));
  EXPECT_THAT(run({"operations", "list"}).out, HasSubstr("No operations"));

  const std::string file = folder.Write("made.model", models::MadeClassifier().Serialize());
  const ProgramResult bad = run({"models", "import", folder.Write("bad.model", "nonsense")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("BAD_MODEL_FILE"));
  EXPECT_THAT(run({"models", "import", file, "--description", "made"}).out,
              HasSubstr("models/diagnosis/versions/1"));
  EXPECT_THAT(run({"models", "activate", "1"}).out, HasSubstr("judges the records"));
  const Json list = Json::parse(run({"models", "list", "--json"}).out, nullptr, false);
  ASSERT_EQ(list["versions"].size(), 2u);
  EXPECT_EQ(list["versions"][0]["active"], true);
  const ProgramResult shown = run({"models", "show", "1"});
  EXPECT_THAT(shown.out, HasSubstr("inner_race"));
  EXPECT_THAT(shown.out, HasSubstr("Recipe"));

  EXPECT_EQ(run({"models", "delete", "1"}).exit_code, 1);
  const ProgramResult compared = run({"models", "compare", "physics", "--from", "2026-01-01"});
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_THAT(compared.out, HasSubstr("0 records of 0 points"));
  EXPECT_THAT(run({"operations", "list"}).out, HasSubstr("done"));
  const ProgramResult refused = run({"models", "train", "--use-findings"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("training needs"));
  EXPECT_EQ(run({"models", "train"}).exit_code, 1);
  EXPECT_EQ(run({"models", "train", "--label", "x"}).exit_code, 2);

  EXPECT_THAT(run({"models", "rollback"}).out, HasSubstr("models/diagnosis/versions/0"));
  EXPECT_EQ(run({"models", "delete", "1"}).exit_code, 0);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::cli
