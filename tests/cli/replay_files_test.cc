#include "cli/replay_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/file_source.h"
#include "cli/manifest.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

constexpr char kManifest[] =
    "file,dataset,record_id,channel,sampling_hz,rpm,label\n"
    "a/105.mat,CWRU,105,DE,12000,1797,inner\n"
    "a/105.mat,CWRU,105,FE,12000,1797,inner\n"
    "b/x.csv,Other set,\"Run 1, late\",H,\"unstated (~4267)\",,normal\n";

TEST(ReplayFiles, ListsFilesWithWhereTheyGo) {
  const MadeFolder folder;
  const std::string path = folder.Write("MANIFEST.csv", kManifest);
  ASSERT_TRUE(IsManifest(path));
  SendOptions send;
  send.point = "lab/{dataset}/{record_id}";
  const auto files = ReplayFilesOf(path, send, {});
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 2u);  // the rows of two channels are one recording
  EXPECT_EQ((*files)[0].path, folder.Path("a/105.mat"));
  EXPECT_EQ((*files)[0].send.point, "lab/cwru/105");
  EXPECT_EQ((*files)[0].send.rate_hz, 12000);
  // rpm is nominal in such lists: it is not sent as measured.
  EXPECT_TRUE(std::isnan((*files)[0].send.speed_rpm));
  EXPECT_EQ((*files)[1].send.point, "lab/other-set/run-1-late");
  EXPECT_EQ((*files)[1].send.rate_hz, 0);
}

TEST(ReplayFiles, KeepsTheRowsThatAreAskedFor) {
  const MadeFolder folder;
  const std::string path = folder.Write("MANIFEST.csv", kManifest);
  SendOptions send;
  send.point = "lab/x/y";
  const auto files = ReplayFilesOf(path, send, {"label=normal"});
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 1u);
  EXPECT_THAT(std::string(ReplayFilesOf(path, send, {"label=none"}).status().message()),
              HasSubstr("lists no file that --where keeps"));
}

TEST(ReplayFiles, SaysWhatItCannotUse) {
  const MadeFolder folder;
  const std::string path = folder.Write("MANIFEST.csv", kManifest);
  SendOptions send;
  EXPECT_TRUE(IsWrongUse(ReplayFilesOf(path, send, {}).status()));  // no point
  send.point = "lab/{nothing}/x";
  EXPECT_THAT(std::string(ReplayFilesOf(path, send, {}).status().message()),
              HasSubstr("no column \"nothing\""));
  send.point = "lab/x/y";
  EXPECT_TRUE(IsWrongUse(ReplayFilesOf(path, send, {"label"}).status()));
  EXPECT_TRUE(IsWrongUse(ReplayFilesOf(path, send, {"nothing=1"}).status()));
  const std::string broken = folder.Write("broken.csv", "file,measured_at\nx\n");
  EXPECT_THAT(std::string(ReplayFilesOf(broken, send, {}).status().message()),
              HasSubstr("broken.csv: line 2 has 1 cells"));
  const std::string timeless = folder.Write("timeless.csv", "file,measured_at\nx,noon\n");
  EXPECT_THAT(std::string(ReplayFilesOf(timeless, send, {}).status().message()),
              HasSubstr("line 2, column 2: \"noon\""));
  EXPECT_FALSE(IsManifest(folder.Write("data.csv", "time,a\n1,2\n")));
}

std::string SmallTable() {
  std::string text = "a (g)\n";
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, i % 7, ".5\n");
  return text;
}

std::vector<int64_t> SecondsOf(FileSource& source) {
  std::vector<int64_t> seconds;
  while (true) {
    const auto waveform = source.Next();
    EXPECT_TRUE(waveform.ok()) << waveform.status();
    if (!waveform.ok() || !waveform->has_value()) return seconds;
    seconds.push_back((*waveform)->measured_at().seconds());
  }
}

TEST(FileSource, GivesRecordsWithoutTimeAnIntervalThatEndsNow) {
  const MadeFolder folder;
  for (const char* name : {"2.csv", "1.csv", "3.csv", ".hidden", "notes.md"}) {
    folder.Write(name, SmallTable());
  }
  SendOptions send;
  send.point = "p";
  send.rate_hz = 1000;
  auto files = FilesOfFolder(folder.Path(""), send);
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 3u);
  ReplayClock clock;
  clock.interval_s = 100;
  FileSource source(*files, "", clock);
  EXPECT_EQ(source.record_count(), 3);
  const std::vector<int64_t> seconds = SecondsOf(source);
  ASSERT_EQ(seconds.size(), 3u);
  EXPECT_EQ(seconds[2] - seconds[0], 200);
  EXPECT_LE(std::abs(seconds[2] - absl::ToUnixSeconds(absl::Now())), 60);

  clock.start = absl::FromUnixSeconds(5000);
  FileSource from_start(*files, "", clock);
  EXPECT_EQ(SecondsOf(from_start), (std::vector<int64_t>{5000, 5100, 5200}));
}

TEST(FileSource, TakesTheTimeThatTheNameOfAFileSays) {
  const MadeFolder folder;
  std::string text;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, "1\t2\t3\t4\n");
  folder.Write("2003.10.22.12.06.24", text);
  SendOptions send;
  send.point = "p";
  const std::vector<ReplayFile> files = *FilesOfFolder(folder.Path(""), send);
  FileSource source(files, "", {});
  EXPECT_EQ(SecondsOf(source), std::vector<int64_t>{1066824384});
  // The 2,000 rpm of the test plan are not sent as measured.
  FileSource again(files, "", {});
  EXPECT_FALSE((*again.Next())->conditions().has_speed_rpm());
}

TEST(FileSource, GoesOnBehindAFileThatCannotBeRead) {
  const MadeFolder folder;
  folder.Write("1.csv", "nothing\n");
  folder.Write("2.csv", SmallTable());
  SendOptions send;
  send.point = "p";
  send.rate_hz = 1000;
  FileSource source(*FilesOfFolder(folder.Path(""), send), "", {});
  EXPECT_FALSE(source.Next().ok());
  EXPECT_TRUE(source.Next().value().has_value());
  EXPECT_FALSE(source.Next().value().has_value());
}

TEST(FileSource, NeedsARate) {
  const MadeFolder folder;
  SendOptions send;
  send.point = "p";
  FileSource source({{folder.Write("1.csv", SmallTable()), send, {}}}, "", {});
  const auto waveform = source.Next();
  EXPECT_TRUE(IsWrongUse(waveform.status()));
  EXPECT_THAT(std::string(waveform.status().message()), HasSubstr("--rate-hz"));
}

}  // namespace
}  // namespace auscult::cli
