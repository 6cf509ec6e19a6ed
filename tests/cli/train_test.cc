#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "models/classifier.h"
#include "models/simulate.h"
#include "tests/cli/run_program.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using models::Fault;
using testing::HasSubstr;

constexpr char kHeader[] = "file,dataset,record_id,sampling_hz,rpm,label,bearing_model\n";

// Files of simulated machines of three rigs, as raw float32 in m/s2.
class TrainCommand : public testing::Test {
 protected:
  std::string Manifest() {
    std::string rows = kHeader;
    uint64_t next = 0;
    for (const char* rig : {"A", "B", "C"}) {
      for (const Fault fault : {Fault::kHealthy, Fault::kInnerRace, Fault::kOuterRace}) {
        models::SimulatedMachine machine;
        machine.seed = ++next;
        machine.machine.bearings = {{"bearing", "", {3.5848f, 5.4152f, 2.3567f, 0.3983f}}};
        const std::vector<float> vibration =
            models::SimulateVibration(machine, {fault, 0.9f}, next, 20480, 32768);
        const std::string name = absl::StrCat(next, ".f32");
        folder_.Write(name,
                      {reinterpret_cast<const char*>(vibration.data()), 4 * vibration.size()});
        folder_.Write(name + ".yaml", "encoding: float32_le\nunit: m/s2\n");
        absl::StrAppend(&rows, name, ",Rig ", rig, ",", name, ",20480,1500,",
                        std::string(FaultName(fault)), ",SKF 6205-2RS JEM\n");
      }
    }
    return folder_.Write("m.csv", rows);
  }

  const MadeFolder folder_;
};

TEST_F(TrainCommand, WritesAModelMeasuredOnRigsHeldOut) {
  const std::string manifest = Manifest();
  const std::string file = folder_.Path("model.auscult");
  const ProgramResult result = RunAuscult({"train", manifest, "--piece-samples", "16384",
                                           "--rounds", "20", "--output", file, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["classes"], Json({"healthy", "inner_race", "outer_race"}));
  EXPECT_EQ(json["metrics"]["records"], 18);
  EXPECT_EQ(json["metrics"]["by_rig"].size(), 3u);
  EXPECT_EQ(json["recipe"]["rounds"], 20);
  EXPECT_EQ(json["recipe"]["data"]["piece_samples"], 16384);
  EXPECT_EQ(json["recipe"]["data"]["recorded"], 18);
  const std::string bytes = BytesOf(file);
  EXPECT_EQ(bytes.size(), json["bytes"]);
  const auto classifier = models::Classifier::Parse(bytes);
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  EXPECT_EQ(Json::parse(classifier->metrics()), json["metrics"]);

  const ProgramResult again = RunAuscult(
      {"train", manifest, "--piece-samples", "16384", "--rounds", "20", "--output", file + "2"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(BytesOf(file + "2"), bytes);
  EXPECT_THAT(again.out, HasSubstr("Rig B"));
  EXPECT_THAT(again.out, HasSubstr("truth \\ verdict"));
}

TEST_F(TrainCommand, LearnsFromTheSimulatorAlone) {
  const std::string file = folder_.Path("model.auscult");
  const ProgramResult result =
      RunAuscult({"train", "--simulated", "40", "--rounds", "5", "-o", file});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("simulated 3"));
  EXPECT_TRUE(models::Classifier::Parse(BytesOf(file)).ok());
}

TEST_F(TrainCommand, SaysWhatItNeeds) {
  const std::string file = folder_.Path("model.auscult");
  EXPECT_EQ(RunAuscult({"train", "-o", file}).exit_code, 2);
  const ProgramResult one_rig =
      RunAuscult({"train", Manifest(), "--where", "dataset=Rig A", "-o", file});
  EXPECT_EQ(one_rig.exit_code, 1);
  EXPECT_THAT(one_rig.err, HasSubstr("2 rigs"));
  const std::string bad =
      folder_.Write("bad.csv", std::string(kHeader) + "none.f32,R,x,20480,1500,inner,NICE\n");
  const ProgramResult unreadable = RunAuscult({"train", bad, "-o", file});
  EXPECT_EQ(unreadable.exit_code, 1);
  EXPECT_THAT(unreadable.err, HasSubstr("bad.csv:2"));
  EXPECT_EQ(BytesOf(file), "");
}

}  // namespace
}  // namespace auscult::cli
