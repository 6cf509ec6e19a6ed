#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_program.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;

// Lists of public recordings beside the checkout, as they are; not part of the project.
class RealManifests : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = std::filesystem::path(AUSCULT_SOURCE_DIR) / ".." / "shared" / "data";
    data_ = folder.string();
    if (!std::filesystem::is_directory(folder)) {
      std::cerr << "*** SKIPPED: no recordings at " << data_
                << "; evaluation is checked on made lists only ***\n";
      GTEST_SKIP() << "NOT TESTED: real recordings; none at " << data_;
    }
  }

  Json Evaluated(const std::string& set, std::vector<std::string> options) {
    options.insert(options.begin(), {"evaluate", data_ + "/" + set + "/MANIFEST.csv", "--json"});
    const ProgramResult result = RunAuscult(options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }

  std::string data_;
};

TEST_F(RealManifests, OfMfptAreJudgedAsTheyAre) {
  const Json json = Evaluated("mfpt", {});
  EXPECT_EQ(json["total"]["ranked"], 6);
  EXPECT_EQ(json["total"]["forced_right"], 6);
  EXPECT_EQ(json["total"]["named"], 6);
}

TEST_F(RealManifests, OfCwruAccuseNoPieceOfTheHealthyRecord) {
  const Json json =
      Evaluated("cwru", {"--where", "record_id=97", "--channel", "DE", "--pieces", "8"});
  EXPECT_EQ(json["total"]["healthy"], 8);
  EXPECT_EQ(json["total"]["accused"], 0);
}

TEST_F(RealManifests, OfMotorCurrentsAreReadWithTheirUnits) {
  const Json json = Evaluated("itsc", {"--line-hz", "60", "--pole-pairs", "2"});
  EXPECT_EQ(json["total"]["faulty"], 12);
  EXPECT_GE(json["total"]["named"], 11);
  EXPECT_EQ(json["total"]["accused"], 0);
}

TEST_F(RealManifests, OfFemtoAreFollowedAsLives) {
  const Json json =
      Evaluated("femto", {"--where", "record_id=Bearing3_1", "--sidecar",
                          std::string(AUSCULT_SOURCE_DIR) + "/deploy/recordings/femto_i16.yaml"});
  ASSERT_EQ(json["lives"].size(), 1u);
  EXPECT_EQ(json["lives"][0]["records"], 515);
  EXPECT_FALSE(json["lives"][0]["learnt"].is_null());
  EXPECT_EQ(json["lives"][0]["alarms_in_first_tenth"], 0);
}

}  // namespace
}  // namespace auscult::cli
