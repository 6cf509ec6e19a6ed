#include "cli/read_mat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <matio.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "cli/isolated_read.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

// A MATLAB file in the making, through the same library that reads it.
class MadeMat {
 public:
  MadeMat(const std::string& path, mat_ft version)
      : file_(Mat_CreateVer(path.c_str(), nullptr, version)),
        compression_(version == MAT_FT_MAT5 ? MAT_COMPRESSION_ZLIB : MAT_COMPRESSION_NONE) {
    if (file_ == nullptr) std::abort();
  }
  ~MadeMat() { Mat_Close(file_); }
  MadeMat(const MadeMat&) = delete;
  MadeMat& operator=(const MadeMat&) = delete;

  void Add(const char* name, const std::vector<double>& values, size_t columns = 1) {
    size_t dims[2] = {values.size() / columns, columns};
    Write(Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, Pointer(values.data()), 0));
  }

  void AddInteger(const char* name, uint16_t value) {
    size_t dims[2] = {1, 1};
    Write(Mat_VarCreate(name, MAT_C_UINT16, MAT_T_UINT16, 2, dims, &value, 0));
  }

  void AddText(const char* name, const std::string& text) {
    size_t dims[2] = {1, text.size()};
    Write(Mat_VarCreate(name, MAT_C_CHAR, MAT_T_UTF8, 2, dims, Pointer(text.data()), 0));
  }

  // As the files of MFPT: sr and rate in Hz, gs in g.
  void AddMfptStruct(const std::vector<double>& samples) {
    const char* fields[] = {"rate", "load", "gs", "sr"};
    size_t one[2] = {1, 1};
    size_t many[2] = {samples.size(), 1};
    const double rate = 25, load = 300, sr = 48828;
    matvar_t* bearing = Mat_VarCreateStruct("bearing", 2, one, fields, 4);
    Mat_VarSetStructFieldByName(bearing, "rate", 0, Number("rate", one, &rate));
    Mat_VarSetStructFieldByName(bearing, "load", 0, Number("load", one, &load));
    Mat_VarSetStructFieldByName(bearing, "gs", 0, Number("gs", many, samples.data()));
    Mat_VarSetStructFieldByName(bearing, "sr", 0, Number("sr", one, &sr));
    Write(bearing);
  }

 private:
  // libmatio copies what it is given by mutable pointer.
  static void* Pointer(const void* data) { return const_cast<void*>(data); }

  static matvar_t* Number(const char* name, size_t* dims, const double* values) {
    return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, Pointer(values), 0);
  }

  void Write(matvar_t* variable) {
    if (variable == nullptr || Mat_VarWrite(file_, variable, compression_) != 0) std::abort();
    Mat_VarFree(variable);
  }

  mat_t* const file_;
  const matio_compression compression_;
};

std::vector<double> Doubles(int count, uint64_t seed) {
  const std::vector<float> samples = MadeSamples(count, 0.01, seed);
  return {samples.begin(), samples.end()};
}

class ReadMatOf : public testing::TestWithParam<mat_ft> {
 protected:
  Recording Read() {
    absl::StatusOr<Recording> recording = ReadMat(path_);
    EXPECT_TRUE(recording.ok()) << recording.status();
    return recording.ok() ? *std::move(recording) : Recording();
  }

  const MadeFolder folder_;
  const std::string path_ = folder_.Path("made.mat");
};

TEST_P(ReadMatOf, KnowsTheNamesOfCwru) {
  const std::vector<double> drive_end = Doubles(1000, 1), fan_end = Doubles(1000, 2);
  {
    MadeMat mat(path_, GetParam());
    mat.Add("X105_DE_time", drive_end);
    mat.Add("X105_FE_time", fan_end);
    mat.AddInteger("X105RPM", 1797);
  }
  const Recording recording = Read();
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[0].name, "DE");
  EXPECT_EQ(recording.channels[0].unit, "g");
  EXPECT_EQ(recording.channels[1].samples[999], static_cast<float>(fan_end[999]));
  EXPECT_EQ(recording.speed_rpm, 1797);
  EXPECT_FALSE(recording.speed_is_nominal);
  EXPECT_EQ(recording.sample_rate_hz, 0);
}

TEST_P(ReadMatOf, KnowsTheStructOfMfpt) {
  const std::vector<double> samples = Doubles(2000, 3);
  MadeMat(path_, GetParam()).AddMfptStruct(samples);
  const Recording recording = Read();
  ASSERT_EQ(recording.channels.size(), 1u);
  EXPECT_EQ(recording.channels[0].unit, "g");
  EXPECT_EQ(recording.sample_rate_hz, 48828);
  EXPECT_EQ(recording.speed_rpm, 1500);
  EXPECT_TRUE(recording.speed_is_nominal);
  EXPECT_EQ(recording.channels[0].samples[17], static_cast<float>(samples[17]));
}

TEST_P(ReadMatOf, KnowsTheNamesOfUestcAndPassesTexts) {
  {
    MadeMat mat(path_, GetParam());
    mat.AddInteger("SampleFrequency", 20000);
    mat.AddText("StartTime", "19-23 00:00");
    mat.Add("Data", Doubles(1500, 4));
  }
  const Recording recording = Read();
  ASSERT_EQ(recording.channels.size(), 1u);
  EXPECT_EQ(recording.sample_rate_hz, 20000);
  EXPECT_EQ(recording.sample_count(), 1500u);
}

TEST_P(ReadMatOf, TakesMatrixColumnsAsChannelsAndATimeVectorAsClock) {
  std::vector<double> time(600);
  for (size_t i = 0; i < time.size(); ++i) time[i] = static_cast<double>(i) / 2560;
  const std::vector<double> both = Doubles(1200, 5);
  {
    MadeMat mat(path_, GetParam());
    mat.Add("t", time);
    mat.Add("acc", both, 2);
  }
  const Recording recording = Read();
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[1].name, "acc.2");
  EXPECT_EQ(recording.channels[1].samples[0], static_cast<float>(both[600]));
  EXPECT_NEAR(recording.sample_rate_hz, 2560, 1e-6);
}

TEST_P(ReadMatOf, ListsTheVariablesWhereNoneIsARecording) {
  {
    MadeMat mat(path_, GetParam());
    mat.AddInteger("X", 1);
    mat.AddText("remark", "nothing here");
  }
  const absl::StatusOr<Recording> recording = ReadMat(path_);
  ASSERT_FALSE(recording.ok());
  EXPECT_THAT(std::string(recording.status().message()), HasSubstr("X (1x1)"));
  EXPECT_THAT(std::string(recording.status().message()), HasSubstr("remark"));
}

TEST_P(ReadMatOf, SurvivesDamage) {
  {
    MadeMat mat(path_, GetParam());
    mat.Add("X105_DE_time", Doubles(500, 6));
    mat.AddMfptStruct(Doubles(400, 7));
    mat.AddInteger("X105RPM", 1797);
  }
  const std::string bytes = BytesOf(path_);
  models::Random random(13);
  int refused = 0;
  for (int i = 0; i < 150; ++i) {
    const absl::StatusOr<Recording> recording =
        ReadMat(folder_.Write("damaged.mat", Damaged(bytes, random)));
    refused += recording.ok() ? 0 : 1;
    ASSERT_TRUE(!recording.ok() || recording->sample_count() > 0);
  }
  EXPECT_GT(refused, 20);
}

INSTANTIATE_TEST_SUITE_P(Versions, ReadMatOf, testing::Values(MAT_FT_MAT5, MAT_FT_MAT73),
                         [](const auto& version) {
                           return version.param == MAT_FT_MAT5 ? "V5" : "V73";
                         });

TEST(ReadMat, SaysThatAFileIsCutOff) {
  const MadeFolder folder;
  const std::string path = folder.Path("made.mat");
  MadeMat(path, MAT_FT_MAT5).Add("Data", Doubles(1000, 8));
  const std::string bytes = BytesOf(path);
  const absl::StatusOr<Recording> recording =
      ReadMat(folder.Write("cut.mat", bytes.substr(0, bytes.size() - 100)));
  ASSERT_FALSE(recording.ok());
  EXPECT_THAT(std::string(recording.status().message()),
              HasSubstr(absl::StrCat("should have ", bytes.size(), " bytes")));
}

TEST(ReadIsolated, TurnsACrashIntoAnError) {
  const absl::StatusOr<Recording> recording =
      ReadIsolated([]() -> absl::StatusOr<Recording> { std::abort(); });
  ASSERT_FALSE(recording.ok());
  EXPECT_EQ(recording.status().code(), absl::StatusCode::kDataLoss);
}

TEST(ReadIsolated, BringsRecordingsAndErrorsBackAsTheyAre) {
  Recording made;
  made.source = "x";
  made.channels = {{"H", "g", MadeSamples(300)}, {"V", "", MadeSamples(300, 0.1)}};
  made.sample_rate_hz = 25600;
  made.measured_at = absl::FromUnixSeconds(1000);
  made.clock_problem = "why";
  const absl::StatusOr<Recording> back = ReadIsolated([&] { return made; });
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(SerializeRecording(*back), SerializeRecording(made));
  EXPECT_EQ(back->channels[1].samples, made.channels[1].samples);

  const absl::Status error = absl::InvalidArgumentError("variable x is no good");
  EXPECT_EQ(ReadIsolated([&]() -> absl::StatusOr<Recording> { return error; }).status(), error);
}

TEST(ReadIsolated, TrustsNothingThatComesBack) {
  Recording made;
  made.channels = {{"H", "g", MadeSamples(300)}};
  const std::string bytes = SerializeRecording(made);
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_FALSE(ParseRecording(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  models::Random random(17);
  for (int i = 0; i < 2000; ++i) {
    const absl::StatusOr<Recording> parsed = ParseRecording(Damaged(bytes, random));
    ASSERT_TRUE(!parsed.ok() || !parsed->channels.empty());
  }
}

}  // namespace
}  // namespace auscult::cli
