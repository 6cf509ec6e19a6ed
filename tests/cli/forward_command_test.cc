#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "models/random.h"
#include "tests/cli/forward_process.h"
#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// A site that sends to a real server: the folder "in" with recordings of the point pump/de.
class Forward : public ServedPlant {
 protected:
  Forward() {
    std::filesystem::create_directories(folder_.Path("in/pump"));
    EXPECT_EQ(Run({"apply", "-f", folder_.Write("plant.yaml", kPlant)}).exit_code, 0);
  }

  // Recording `index` comes into the folder at once, as an instrument that renames does it.
  void Record(int index, const std::string& folder = "in/pump") {
    const std::vector<float> samples = MadeSamples(1024, 0.01, static_cast<uint64_t>(index) + 1);
    const std::string name = absl::StrFormat("%s/%05d.f32", folder, index);
    const std::string stem = absl::StrFormat("%s/%05d", folder, index);
    folder_.Write(stem + ".yaml", absl::StrFormat("encoding: float32_le\nrate_hz: 12800\nunit: g\n"
                                                  "start: 2026-03-01T%02d:%02d:00Z\n",
                                                  index / 60, index % 60));
    folder_.Write(name + ".tmp", std::string_view(reinterpret_cast<const char*>(samples.data()),
                                                  samples.size() * sizeof(float)));
    std::filesystem::rename(folder_.Path(name + ".tmp"), folder_.Path(name));
  }

  std::vector<std::string> Arguments(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        folder_.Path("in"), "--point", "made/{folder}/de", "--spool", folder_.Path("spool"),
        "--settle-s",       "0.2",     "--status-every-s", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::unique_ptr<ForwardProcess> Start(std::vector<std::string> more = {}) {
    return std::make_unique<ForwardProcess>(server_->address(), folder_.Path("said"),
                                            Arguments(std::move(more)));
  }

  Json Status() {
    return RunJson({"forward", "status", "--spool", folder_.Path("spool"), "--json"});
  }

  // Until the status says so, for a minute.
  template <typename Test>
  bool Until(Test test) {
    for (int i = 0; i < 300; ++i) {
      std::error_code error;
      if (std::filesystem::exists(folder_.Path("spool/status.json"), error) && test(Status())) {
        return true;
      }
      std::this_thread::sleep_for(milliseconds(200));
    }
    return false;
  }

  int FilesLeft() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.Path("in"))) {
      count += entry.path().extension() == ".f32" ? 1 : 0;
    }
    return count;
  }

  // When the records were measured that the server has, each once.
  std::set<std::string> Stored() {
    const std::string csv = folder_.Path("stored.csv");
    EXPECT_EQ(Run({"export", "made/pump/de", "--csv", csv}).exit_code, 0);
    std::set<std::string> times;
    std::ifstream file(csv);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      const size_t begin = line.find(',') + 1;
      const std::string time = line.substr(begin, line.find(',', begin) - begin);
      EXPECT_TRUE(times.insert(time).second) << "twice: " << time;
    }
    return times;
  }

  std::string Said() const { return BytesOf(folder_.Path("said")); }
};

TEST_F(Forward, SendsWhatComesAndEndsInOrderOnSigterm) {
  const std::unique_ptr<ForwardProcess> forward = Start();
  for (int i = 0; i < 10; ++i) Record(i);
  ASSERT_TRUE(Until([](const Json& status) { return status["stored"] == 10; })) << Said();
  const Json status = Status();
  EXPECT_TRUE(status["running"]);
  EXPECT_EQ(status["backlog_records"], 0);
  // One process has the spool.
  EXPECT_EQ(ForwardProcess(server_->address(), folder_.Path("other"), Arguments()).Wait(), 1);
  EXPECT_THAT(BytesOf(folder_.Path("other")), HasSubstr("used by another process"));
  EXPECT_EQ(forward->Stop(), 0);
  EXPECT_FALSE(Status()["running"]);
  EXPECT_EQ(Stored().size(), 10u);
  EXPECT_EQ(FilesLeft(), 0);
  EXPECT_THAT(Said(), HasSubstr("ended: 0 waiting"));
  EXPECT_THAT(Run({"forward", "status", "--spool", folder_.Path("spool")}).out,
              HasSubstr("not running"));
}

TEST_F(Forward, LosesAndInventsNothingWhenKilledAtAnyTime) {
  constexpr int kKills = 20, kRecords = 120;
  models::Random random(11);
  int made = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::unique_ptr<ForwardProcess> forward = Start();
    for (; made < kRecords * (i + 1) / kKills; ++made) Record(made);
    std::this_thread::sleep_for(milliseconds(100 + static_cast<int>(random.Uniform() * 900)));
    forward->Kill();
  }
  const std::unique_ptr<ForwardProcess> forward = Start({"--once"});
  EXPECT_EQ(forward->Wait(), 0) << Said();
  EXPECT_EQ(Stored().size(), static_cast<size_t>(kRecords));
  EXPECT_EQ(FilesLeft(), 0);
  EXPECT_EQ(RunJson({"points", "made/pump", "--json"})["points"][0]["health"]["record_count"],
            std::to_string(kRecords));
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("spool/rejects")));
}

TEST_F(Forward, KeepsRecordsWhileTheServerIsAway) {
  const std::string address = server_->address();
  const std::unique_ptr<ForwardProcess> forward = Start();
  for (int i = 0; i < 5; ++i) Record(i);
  ASSERT_TRUE(Until([](const Json& status) { return status["stored"] == 5; })) << Said();
  server_->Kill();
  for (int i = 5; i < 25; ++i) Record(i);
  ASSERT_TRUE(Until([](const Json& status) { return status["backlog_records"] == 20; })) << Said();
  ASSERT_TRUE(Until([](const Json& status) { return status["server_problem"] != ""; })) << Said();
  EXPECT_EQ(FilesLeft(), 0);
  StartOn("data", {"--listen", address});
  ASSERT_TRUE(Until([](const Json& status) { return status["backlog_records"] == 0; })) << Said();
  EXPECT_EQ(forward->Stop(), 0);
  EXPECT_EQ(Stored().size(), 25u);
  EXPECT_THAT(Said(), HasSubstr("the server answers again"));
}

TEST_F(Forward, PutsBadOnesAsideKeepsUnknownPointsAndGoesOn) {
  for (int i = 0; i < 3; ++i) Record(i);
  std::filesystem::create_directories(folder_.Path("in/fan"));
  Record(3, "in/fan");  // a point that the server does not know
  folder_.Write("in/pump/noise.f32", "not even four octets of description");
  Record(4);
  const std::string bad = folder_.Path("in/pump/00004.yaml");
  std::ofstream(bad)
      << "encoding: float32_le\nrate_hz: 999\nunit: g\nstart: 2026-03-01T00:04:00Z\n";
  const std::unique_ptr<ForwardProcess> forward = Start();
  ASSERT_TRUE(Until([](const Json& status) {
    return status["stored"] == 3 && status["rejected"] == 1 && status["held"].size() == 1;
  })) << Said();
  const Json status = Status();
  EXPECT_EQ(status["unreadable"], 1);
  EXPECT_EQ(status["held"][0]["reason"], "UNKNOWN_POINT");
  EXPECT_EQ(status["backlog_records"], 1);
  EXPECT_THAT(Said(), HasSubstr("made/fan/de is refused, its records are kept"));
  const std::string reject = folder_.Path("spool/rejects/made.pump.de.20260301T000400.000000Z");
  EXPECT_THAT(BytesOf(reject + ".json"), HasSubstr("RATE_MISMATCH"));
  EXPECT_THAT(Run({"import", reject + ".waveforms"}).out, HasSubstr("RATE_MISMATCH"));
  EXPECT_THAT(BytesOf(folder_.Path("spool/rejects/noise.f32.json")), HasSubstr("noise.f32"));
  // The plant is repaired, and the record goes where it belongs.
  const std::string plant =
      std::string(kPlant) + "  - {name: fan/de, channels: [{quantity: acceleration, unit: g}]}\n";
  std::string with_fan = plant;
  with_fan.insert(with_fan.find("points:"), "  - {name: fan}\n");
  ASSERT_EQ(Run({"apply", "-f", folder_.Write("plant.yaml", with_fan)}).exit_code, 0);
  ASSERT_TRUE(Until([](const Json& now) { return now["backlog_records"] == 0; })) << Said();
  EXPECT_EQ(forward->Stop(), 0);
}

TEST_F(Forward, ReadsLinesOfJsonFromStandardInput) {
  std::string lines;
  for (int i = 0; i < 5; ++i) {
    std::string values;
    for (const float sample : MadeSamples(512, 0.01, static_cast<uint64_t>(i) + 1)) {
      absl::StrAppend(&values, values.empty() ? "" : ",", sample);
    }
    absl::StrAppend(&lines, R"({"point": "made/pump/de", "measuredAt": "2026-03-01T00:0)", i,
                    R"(:00Z", "sampleRateHz": 12800, "channels": [{"unit": "g", "floats": )",
                    R"({"values": [)", values, "]}}]}\n");
    if (i == 2) lines += "{\"point\": 5\n\n";
  }
  folder_.Write("lines", lines);
  FILE* file = fopen(folder_.Path("lines").c_str(), "rb");
  ForwardProcess forward(server_->address(), folder_.Path("said"),
                         {"-", "--spool", folder_.Path("spool")}, fileno(file));
  EXPECT_EQ(forward.Wait(), 1);
  fclose(file);
  EXPECT_THAT(Said(), HasSubstr("unreadable 1"));
  EXPECT_EQ(Stored().size(), 5u);
}

TEST_F(Forward, SendsFeaturesAndSamplesOfEveryNth) {
  for (int i = 0; i < 10; ++i) Record(i);
  const std::unique_ptr<ForwardProcess> forward =
      Start({"--once", "--features-only", "--samples-every", "4"});
  EXPECT_EQ(forward->Wait(), 0) << Said();
  EXPECT_EQ(Stored().size(), 10u);
  const size_t samples =
      RunJson({"waveform", "made/pump/de", "--list", "--json"})["waveforms"].size();
  EXPECT_GE(samples, 3u);
  EXPECT_EQ(Status()["features_only"], 10 - samples);
}

TEST_F(Forward, LetsFilesWaitWhileTheSpoolIsFull) {
  const std::string address = server_->address();
  server_->Kill();
  const std::unique_ptr<ForwardProcess> forward = Start({"--spool-size", "20KB"});
  for (int i = 0; i < 12; ++i) Record(i);
  ASSERT_TRUE(Until([](const Json& status) { return status["full"] == true; })) << Said();
  EXPECT_GE(FilesLeft(), 8);
  StartOn("data", {"--listen", address});
  ASSERT_TRUE(Until([](const Json& status) { return status["stored"] == 12; })) << Said();
  EXPECT_EQ(forward->Stop(), 0);
  EXPECT_EQ(Stored().size(), 12u);
}

TEST_F(Forward, DropsTheOldestWhereThatIsAskedFor) {
  const std::string address = server_->address();
  server_->Kill();
  const std::unique_ptr<ForwardProcess> forward =
      Start({"--spool-size", "20KB", "--when-full", "drop-oldest"});
  for (int i = 0; i < 12; ++i) Record(i);
  ASSERT_TRUE(Until([](const Json& status) { return status["taken"] == 12; })) << Said();
  const int dropped = Status()["dropped"];
  EXPECT_GE(dropped, 8);
  StartOn("data", {"--listen", address});
  ASSERT_TRUE(Until([](const Json& status) { return status["backlog_records"] == 0; })) << Said();
  EXPECT_EQ(forward->Stop(), 0);
  const std::set<std::string> stored = Stored();
  EXPECT_EQ(stored.size(), static_cast<size_t>(12 - dropped));
  EXPECT_THAT(*stored.rbegin(), HasSubstr("2026-03-01T00:11:00"));
}

}  // namespace
}  // namespace auscult::cli
