// Records out of a server into files and back, by the real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/cli/run_program.h"
#include "tests/support/auscultd_process.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr char kPlant[] = R"(
site: {name: made}
assets:
  - name: pump
    machine: {rated_speed_rpm: 1480, bearings: [{position: drive end, bearing: skf-6205-2rs-jem}]}
points:
  - {name: pump/de, channels: [{quantity: acceleration, unit: g}], sample_rate_hz: 12800, keep_raw_every: 1}
)";

class ExportCommands : public testing::Test {
 protected:
  ExportCommands() {
    chmod(folder_.Path("").c_str(), 0755);
    StartOn("data");
  }

  // Stops the server that runs.
  void StartOn(const std::string& data) {
    server_.reset();
    std::vector<std::string> arguments = {"--data-dir", folder_.Path(data)};
    if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
    server_ = std::make_unique<support::AuscultdProcess>(AUSCULT_BIN_DIR "/auscultd", arguments,
                                                         folder_.Path("log"));
  }

  ProgramResult Run(const std::vector<std::string>& arguments) {
    return RunAuscult(arguments, server_->address());
  }
  Json RunJson(const std::vector<std::string>& arguments) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }

  MadeFolder folder_;
  std::unique_ptr<support::AuscultdProcess> server_;
};

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
