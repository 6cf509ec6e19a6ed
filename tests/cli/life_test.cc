#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "models/simulate.h"
#include "tests/cli/run_program.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr int kRecordSamples = 4096;

class Lives : public testing::Test {
 protected:
  // A raw file of records of a simulated machine, healthy first and then with an outer race fault
  // that grows to the end.
  void WriteLife(const std::string& name, int healthy, int failing) {
    models::SimulatedMachine machine;
    machine.machine.bearings = {{"bearing", "", {3.5848f, 5.4152f, 2.3567f, 0.3983f}}};
    std::string bytes;
    for (int i = 0; i < healthy + failing; ++i) {
      const float severity =
          i < healthy ? 0.0f : static_cast<float>(i + 1 - healthy) / static_cast<float>(failing);
      const auto fault = i < healthy ? models::Fault::kHealthy : models::Fault::kOuterRace;
      const std::vector<float> samples = models::SimulateVibration(
          machine, {fault, severity}, static_cast<uint64_t>(i), 20480, kRecordSamples);
      bytes.append(reinterpret_cast<const char*>(samples.data()), 4 * samples.size());
    }
    folder_.Write(name, bytes);
  }

  Json Evaluated(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"evaluate", folder_.Path("m.csv"), "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ProgramResult result = RunAuscult(all);
    EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }

  const MadeFolder folder_;
};

constexpr char kHeader[] =
    "file,dataset,record_id,label,encoding,record_samples,unit,sampling_hz,rpm,interval_s,"
    "bpfo,bpfi\n";
constexpr char kRest[] = ",float32_le,4096,m/s2,20480,1500,3600,3.5848,5.4152\n";

TEST_F(Lives, AreFollowedToTheirEnd) {
  WriteLife("failing.f32", 90, 60);
  WriteLife("healthy.f32", 100, 0);
  folder_.Write("m.csv", absl::StrCat(kHeader, "failing.f32,Rig,1,run-to-failure (outer race)",
                                      kRest, "healthy.f32,Rig,2,normal", kRest));
  const Json json = Evaluated({});
  EXPECT_EQ(json["total"]["records"], 0);
  ASSERT_EQ(json["lives"].size(), 2u);
  const Json& failing = json["lives"][0];
  EXPECT_EQ(failing["name"], "Rig 1");
  EXPECT_EQ(failing["truth"], "run_to_failure");
  EXPECT_EQ(failing["records"], 150);
  EXPECT_GT(failing["learnt"], 0.3);
  EXPECT_LT(failing["learnt"], 0.6);
  EXPECT_GT(failing["first_alarm"], failing["learnt"]);
  EXPECT_GE(failing["first_alarm"], failing["first_watch"]);
  EXPECT_EQ(failing["alarms_in_first_tenth"], 0);
  EXPECT_LT(failing["health_at_end"], 20);
  EXPECT_EQ(failing["condition_at_end"], "alarm");
  EXPECT_EQ(json["life_medians"]["first_alarm"], failing["first_alarm"]);
  const Json& healthy = json["lives"][1];
  EXPECT_EQ(healthy["alarms"], 0);
  EXPECT_TRUE(healthy["first_alarm"].is_null());
  EXPECT_NEAR(healthy["days"].get<double>(), 99.0 / 24, 1e-6);

  const ProgramResult text = RunAuscult({"evaluate", folder_.Path("m.csv")});
  EXPECT_THAT(
      text.out,
      HasSubstr("1 runs to failure, 1 long enough to learn a baseline: 1 alarm, 0 of them"));
  EXPECT_THAT(text.out, HasSubstr("1 healthy points, 100 records, 0.011 years: 0 alarms"));
  EXPECT_NEAR(Evaluated({"--interval-s", "60"})["lives"][1]["days"].get<double>(), 99.0 / 1440,
              1e-6);
}

TEST_F(Lives, AreMadeOfTheSingleRecordsOfAFolder) {
  std::filesystem::create_directory(folder_.Path("a"));
  std::string rows = "file,dataset,label,sampling_hz,rpm\n";
  for (const char* name : {"a/1.csv", "a/2.csv", "a/3.csv"}) {
    std::string table = "x (g)\n";
    for (const float sample : MadeSamples(2048)) absl::StrAppend(&table, sample, "\n");
    folder_.Write(name, table);
    absl::StrAppend(&rows, name, ",Set,run-to-failure,10000,1500\n");
  }
  folder_.Write("m.csv", rows);
  Json json = Evaluated({});
  ASSERT_EQ(json["lives"].size(), 1u);
  EXPECT_EQ(json["lives"][0]["name"], "Set a");
  EXPECT_EQ(json["lives"][0]["records"], 3);
  EXPECT_TRUE(json["lives"][0]["learnt"].is_null());
  EXPECT_EQ(json["lives"][0]["condition_at_end"], "learning");
  // The folder itself is the same.
  folder_.Write("m.csv", "file,dataset,label,sampling_hz,rpm\na,Set,run-to-failure,10000,1500\n");
  json = Evaluated({});
  EXPECT_EQ(json["lives"][0]["records"], 3);
}

TEST_F(Lives, SayWhatIsWrongWithAFileAndGoOn) {
  WriteLife("short.f32", 3, 0);
  folder_.Write("cut.f32", BytesOf(folder_.Path("short.f32")).substr(0, 5000));
  std::filesystem::create_directory(folder_.Path("empty"));
  folder_.Write("m.csv", absl::StrCat(kHeader, "cut.f32,Rig,1,run-to-failure", kRest,
                                      "empty,Rig,2,run-to-failure", kRest,
                                      "short.f32,Rig,3,run-to-failure,int12,1,g,1,1,1,3,5\n",
                                      "short.f32,Rig,4,run-to-failure", kRest));
  const ProgramResult result = RunAuscult({"evaluate", folder_.Path("m.csv"), "--json"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("3 of 4 rows"));
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["lives"].size(), 1u);
  std::vector<std::string> messages;
  for (const Json& bad : json["bad_rows"]) messages.push_back(bad["message"]);
  EXPECT_THAT(messages, testing::UnorderedElementsAre(HasSubstr("do not divide into records"),
                                                      HasSubstr("holds no recordings"),
                                                      HasSubstr("encoding \"int12\"")));
}

TEST_F(Lives, TakeASidecarForRawFilesOnly) {
  WriteLife("raw.bin", 3, 0);
  folder_.Write("layout.yaml",
                "encoding: float32_le\nrate_hz: 20480\nunit: m/s2\nrecord_samples: 4096\n");
  std::string table = "x (g)\n";
  for (const float sample : MadeSamples(2048)) absl::StrAppend(&table, sample, "\n");
  folder_.Write("text.csv", table);
  folder_.Write("m.csv",
                "file,dataset,label,sampling_hz,rpm\nraw.bin,Set,run-to-failure,,1500\n"
                "text.csv,Set,normal,10000,1500\n");
  const Json json = Evaluated({"--sidecar", folder_.Path("layout.yaml")});
  EXPECT_EQ(json["lives"][0]["records"], 3);
  EXPECT_EQ(json["total"]["records"], 1);
}

}  // namespace
}  // namespace auscult::cli
