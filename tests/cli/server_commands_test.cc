#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run_program.h"
#include "tests/support/auscultd_process.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr char kPlant[] = R"(
site: {name: made, time_zone: Europe/Berlin}
assets:
  - name: pump-1
    machine: &pump
      rated_power_kw: 45
      foundation: rigid
      rated_speed_rpm: 1480
      bearings: [{position: drive end, bearing: skf-6205-2rs-jem}]
  - {name: pump-2, machine: *pump}
points:
  - {name: pump-1/de, channels: [{quantity: acceleration, unit: g}], sample_rate_hz: 12800}
  - {name: pump-2/de, channels: [{quantity: acceleration, unit: g}], sample_rate_hz: 12800}
)";

// The real programs against each other: one server for all that follows.
class ServerCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new MadeFolder;
    chmod(folder_->Path("").c_str(), 0755);
    std::vector<std::string> arguments = {"--data-dir", folder_->Path("data")};
    if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
    server_ =
        new support::AuscultdProcess(AUSCULT_BIN_DIR "/auscultd", arguments, folder_->Path("log"));
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(server_->Stop(), 0);
    delete server_;
    delete folder_;
  }

  static ProgramResult Run(const std::vector<std::string>& arguments) {
    return RunAuscult(arguments, server_->address());
  }

  static Json RunJson(const std::vector<std::string>& arguments) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }

  // Of pump-1, whose inner race is damaged.
  static void ExpectOneCaseThatPeopleHandle() {
    const Json open = RunJson({"alarms", "made", "--json"});
    ASSERT_EQ(open["alarms"].size(), 1u) << open;
    const Json& alarm = open["alarms"][0];
    EXPECT_EQ(alarm["asset"], "sites/made/assets/pump-1");
    EXPECT_EQ(alarm["fault"], "FAULT_INNER_RACE");
    std::string number = alarm["name"];
    number = number.substr(number.rfind('/') + 1);
    const std::string name = "made/" + number;
    EXPECT_EQ(RunJson({"assets", "--json"})["assets"][0]["health"]["open_alarm_count"], 1);
    EXPECT_THAT(Run({"alarms"}).out, HasSubstr(name));
    EXPECT_EQ(Run({"alarms", "ack", name, "--by", "kim"}).exit_code, 0);
    EXPECT_EQ(Run({"alarms", "assign", name, "--to", "lee"}).exit_code, 0);
    EXPECT_EQ(Run({"alarms", "comment", name, "-m", "seen"}).exit_code, 0);
    EXPECT_EQ(Run({"alarms", "shelve", name, "--for", "2d"}).exit_code, 0);
    EXPECT_THAT(Run({"alarms", "made"}).out, HasSubstr("No cases here"));
    EXPECT_THAT(Run({"alarms", "--state", "shelved"}).out, HasSubstr("lee, shelved until"));
    EXPECT_EQ(Run({"alarms", "shelve", name, "--for", "2"}).exit_code, 2);
    EXPECT_EQ(Run({"alarms", "close", name}).exit_code, 2);
    ProgramResult result =
        Run({"alarms", "close", name, "--finding", "confirmed", "--work-order", "WO-1"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    result = Run({"alarms", "show", name});
    for (const char* part :
         {"made/pump-1", "WO-1", "acknowledged by kim", "What to do", "History"}) {
      EXPECT_THAT(result.out, HasSubstr(part));
    }
    EXPECT_NE(Run({"alarms", "show", name, "--language", "zh"}).out, result.out);
    EXPECT_THAT(Run({"alarms", "stats"}).out, HasSubstr("what was named was wrong"));
    EXPECT_EQ(RunJson({"alarms", "stats", "made", "--json"})["confirmed_count"], 1);
    EXPECT_EQ(Run({"alarms", "show", "made/999999"}).exit_code, 1);
    EXPECT_EQ(Run({"alarms", "show", "999999"}).exit_code, 2);
  }

  // A fan of that site with a point, which has learnt how it is.
  static void MakeFan(const std::string& site) {
    const std::string plant = folder_->Write(site + ".yaml", "site: {name: " + site + "}" + R"(
assets:
  - name: fan
    display_name: Fan of hall 2
    machine: {rated_power_kw: 45, foundation: rigid, rated_speed_rpm: 1480}
points:
  - {name: fan/de, channels: [{quantity: acceleration, unit: g}], sample_rate_hz: 12800}
)");
    ASSERT_EQ(Run({"apply", "-f", plant}).exit_code, 0);
    ASSERT_EQ(RunJson({"replay", "--simulate", "--site", site, "--days", "4", "--samples", "4096",
                       "--json"})["accepted"],
              4 * 24);
  }

  static MadeFolder* folder_;
  // Health falls where the fault grows.
  void ExpectTrendsOfTheFault() {
    const Json trend =
        RunJson({"trend", "made/pump-1/de", "--series", "health,kurtosis", "--json"});
    ASSERT_EQ(trend["series"].size(), 2u);
    const Json& health = trend["series"][0]["points"];
    EXPECT_GT(health.front()["value"].get<double>(), 80);
    EXPECT_LT(health.back()["value"].get<double>(), 20);
    EXPECT_FALSE(trend["changes"].empty());
    ProgramResult result = Run({"trend", "made/pump-1/de"});
    EXPECT_THAT(result.out, HasSubstr("█"));
    EXPECT_THAT(result.out, HasSubstr("-> alarm"));
    result = Run({"trend", "made/pump-1/de", "--series", "health", "--csv", "--max-points", "4"});
    EXPECT_TRUE(result.out.starts_with("time,health,health min,health max\n")) << result.out;
    EXPECT_LE(std::count(result.out.begin(), result.out.end(), '\n'), 5);
    const Json days = RunJson({"trend", "made/pump-1/-", "made/pump-1/de", "--resolution", "days",
                               "--series", "health", "--json"});
    ASSERT_FALSE(days["series"].empty());
    EXPECT_EQ(days["series"][0]["source"], "sites/made/assets/pump-1/points/de");
    EXPECT_EQ(days["series"][0]["resolution"], "days");
    EXPECT_EQ(days["series"][0]["record_count"], trend["series"][0]["record_count"]);
  }

  static support::AuscultdProcess* server_;
};

MadeFolder* ServerCommands::folder_ = nullptr;
support::AuscultdProcess* ServerCommands::server_ = nullptr;

TEST_F(ServerCommands, TakeAPlantToItsHistoryAndBack) {
  ProgramResult result = Run({"assets"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("No assets yet"));

  // Apply: the difference first, then the change, then nothing.
  const std::string plant = folder_->Write("plant.yaml", kPlant);
  result = Run({"apply", "-f", plant, "--dry-run"});
  EXPECT_THAT(result.out, HasSubstr("+ sites/made/assets/pump-1/points/de"));
  EXPECT_THAT(result.out, HasSubstr("Would create 5, change 0, delete 0"));
  EXPECT_THAT(Run({"apply", "-f", plant}).out, HasSubstr("Created 5"));
  EXPECT_THAT(Run({"apply", "-f", plant}).out, HasSubstr("Nothing to change: 5"));
  std::string stronger = kPlant;
  stronger.replace(stronger.find("45"), 2, "55");
  const Json changes = RunJson({"apply", "-f", folder_->Write("plant2.yaml", stronger), "--json"});
  ASSERT_EQ(changes["changes"].size(), 2u);
  EXPECT_EQ(changes["changes"][0]["action"], "update");
  EXPECT_THAT(changes["changes"][0]["differences"][0].get<std::string>(),
              HasSubstr("machine.rated_power_kw: 45 -> 55"));

  // Replay: a fault grows on one of two machines.
  const Json replay = RunJson({"replay", "--simulate", "--site", "made", "--days", "8", "--samples",
                               "8192", "--fault", "pump-1:inner_race:0.5:1", "--json"});
  EXPECT_EQ(replay["accepted"], 2 * 8 * 24);
  EXPECT_EQ(replay["rejected"], 0);

  // Assets: worst first, with what is wrong.
  const Json assets = RunJson({"assets", "--json"});
  ASSERT_EQ(assets["assets"].size(), 2u);
  EXPECT_EQ(assets["assets"][0]["name"], "sites/made/assets/pump-1");
  EXPECT_EQ(assets["assets"][0]["health"]["condition"], "CONDITION_ALARM");
  EXPECT_EQ(assets["assets"][0]["health"]["verdict"], "FAULT_INNER_RACE");
  EXPECT_EQ(assets["assets"][1]["health"]["condition"], "CONDITION_NORMAL");
  result = Run({"assets", "made"});
  EXPECT_LT(result.out.find("made/pump-1"), result.out.find("made/pump-2"));
  EXPECT_THAT(result.out, HasSubstr("Inner-race damage"));
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  EXPECT_THAT(Run({"points", "made/pump-1"}).out, HasSubstr("made/pump-1/de"));
  EXPECT_EQ(RunJson({"points", "made", "--json"})["points"].size(), 2u);

  ExpectOneCaseThatPeopleHandle();

  ExpectTrendsOfTheFault();
}

TEST_F(ServerCommands, SendFilesOnceHoweverOftenTheyAreAsked) {
  const std::string plant = folder_->Write("files.yaml", R"(
site: {name: files}
assets: [{name: a}]
points: [{name: a/p, channels: [{quantity: acceleration, unit: g}]}]
)");
  ASSERT_EQ(Run({"apply", "-f", plant}).exit_code, 0);
  const MadeFolder recordings;
  for (int i = 0; i < 3; ++i) {
    std::string text = "H (g)\n";
    for (const float sample : MadeSamples(2048, 0.05, static_cast<uint64_t>(i))) {
      text += std::to_string(sample) + "\n";
    }
    recordings.Write(std::to_string(i) + ".csv", text);
  }
  const std::vector<std::string> replay = {
      "replay",  recordings.Path(""),    "--point",      "files/a/p", "--rate-hz", "5000",
      "--start", "2026-01-01T00:00:00Z", "--interval-s", "60",        "--json"};
  EXPECT_EQ(RunJson(replay)["accepted"], 3);
  EXPECT_EQ(RunJson(replay)["duplicate"], 3);
  const ProgramResult other = Run({"replay", recordings.Path("0.csv"), "--point", "files/a/p",
                                   "--rate-hz", "4000", "--start", "2026-01-01T00:00:00Z"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.out, HasSubstr("rejected 1"));
  EXPECT_THAT(other.out, HasSubstr("1 x "));
  EXPECT_THAT(other.err, HasSubstr("1 of 1 records were not stored"));

  const ProgramResult one = Run({"ingest", recordings.Path("1.csv"), "--point", "files/a/p",
                                 "--rate-hz", "5000", "--measured-at", "2026-01-02T00:00:00Z"});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("Stored."));
}

TEST_F(ServerCommands, SayHowAMachineIs) {
  ASSERT_NO_FATAL_FAILURE(MakeFan("kept"));
  ProgramResult result = Run({"health", "kept/fan"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("kept/fan (Fan of hall 2)"));
  EXPECT_THAT(result.out, HasSubstr("kept/fan/de"));
  EXPECT_THAT(result.out, HasSubstr("baseline 1"));
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(RunJson({"health", "kept/fan", "--json"})["points"].size(), 1u);

  EXPECT_THAT(Run({"health", "kept"}).out, HasSubstr("kept/fan"));
  EXPECT_EQ(RunJson({"health", "kept", "--json"})["assets"].size(), 1u);

  result = Run({"diagnose", "kept/fan/de", "--all-features"});
  EXPECT_THAT(result.out, HasSubstr("verdict"));
  EXPECT_THAT(result.out, HasSubstr("order_1x_mm_s"));
  EXPECT_EQ(RunJson({"diagnose", "kept/fan/de", "--json"})["model"], "physics");
  EXPECT_THAT(Run({"explain", "kept/fan/de"}).out, HasSubstr("nearest_neighbour"));
}

TEST_F(ServerCommands, CorrectWhatAMachineLearnt) {
  ASSERT_NO_FATAL_FAILURE(MakeFan("mended"));
  EXPECT_THAT(Run({"limits", "mended/fan/de"}).out, HasSubstr("No limits are set"));
  ProgramResult result = Run({"limits", "mended/fan/de", "--set", "velocity_rms_mm_s=4.5:7.1",
                              "--set", "kurtosis=:8", "--note", "manual"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("4.5"));
  EXPECT_THAT(result.out, HasSubstr("zone B from"));
  const Json limits =
      RunJson({"limits", "mended/fan/de", "--remove", "velocity_rms_mm_s", "--json"})["limits"];
  ASSERT_EQ(limits.size(), 1u);
  EXPECT_EQ(limits[0]["feature"], "kurtosis");
  for (const char* wrong : {"kurtosis", "kurtosis=5", "=5:6", "kurtosis=a:b"}) {
    EXPECT_EQ(Run({"limits", "mended/fan/de", "--set", wrong}).exit_code, 2) << wrong;
  }
  EXPECT_THAT(Run({"limits", "mended/fan/de", "--set", "kurtosi=:8"}).err,
              HasSubstr("UNKNOWN_FEATURE"));

  EXPECT_THAT(Run({"baselines", "mended/fan/de"}).out, HasSubstr("active"));
  EXPECT_EQ(Run({"baselines", "mended/fan/de", "--relearn-from", "2026-01-01"}).exit_code, 2);
  EXPECT_THAT(
      Run({"baselines", "mended/fan/de", "--relearn-from", "2020-01-01", "--to", "2020-02-01"}).err,
      HasSubstr("PERIOD_NOT_LEARNT"));
  EXPECT_THAT(Run({"baselines", "mended/fan/de", "--relearn"}).out, HasSubstr("records to come"));
  EXPECT_THAT(Run({"baselines", "mended/fan/de", "--activate", "1"}).out, HasSubstr("Baseline 1"));

  EXPECT_THAT(Run({"maintenance", "mended/fan"}).out, HasSubstr("No maintenance"));
  result = Run({"maintenance", "mended/fan", "bearing replaced", "--by", "Ada", "--point", "de"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(Run({"maintenance", "mended/fan"}).out, HasSubstr("bearing replaced"));
  EXPECT_EQ(RunJson({"health", "mended/fan", "--json"})["health"]["condition"],
            "CONDITION_LEARNING");
}

TEST_F(ServerCommands, SayWhatIsKeptAndWhatItTakes) {
  ASSERT_NO_FATAL_FAILURE(MakeFan("stored"));
  EXPECT_THAT(Run({"retention", "list"}).out, HasSubstr("kept for ever"));
  EXPECT_EQ(Run({"retention", "set", "--trend-days", "3650", "--score-days", "30"}).exit_code, 0);
  const Json fan = RunJson({"retention", "set", "stored/fan", "--trend-days", "forever",
                            "--waveform-days", "9", "--json"});
  EXPECT_EQ(fan["name"], "sites/stored/assets/fan/retentionPolicy");
  EXPECT_EQ(fan["effective"]["trend_days"], 0);
  EXPECT_EQ(fan["effective"]["score_days"], 30);
  EXPECT_THAT(Run({"retention", "list"}).out,
              testing::AllOf(HasSubstr("plant"), HasSubstr("3650 d"), HasSubstr("stored/fan"),
                             HasSubstr("for ever"), HasSubstr("(30 d)")));
  EXPECT_EQ(Run({"retention", "set", "stored/fan", "--waveform-days", "inherit"}).exit_code, 0);
  EXPECT_THAT(Run({"retention", "get", "stored/fan"}).out, HasSubstr("(for ever)"));
  EXPECT_EQ(Run({"retention", "set", "stored/fan"}).exit_code, 2);
  EXPECT_EQ(Run({"retention", "set", "--trend-days", "soon"}).exit_code, 2);
  EXPECT_THAT(Run({"retention", "set", "--trend-days=-4"}).err, HasSubstr("0 to keep for ever"));
  EXPECT_THAT(Run({"retention", "get", "stored"}).err, HasSubstr("was not set"));
  EXPECT_EQ(Run({"retention", "clear", "stored/fan"}).exit_code, 0);
  EXPECT_EQ(Run({"retention", "clear"}).exit_code, 0);

  EXPECT_THAT(Run({"storage"}).out, testing::AllOf(HasSubstr("trend"), HasSubstr("free of")));
  EXPECT_GT(std::stoll(RunJson({"storage", "--json"})["database_bytes"].get<std::string>()), 1000);
}

TEST_F(ServerCommands, BackUpAndRestore) {
  const std::string copy = folder_->Path("copy"), data = folder_->Path("data"),
                    again = folder_->Path("again");
  std::vector<std::string> user;
  if (geteuid() == 0) user = {"--service-user", "postgres"};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), user.begin(), user.end());
    return Run(arguments);
  };
  ProgramResult result = run({"backup", "--data-dir", data, copy});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("holds a backup of " + data));
  EXPECT_THAT(run({"backup", "--data-dir", data, copy}).err, HasSubstr("holds something"));
  result = run({"restore", copy, "--data-dir", again});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(run({"restore", copy, "--data-dir", again}).err, HasSubstr("holds something"));
  EXPECT_EQ(Run({"backup"}).exit_code, 2);
}

TEST_F(ServerCommands, ShowWhatTheServerObjectsTo) {
  struct Case {
    std::vector<std::string> arguments;
    const char* complaint;
  };
  const std::string wrong = folder_->Write("wrong.yaml", R"(
site: {name: wrong}
assets: [{name: a}]
points:
  - name: a/p
    channels: [{quantity: acceleration, unit: mm/s}]
)");
  for (const Case& c :
       {Case{{"trend", "nowhere/a/p"}, "nowhere"}, Case{{"points", "nowhere"}, "nowhere"},
        // The field that the server blames is found in the file.
        Case{{"apply", "-f", wrong}, "wrong.yaml:6:47: "}}) {
    const ProgramResult result = Run(c.arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(c.complaint));
    EXPECT_THAT(result.err, HasSubstr("["));  // the reason, for programs
  }
}

}  // namespace
}  // namespace auscult::cli
