#include "cli/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

TEST(Manifest, FindsColumnsByWhatTheyMeanInAnyOrder) {
  const MadeFolder folder;
  const std::string path = folder.Write(
      "list.csv", "\xEF\xBB\xBFLabel;Sampling Rate;path\r\nnormal;12000; a/b.wav \r\n");
  ASSERT_TRUE(IsManifest(path));
  const absl::StatusOr<NamedTable> manifest = ReadManifest(path);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  ASSERT_EQ(manifest->rows.size(), 1u);
  const NamedRow& row = manifest->rows[0];
  EXPECT_EQ(row.line, 2);
  EXPECT_EQ(row.Text("label"), "normal");
  EXPECT_EQ(row.Text("Label"), "normal");
  EXPECT_EQ(row.Number("sampling_hz"), 12000);
  EXPECT_EQ(FileOfRow(*manifest, row), folder.Path("a/b.wav"));
}

TEST(Manifest, TakesTheColumnThatIsCalledSoBeforeOneThatOnlyMeansIt) {
  const MadeFolder folder;
  const auto manifest = ReadManifest(
      folder.Write("list.csv", "fault,path,label,file\nouter,elsewhere.wav,inner,here.wav\n"));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->rows[0].Text("label"), "inner");
  EXPECT_EQ(FileOfRow(*manifest, manifest->rows[0]), folder.Path("here.wav"));
  EXPECT_EQ(manifest->rows[0].Text("fault"), "outer");
}

TEST(Manifest, KeepsTheRowsBesideOneOfTheWrongLength) {
  const MadeFolder folder;
  const auto manifest =
      ReadManifest(folder.Write("list.csv", "file,label\na,normal\nb\nc,\"inner, outer\"\n"));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  ASSERT_EQ(manifest->rows.size(), 3u);
  EXPECT_EQ(manifest->rows[1].line, 3);
  EXPECT_THAT(manifest->rows[1].problem, HasSubstr("has 1 cells, the header has 2"));
  EXPECT_EQ(manifest->rows[2].Text("label"), "inner, outer");
}

TEST(Manifest, FindsFilesWrittenWithBackslashes) {
  const MadeFolder folder;
  const NamedTable manifest = *ReadManifest(folder.Write("list.csv", "file\na\\b.csv\nc.csv\n"));
  EXPECT_EQ(FileOfRow(manifest, manifest.rows[0]), folder.Path("a/b.csv"));
  EXPECT_EQ(FileOfRow(manifest, manifest.rows[1]), folder.Path("c.csv"));
}

TEST(Manifest, SaysWhatIsNoManifest) {
  const MadeFolder folder;
  EXPECT_FALSE(IsManifest(folder.Write("data.csv", "time,a\n1,2\n")));
  EXPECT_FALSE(IsManifest(folder.Path("none.csv")));
  EXPECT_THAT(std::string(ReadManifest(folder.Path("data.csv")).status().message()),
              HasSubstr("data.csv: no column \"file\""));
  EXPECT_THAT(std::string(ReadManifest(folder.Path("none.csv")).status().message()),
              HasSubstr("none.csv"));
  EXPECT_FALSE(ReadManifest(folder.Write("empty.csv", "")).ok());
  EXPECT_FALSE(ReadManifest(folder.Write("bytes.csv", std::string("file\0\1", 6))).ok());
}

TEST(Manifest, KeepsRowsByTheirText) {
  const MadeFolder folder;
  const NamedTable manifest =
      *ReadManifest(folder.Write("list.csv", "file,rig\na,one\nb,two = 2\n"));
  EXPECT_FALSE(*RowIsWanted(manifest, manifest.rows[0], {"rig=two = 2"}));
  EXPECT_TRUE(*RowIsWanted(manifest, manifest.rows[1], {"rig=two = 2", "dataset=two = 2"}));
  for (const char* condition : {"rig", "nothing=1", ""}) {
    const auto wanted = RowIsWanted(manifest, manifest.rows[0], {condition});
    EXPECT_TRUE(IsWrongUse(wanted.status())) << condition;
    EXPECT_THAT(std::string(wanted.status().message()), HasSubstr("file, rig"));
  }
}

}  // namespace
}  // namespace auscult::cli
