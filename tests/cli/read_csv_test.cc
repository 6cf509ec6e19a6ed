#include "cli/read_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

Recording Read(const std::string& text, const std::string& name = "made.csv") {
  absl::StatusOr<Recording> recording = ReadCsv(text, name);
  EXPECT_TRUE(recording.ok()) << recording.status();
  return recording.ok() ? *std::move(recording) : Recording();
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Recording> recording = ReadCsv(text, "made.csv");
  EXPECT_FALSE(recording.ok());
  return std::string(recording.status().message());
}

TEST(ReadCsv, TakesNamesUnitsAndTheRateFromHeaderAndTimeColumn) {
  std::string text = "Time(sec),I(transf),I(Ampere)\r\n";
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&text, absl::StrFormat("%.17g,%d,%d.5\r\n", -0.5 + i * 0.0002, i, -i));
  }
  const Recording recording = Read(text);
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[0].name, "I(transf)");
  EXPECT_EQ(recording.channels[0].unit, "");
  EXPECT_EQ(recording.channels[1].name, "I");
  EXPECT_EQ(recording.channels[1].unit, "A");
  EXPECT_NEAR(recording.sample_rate_hz, 5000, 1e-6);
  ASSERT_EQ(recording.sample_count(), 500u);
  EXPECT_EQ(recording.channels[1].samples[3], -3.5f);
  EXPECT_EQ(recording.clock_problem, "");
}

TEST(ReadCsv, NeedsNeitherHeaderNorTime) {
  const Recording recording = Read("1.5,2\n-1.5,3\n0,4\n");
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[0].name, "1");
  EXPECT_EQ(recording.sample_rate_hz, 0);
  EXPECT_EQ(recording.channels[0].samples, (std::vector<float>{1.5f, -1.5f, 0}));
}

TEST(ReadCsv, ReadsDecimalCommasBesideSemicolons) {
  const Recording recording = Read(
      "\xEF\xBB\xBFZeit [ms];Beschleunigung [m/s²]\n"
      "0,0;1,25\n0,5;-2,5\n1,0;3\n1,5;4\n2,0;5\n");
  ASSERT_EQ(recording.channels.size(), 1u);
  EXPECT_EQ(recording.channels[0].name, "Beschleunigung");
  EXPECT_EQ(recording.channels[0].unit, "m/s²");
  EXPECT_EQ(recording.channels[0].samples[1], -2.5f);
  EXPECT_NEAR(recording.sample_rate_hz, 2000, 1e-6);
}

TEST(ReadCsv, ReadsEveryUsualDelimiter) {
  for (const char* delimiter : {",", ";", "\t", " ", "   "}) {
    SCOPED_TRACE(absl::StrCat("[", delimiter, "]"));
    std::string text;
    for (int i = 0; i < 20; ++i) absl::StrAppend(&text, i * 0.25, delimiter, -i, "\n");
    const Recording recording = Read(text);
    ASSERT_EQ(recording.channels.size(), 1u);  // the first column rises evenly: it is the time
    EXPECT_EQ(recording.sample_rate_hz, 4);
    EXPECT_EQ(recording.channels[0].samples[19], -19.0f);
  }
}

TEST(ReadCsv, PassesRemarksUnitsRowsCountersAndWords) {
  const Recording recording = Read(
      "# made by a logger\nserial,17,x\n,H,V,state\n-,g,mm/s2,-\n0,1.0,2.0,ok\n1,1.5,2.5,ok\n"
      "2,1.25,2.25,bad\n");
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[0].name, "H");
  EXPECT_EQ(recording.channels[0].unit, "g");
  EXPECT_EQ(recording.channels[1].unit, "mm/s2");
  EXPECT_EQ(recording.sample_rate_hz, 0);
}

TEST(ReadCsv, DropsAnEmptyColumnAtTheRightEdge) {
  EXPECT_EQ(Read("1;2;\n3;4;\n").channels.size(), 2u);
}

TEST(ReadCsv, KeepsAnEmptyCellAsMissing) {
  const Recording recording = Read("a,b\n1,2\n,4\n5,6\n");
  EXPECT_TRUE(std::isnan(recording.channels[0].samples[1]));
}

TEST(ReadCsv, TakesTheTimeOfADatedClock) {
  std::string text = "datetime;a\n";
  for (int i = 0; i < 10; ++i) absl::StrAppend(&text, "2020-03-09 10:14:3", i, ";", i, ".5\n");
  const Recording recording = Read(text);
  EXPECT_EQ(recording.sample_rate_hz, 1);
  ASSERT_TRUE(recording.measured_at);
  EXPECT_EQ(absl::ToUnixSeconds(*recording.measured_at), 1583748870);
}

TEST(ReadCsv, DistrustsAClockThatIsUneven) {
  struct Case {
    const char* name;
    std::vector<double> times;
    const char* problem;
  };
  std::vector<double> gap, back, coarse;
  for (int i = 0; i < 100; ++i) gap.push_back(i * 0.01 + (i > 50 ? 1 : 0));
  for (int i = 0; i < 100; ++i) back.push_back(i == 50 ? 0.1 : i * 0.01);
  for (int second = 0; second < 6; ++second) {
    for (int i = 0; i < 40 + 7 * (second % 2); ++i) coarse.push_back(second);
  }
  for (const Case& c :
       {Case{"gap", gap, "gap of 1.01 s at sample 51"},
        Case{"back", back, "jumps back at sample 50"}, Case{"coarse", coarse, "40 to 47 rows"}}) {
    SCOPED_TRACE(c.name);
    std::string text = "time,a\n";
    for (const double time : c.times) absl::StrAppend(&text, absl::StrFormat("%.6f,1\n", time));
    EXPECT_THAT(Read(text).clock_problem, HasSubstr(c.problem));
  }
}

TEST(ReadCsv, ReadsTheFemtoLayout) {
  std::string text;
  for (int i = 0; i < 2560; ++i) {
    absl::StrAppend(&text, absl::StrFormat("9,39,23,%.4e,%.3f,%.3f\n", 212540 + i * 39.0625,
                                           0.001 * i, -0.002 * i));
  }
  const Recording recording = Read(text, "acc_00432.csv");
  ASSERT_EQ(recording.channels.size(), 2u);
  EXPECT_EQ(recording.channels[0].name, "H");
  EXPECT_EQ(recording.channels[1].unit, "g");
  EXPECT_EQ(recording.sample_rate_hz, 25600);
  EXPECT_EQ(recording.channels[1].samples[1000], -2.0f);
}

TEST(ReadCsv, ReadsTheImsLayoutByTheNameOfTheFile) {
  std::string text;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, "-0.022\t-0.039\t-0.183\t", i, "\n");
  const Recording recording = Read(text, "2003.10.22.12.06.24");
  ASSERT_EQ(recording.channels.size(), 4u);
  EXPECT_EQ(recording.channels[3].name, "B4");
  EXPECT_EQ(recording.sample_rate_hz, 20000);
  EXPECT_EQ(absl::FormatTime(*recording.measured_at, absl::UTCTimeZone()),
            "2003-10-22T12:06:24+00:00");
  // The same table under another name says nothing of rate and time.
  EXPECT_EQ(Read(text, "table.txt").sample_rate_hz, 0);
}

TEST(ReadCsv, SaysWhereATableIsWrong) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf("only words\nand more\n"), HasSubstr("no row of numbers after the 2"));
  EXPECT_THAT(ErrorOf("a,b\n1,2\n3,oops\n"), HasSubstr("line 3, column 2 (b): \"oops\""));
  EXPECT_THAT(ErrorOf("a,b\n1,2\n3\n"), HasSubstr("line 3 has 1 cell(s), line 2 has 2"));
  EXPECT_THAT(ErrorOf(std::string("1,2\n\0\n", 6)), HasSubstr("byte 4 (line 2) is 0"));
  EXPECT_THAT(ErrorOf("\xFF\xFE"
                      "1\n"),
              HasSubstr("UTF-16"));
  EXPECT_THAT(ErrorOf("time\n0\n1\n2\n"), HasSubstr("no column of samples"));
}

TEST(ReadCsv, SurvivesDamage) {
  std::string text = "Time(sec),H (g),V (g)\n";
  for (int i = 0; i < 400; ++i)
    absl::StrAppend(&text, i * 0.001, ",", i % 17, ".25,\"", -i, "\"\n");
  models::Random random(7);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const absl::StatusOr<Recording> recording = ReadCsv(Damaged(text, random), "made.csv");
    refused += recording.ok() ? 0 : 1;
    if (recording.ok()) {
      for (const RecordedChannel& channel : recording->channels) {
        ASSERT_EQ(channel.samples.size(), recording->sample_count());
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace auscult::cli
