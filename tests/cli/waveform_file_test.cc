#include "cli/waveform_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "cli/spectrum_picture.h"

namespace auscult::cli {
namespace {

namespace fs = std::filesystem;

class WaveformFile : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static v1::Waveform Made(int n) {
    v1::Waveform waveform;
    waveform.set_point("sites/a/assets/b/points/c");
    waveform.mutable_measured_at()->set_seconds(1'700'000'000 + n);
    waveform.add_channels()->mutable_encoded()->set_octets(
        std::string(static_cast<size_t>(100 * n), static_cast<char>(n)));
    return waveform;
  }

  std::string Written(const std::string& name, int first, int count) {
    const std::string path = (folder_ / name).string();
    auto writer = WaveformFileWriter::Create(path);
    EXPECT_TRUE(writer.ok()) << writer.status();
    for (int n = first; n < first + count; ++n) EXPECT_TRUE((*writer)->Write(Made(n)).ok());
    EXPECT_TRUE((*writer)->Close().ok());
    return path;
  }

  const fs::path folder_ =
      fs::temp_directory_path() /
      ("auscult_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(WaveformFile, GivesBackWhatWasWrittenFileAfterFile) {
  Written("b.waveforms", 3, 2);
  Written("a.waveforms", 0, 3);
  std::ofstream(folder_ / "other.txt") << "nothing";
  EXPECT_TRUE(HoldsWaveformFiles(folder_.string()));
  auto files = WaveformFiles::Open(folder_.string());
  ASSERT_TRUE(files.ok()) << files.status();
  for (int n = 0; n < 5; ++n) {
    auto waveform = (*files)->Next();
    ASSERT_TRUE(waveform.ok() && waveform->has_value()) << n;
    EXPECT_EQ((*waveform)->SerializeAsString(), Made(n).SerializeAsString());
  }
  EXPECT_FALSE((*files)->Next()->has_value());
}

TEST_F(WaveformFile, IsGivenUpWhereItIsDamaged) {
  const std::string path = Written("a.waveforms", 1, 3);
  Written("b.waveforms", 7, 1);
  std::string octets;
  {
    std::ifstream file(path, std::ios::binary);
    octets.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (const size_t at : {octets.size() - 5, octets.size() / 2}) {
    std::string damaged = octets;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(path, std::ios::binary) << damaged;
    auto files = WaveformFiles::Open(folder_.string());
    ASSERT_TRUE(files.ok());
    int whole = 0;
    absl::StatusOr<std::optional<v1::Waveform>> next = (*files)->Next();
    for (; next.ok(); next = (*files)->Next()) ++whole;
    EXPECT_LT(whole, 3);
    EXPECT_TRUE(absl::IsDataLoss(next.status())) << next.status();
    next = (*files)->Next();
    ASSERT_TRUE(next.ok() && next->has_value());
    EXPECT_EQ((*next)->measured_at().seconds(), 1'700'000'007);
  }
  std::ofstream(path, std::ios::binary) << octets.substr(0, octets.size() - 1);
  auto cut = WaveformFiles::Open(path);
  ASSERT_TRUE(cut.ok());
  EXPECT_TRUE((*cut)->Next().ok());
  EXPECT_TRUE((*cut)->Next().ok());
  EXPECT_TRUE(absl::IsDataLoss((*cut)->Next().status()));
}

TEST_F(WaveformFile, ThatIsNoneIsRefused) {
  EXPECT_TRUE(absl::IsNotFound(WaveformFiles::Open(folder_.string()).status()));
  EXPECT_TRUE(absl::IsNotFound(WaveformFiles::Open((folder_ / "x").string()).status()));
  std::ofstream(folder_ / "a.waveforms") << "RIFF";
  auto files = WaveformFiles::Open(folder_.string());
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE(absl::IsDataLoss((*files)->Next().status()));
}

TEST(SpectrumPicture, ShowsTheLargestOfEachColumn) {
  const float values[] = {0, 1, 0, 0, 4, 0, 2, 0};
  EXPECT_EQ(SpectrumPicture(values, 4, 2), "  █ \n▄ ██\n");
  EXPECT_EQ(SpectrumPicture({}, 4, 2), "");
  EXPECT_EQ(SpectrumPicture(std::vector<float>(3, 0.0f), 4, 2), "");
}

TEST(CurvePicture, FillsFromLowestToHighest) {
  const float min[] = {0, -1, 0}, max[] = {0, 1, 0};
  EXPECT_EQ(CurvePicture(min, max, 10, 3), " █ \n███\n █ \n");
}

}  // namespace
}  // namespace auscult::cli
