// Records out of a server into files and back, by the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using ExportCommands = ServedPlant;

TEST_F(ExportCommands, TakeRecordsOutAndBringThemBackBitByBit) {
  const std::string plant = folder_.Write("plant.yaml", kPlant);
  ASSERT_EQ(Run({"apply", "-f", plant}).exit_code, 0);
  ASSERT_EQ(RunJson({"replay", "--simulate", "--site", "made", "--days", "1", "--samples", "4096",
                     "--json"})["accepted"],
            24);
  const Json sent = RunJson({"waveform", "made/pump/de", "--json"});

  ProgramResult result = Run(
      {"export", "made/pump/de", "--csv", folder_.Path("a.csv"), "--samples", folder_.Path("raw")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("24 records of 1 points"));
  EXPECT_THAT(result.out, HasSubstr("24 with samples"));
  const std::string csv = BytesOf(folder_.Path("a.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 25);
  EXPECT_EQ(csv.rfind("point,time,feature_set,", 0), 0u);
  EXPECT_THAT(csv, HasSubstr(",kurtosis,"));

  Json imported = RunJson({"import", folder_.Path("raw"), "--json"});
  EXPECT_EQ(imported["duplicate"], 24);
  EXPECT_EQ(imported["accepted"], 0);

  // Onto a server that has nothing.
  EXPECT_EQ(server_->Stop(), 0);
  StartOn("empty");
  ASSERT_EQ(Run({"apply", "-f", plant}).exit_code, 0);
  EXPECT_EQ(Run({"waveform", "made/pump/de"}).exit_code, 1);
  imported = RunJson({"import", folder_.Path("raw"), "--json"});
  EXPECT_EQ(imported["accepted"], 24);
  EXPECT_EQ(RunJson({"waveform", "made/pump/de", "--json"})["waveform"], sent["waveform"]);

  result = Run({"spectrum", "made/pump/de", "--unit", "mm/s", "--max-hz", "1000"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"made/pump/de", "mm/s", "BPFO drive end", "orders"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  EXPECT_EQ(Run({"spectrum", "made/pump/de", "--envelope"}).exit_code, 0);
  EXPECT_EQ(Run({"spectrum", "made/pump/de", "--envelope", "--rms"}).exit_code, 2);
  EXPECT_THAT(Run({"waveform", "made/pump/de", "--channel", "1"}).out, HasSubstr("m/s2 over"));
  EXPECT_EQ(RunJson({"waveform", "made/pump/de", "--list", "--json"})["waveforms"].size(), 24u);
  EXPECT_EQ(Run({"export", "made/pump/de"}).exit_code, 2);
  EXPECT_EQ(Run({"import", folder_.Path("nothing")}).exit_code, 1);
}

}  // namespace
}  // namespace auscult::cli
