#include "cli/read_raw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

#include "cli/read_recording.h"
#include "cli/sidecar.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

constexpr char kSidecar[] = R"({"encoding": "int16_le", "rate_hz": 25600, "channels": ["H", "V"],
  "scale": 0.002, "unit": "g", "record_samples": 256, "record_interval_s": 10,
  "start": "2010-12-01T06:00:00Z", "speed_rpm": 1800})";

// Records of 256 frames of two channels: the raw value is 1000 * record + frame, negative for V.
std::string MadeInt16(int records) {
  std::string bytes;
  for (int record = 0; record < records; ++record) {
    for (int frame = 0; frame < 256; ++frame) {
      for (const int sign : {1, -1}) {
        const auto value = static_cast<int16_t>(sign * (1000 * record + frame));
        bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
      }
    }
  }
  return bytes;
}

void WriteGzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
            static_cast<int>(bytes.size()));
  gzclose(file);
}

std::string SidecarError(const std::string& text) {
  const MadeFolder folder;
  const absl::StatusOr<Sidecar> sidecar = ReadSidecar(folder.Write("s.yaml", text));
  EXPECT_FALSE(sidecar.ok()) << text;
  return std::string(sidecar.status().message());
}

TEST(ReadRaw, CutsAFileIntoTheRecordsThatItsSidecarDescribes) {
  const MadeFolder folder;
  const std::string path = folder.Write("b.i16", MadeInt16(5));
  folder.Write("b.i16.json", kSidecar);
  const auto file = OpenRecordFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ((*file)->record_count(), 5);
  EXPECT_EQ((*file)->record_interval_s(), 10);
  const absl::StatusOr<Recording> recording = (*file)->Read(3);
  ASSERT_TRUE(recording.ok());
  ASSERT_EQ(recording->channels.size(), 2u);
  EXPECT_EQ(recording->channels[1].name, "V");
  EXPECT_EQ(recording->channels[1].unit, "g");
  EXPECT_FLOAT_EQ(recording->channels[0].samples[7], 3007 * 0.002f);
  EXPECT_FLOAT_EQ(recording->channels[1].samples[7], -3007 * 0.002f);
  EXPECT_EQ(recording->sample_rate_hz, 25600);
  EXPECT_EQ(recording->speed_rpm, 1800);
  EXPECT_EQ(absl::FormatTime(*recording->measured_at, absl::UTCTimeZone()),
            "2010-12-01T06:00:30+00:00");
}

TEST(ReadRaw, UnpacksGzipAndFindsTheSidecarUnderShorterNames) {
  for (const char* name : {"b.i16.gz.json", "b.i16.yaml", "b.yml"}) {
    SCOPED_TRACE(name);
    const MadeFolder folder;
    WriteGzip(folder.Path("b.i16.gz"), MadeInt16(2));
    folder.Write(name, kSidecar);
    const auto file = OpenRecordFile(folder.Path("b.i16.gz"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ((*file)->record_count(), 2);
  }
}

TEST(ReadRaw, ReadsFloatsAndTakesTheNumberOfRecords) {
  const std::vector<float> samples = MadeSamples(900);
  std::string bytes(samples.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  const MadeFolder folder;
  const std::string path = folder.Write("x.raw", bytes);
  const std::string sidecar =
      folder.Write("other.yaml", "encoding: float32_le\nrate_hz: 1000\nrecords: 3\n");
  const auto file = OpenRecordFile(path, sidecar);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ((*file)->record_count(), 3);
  EXPECT_EQ((*file)->Read(2)->channels[0].samples[0], samples[600]);
}

TEST(ReadRaw, SaysThatAFileDoesNotFitItsDescription) {
  const MadeFolder folder;
  const std::string path = folder.Write("b.i16", MadeInt16(2) + "x");
  folder.Write("b.json", kSidecar);
  const auto file = OpenRecordFile(path);
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("2049 bytes do not divide"));
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("records of 256 samples"));
}

TEST(ReadRaw, SaysThatAGzipFileIsCutOff) {
  const MadeFolder folder;
  WriteGzip(folder.Path("b.i16.gz"), MadeInt16(50));
  const std::string bytes = BytesOf(folder.Path("b.i16.gz"));
  folder.Write("b.i16.gz", bytes.substr(0, bytes.size() / 2));
  folder.Write("b.json", kSidecar);
  const auto file = OpenRecordFile(folder.Path("b.i16.gz"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("damaged or cut off"));
}

TEST(Sidecar, SaysWhereItIsWrongAndWhatWasMeant) {
  EXPECT_THAT(SidecarError("encoding: int16_le\nrate: 5\n"), HasSubstr("s.yaml:2:1: \"rate\""));
  EXPECT_THAT(SidecarError("encoding: int16_le\nrate_hzz: 5\n"), HasSubstr("mean \"rate_hz\""));
  EXPECT_THAT(SidecarError("encoding: int17\n"), HasSubstr("s.yaml:1:11: encoding \"int17\""));
  EXPECT_THAT(SidecarError("rate_hz: 5\n"), HasSubstr("\"encoding\" is missing"));
  EXPECT_THAT(SidecarError("encoding: int16\nrate_hz: fast\n"), HasSubstr("not a number"));
  EXPECT_THAT(SidecarError("encoding: int16\nencoding: int16\n"), HasSubstr("stands twice"));
  EXPECT_THAT(SidecarError("encoding: [\n"), HasSubstr("s.yaml:"));
  EXPECT_THAT(SidecarError("- a\n"), HasSubstr("map of keys"));
  EXPECT_THAT(SidecarError("encoding: int16\nstart: yesterday\n"),
              HasSubstr("2:8: expected a time"));
  EXPECT_THAT(SidecarError("encoding: int16\nrecords: 1.5\n"), HasSubstr("whole number"));
}

TEST(Sidecar, SurvivesDamage) {
  const MadeFolder folder;
  models::Random random(19);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    refused += ReadSidecar(folder.Write("s.json", Damaged(kSidecar, random))).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
}

TEST(OpenRecordFile, NamesAPathThatIsNoFile) {
  const MadeFolder folder;
  EXPECT_THAT(std::string(OpenRecordFile(folder.Path("none.csv")).status().message()),
              HasSubstr("none.csv: No such file"));
  EXPECT_THAT(std::string(OpenRecordFile(folder.Path("")).status().message()),
              HasSubstr("is a folder"));
  EXPECT_FALSE(OpenRecordFile("/dev/zero").ok());
}

TEST(OpenRecordFile, SurvivesAnyBytesUnderAnyName) {
  const MadeFolder folder;
  models::Random random(23);
  for (const char* name : {"x.wav", "x.csv", "x.bin", "x.txt", "x"}) {
    for (int i = 0; i < 60; ++i) {
      std::string bytes(static_cast<size_t>(random.Uniform(0, 3000)), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random.Next());
      const auto file = OpenRecordFile(folder.Write(name, bytes));
      if (file.ok()) continue;
      EXPECT_THAT(std::string(file.status().message()), HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace auscult::cli
