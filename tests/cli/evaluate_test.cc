#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "models/simulate.h"
#include "tests/cli/run_program.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using models::Fault;
using testing::HasSubstr;
using testing::Not;

constexpr char kHeader[] =
    "file,dataset,record_id,sampling_hz,rpm,label,fault_size,bearing_model\n";

// Files of simulated machines, as raw float32 in m/s2.
class Evaluate : public testing::Test {
 protected:
  // A row of the manifest, whose file is written.
  std::string Row(const std::string& name, Fault fault, const std::string& label,
                  int samples = 65536) {
    models::SimulatedMachine machine;
    machine.machine.bearings = {{"bearing", "", {3.5848f, 5.4152f, 2.3567f, 0.3983f}}};
    const std::vector<float> vibration =
        models::SimulateVibration(machine, {fault, 0.8f}, next_record_++, 20480, samples);
    folder_.Write(name, {reinterpret_cast<const char*>(vibration.data()), 4 * vibration.size()});
    folder_.Write(name + ".yaml", "encoding: float32_le\nunit: m/s2\n");
    return absl::StrCat(name, ",Rig ", next_record_ % 2, ",", name, ",20480,1500,", label,
                        ",0.8,SKF 6205-2RS JEM\n");
  }

  const MadeFolder folder_;
  uint64_t next_record_ = 0;
};

TEST_F(Evaluate, CountsWhatIsRight) {
  const std::string manifest = folder_.Write(
      "m.csv",
      kHeader + Row("i.f32", Fault::kInnerRace, "IR") + Row("o.f32", Fault::kOuterRace, "outer") +
          Row("wrong.f32", Fault::kOuterRace, "inner") + Row("n.f32", Fault::kHealthy, "normal") +
          Row("accused.f32", Fault::kOuterRace, "normal"));
  const ProgramResult result = RunAuscult({"evaluate", manifest, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json json = Json::parse(result.out);
  const Json& total = json["total"];
  EXPECT_EQ(total["records"], 5);
  EXPECT_EQ(total["faulty"], 3);
  EXPECT_EQ(total["named"], 2);
  EXPECT_EQ(total["forced_right"], 2);
  EXPECT_EQ(total["healthy"], 2);
  EXPECT_EQ(total["passed"], 1);
  EXPECT_EQ(total["accused"], 1);
  EXPECT_EQ(json["confusion"]["inner_race"]["outer_race"], 1);
  EXPECT_EQ(json["confusion"]["healthy"]["healthy"], 1);
  EXPECT_EQ(json["groups"]["dataset"].size(), 2u);
  EXPECT_EQ(json["groups"]["truth"]["outer_race"]["named"], 1);
  const Json& record = json["records"][2];
  EXPECT_EQ(record["truth"], "inner_race");
  EXPECT_EQ(record["verdict"], "outer_race");
  EXPECT_EQ(record["forced"][0], "outer_race");
  EXPECT_EQ(record["right"], false);
  EXPECT_EQ(record["line"], 4);
  EXPECT_EQ(record["bearing"], "SKF 6205-2RS JEM");
  EXPECT_NEAR(record["speed_rpm"].get<double>(), 1500, 10);

  const ProgramResult text = RunAuscult({"evaluate", manifest, "--jobs", "2"});
  EXPECT_THAT(text.out, HasSubstr("of 3 faulty the verdict names 2"));
  EXPECT_THAT(text.out, HasSubstr("of 2 healthy 1 pass and 1 are accused"));
  EXPECT_THAT(text.out, HasSubstr("m.csv:4"));       // a failure
  EXPECT_THAT(text.out, Not(HasSubstr("m.csv:2")));  // right
  EXPECT_THAT(RunAuscult({"evaluate", manifest, "--all"}).out, HasSubstr("m.csv:2"));
}

TEST_F(Evaluate, CutsRecordsIntoPieces) {
  const std::string manifest =
      folder_.Write("m.csv", kHeader + Row("o.f32", Fault::kOuterRace, "outer"));
  Json json = Json::parse(RunAuscult({"evaluate", manifest, "--pieces", "3", "--json"}).out);
  ASSERT_EQ(json["records"].size(), 3u);
  EXPECT_EQ(json["records"][2]["piece"], 3);
  json = Json::parse(RunAuscult({"evaluate", manifest, "--piece-samples", "16384", "--json"}).out);
  EXPECT_EQ(json["records"].size(), 4u);
  const ProgramResult result = RunAuscult({"evaluate", manifest, "--piece-samples", "70000"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("m.csv:2: "));
  EXPECT_THAT(result.out, HasSubstr("65536 samples: too few"));
}

TEST_F(Evaluate, GoesOnBehindABadRowAndEndsWith1) {
  const std::string manifest =
      folder_.Write("m.csv", kHeader + std::string("none.f32,a,b,20480,1500,inner,,NICE\n") +
                                 "x.f32,a,b,20480,1500,valve-closing,,\n" + "short,row\n" +
                                 ",a,b,20480,1500,inner,,\n" + "y.f32,a,b,-5,1500,inner,,\n" +
                                 Row("o.f32", Fault::kOuterRace, "outer"));
  const ProgramResult result = RunAuscult({"evaluate", manifest});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("5 of 6 rows could not be judged"));
  EXPECT_THAT(result.out, HasSubstr("1 records judged; of 1 faulty the verdict names 1"));
  EXPECT_THAT(result.out, HasSubstr("m.csv:2: cannot read"));
  EXPECT_THAT(result.out, HasSubstr("m.csv:3: label \"valve-closing\" is not known"));
  EXPECT_THAT(result.out, HasSubstr("m.csv:4: has 2 cells"));
  EXPECT_THAT(result.out, HasSubstr("m.csv:5: names no file"));
  EXPECT_THAT(result.out, HasSubstr("m.csv:6: sampling_hz \"-5\""));
  EXPECT_EQ(RunAuscult({"evaluate", manifest, "--skip-bad"}).exit_code, 0);
}

TEST_F(Evaluate, SaysWhichRateIsMissing) {
  folder_.Write("a.csv", "x\n1\n2\n");
  const std::string manifest =
      folder_.Write("m.csv", "file,label,sampling_hz\na.csv,normal,unstated (~4000)\n");
  const ProgramResult result = RunAuscult({"evaluate", manifest});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("(\"unstated (~4000)\")"));
}

TEST_F(Evaluate, JudgesTheChannelThatTheRowNames) {
  std::string table = "time (s),DE (g),FE (g)\n";
  const std::vector<float> samples = MadeSamples(4096);
  for (size_t i = 0; i < samples.size(); ++i) {
    absl::StrAppend(&table, static_cast<double>(i) / 10000, ",", samples[i], ",0.5\n");
  }
  folder_.Write("a.csv", table);
  const std::string manifest = folder_.Write(
      "m.csv", "file,channel,label\na.csv,DE,normal\na.csv,FE,normal\na.csv,XE,normal\n");
  const ProgramResult result = RunAuscult({"evaluate", manifest, "--json"});
  EXPECT_EQ(result.exit_code, 1);
  const Json json = Json::parse(result.out);
  ASSERT_EQ(json["records"].size(), 2u);
  EXPECT_NE(json["records"][0]["verdict"], "unscorable");
  EXPECT_EQ(json["records"][1]["verdict"], "unscorable");  // constant
  EXPECT_THAT(json["bad_rows"][0]["message"].get<std::string>(),
              HasSubstr("has no channel \"XE\"; it has DE, FE"));
  EXPECT_EQ(
      Json::parse(
          RunAuscult({"evaluate", manifest, "--json", "--channel", "de"}).out)["total"]["records"],
      1);
  const ProgramResult none = RunAuscult({"evaluate", manifest, "--channel", "BA"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("their channels are DE, FE, XE"));
}

TEST_F(Evaluate, RefusesWhatIsNoManifest) {
  EXPECT_EQ(RunAuscult({"evaluate"}).exit_code, 2);
  EXPECT_EQ(RunAuscult({"evaluate", folder_.Path("none.csv")}).exit_code, 1);
  EXPECT_THAT(RunAuscult({"evaluate", folder_.Write("d.csv", "time,a\n1,2\n")}).err,
              HasSubstr("no column \"file\""));
  const std::string manifest = folder_.Write("m.csv", "file,label\na,normal\n");
  EXPECT_EQ(RunAuscult({"evaluate", manifest, "--where", "nothing=1"}).exit_code, 2);
  EXPECT_EQ(RunAuscult({"evaluate", manifest, "--where", "label=inner"}).exit_code, 2);
  EXPECT_EQ(RunAuscult({"evaluate", manifest, "--pieces", "2", "--piece-samples", "999"}).exit_code,
            2);
  EXPECT_EQ(RunAuscult({"evaluate", manifest, "--bearings", folder_.Path("none.csv")}).exit_code,
            1);
}

}  // namespace
}  // namespace auscult::cli
