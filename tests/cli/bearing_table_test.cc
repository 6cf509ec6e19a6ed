#include "cli/bearing_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/manifest.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

constexpr char kTable[] =
    "bearing,used_in,n_elements,d_mm,D_pitch_mm,contact_deg,BPFO,BPFI,BSF,2xBSF,FTF,source\n"
    "6205,Second set,9,7.94,39.04,0,3.5,5.5,2.3,4.6,0.39,x\n"
    "SKF 6205-2RS JEM,First set drive end,9,7.94,39.04,0,3.5848,5.4152,2.3567,4.7135,0.3983,x\n"
    "SKF 6203-2RS JEM,First set fan end,8,6.746,28.5,0,3.0532,4.9468,1.9940,3.9880,0.3816,x\n"
    "UC204-class,Third,8,7.94,33.5,0,,,,,,by geometry\n"
    "20x32x7 (NSK class),Fourth,13,3.5,25.6,0,5.6113,7.3887,3.5888,7.1776,0.4316,x\n"
    "wind turbine,Fifth,,,,,,,,,,not published\n";

class BearingTableTest : public testing::Test {
 protected:
  std::string NameOf(const std::string& model, const std::string& dataset) {
    const auto bearing = table_.Find(model, dataset);
    return bearing ? bearing->designation : "none";
  }
  const MadeFolder folder_;
  const BearingTable table_ = *BearingTable::Read(folder_.Write("BEARINGS.csv", kTable));
};

TEST_F(BearingTableTest, FindsTheLongestNameThatStandsInTheText) {
  EXPECT_EQ(NameOf("SKF 6205-2RS JEM (DE) / 6203-2RS JEM (FE)", ""), "SKF 6205-2RS JEM");
  EXPECT_EQ(NameOf("skf 6205 2rs-jem", ""), "SKF 6205-2RS JEM");
  EXPECT_EQ(NameOf("FAG 6205", ""), "6205");
  EXPECT_EQ(NameOf("deep-groove 20x32x7, Z=13 d=3.5", ""), "20x32x7 (NSK class)");
  EXPECT_EQ(NameOf("NICE (8 x 0.235 in, pitch 1.245 in)", ""), "NICE");  // of the catalogue
  EXPECT_EQ(NameOf("UER204", ""), "LDK UER204");                         // part of one name only
  EXPECT_EQ(NameOf("6203-2RS", ""), "SKF 6203-2RS JEM");
  EXPECT_EQ(NameOf("SKF", ""), "none");  // of two
  EXPECT_EQ(NameOf("62055", ""), "none");
  EXPECT_EQ(NameOf("", ""), "none");
}

TEST_F(BearingTableTest, TakesTheOnlyBearingOfADatasetWhereTheNameSaysNothing) {
  EXPECT_EQ(NameOf("as above", "Third/variant"), "UC204-class");
  EXPECT_NEAR(table_.Find("as above", "Third")->orders.bpfo, 3.052, 0.001);
  EXPECT_EQ(NameOf("", "First set"), "none");  // two bearings: neither is taken
  EXPECT_EQ(NameOf("", "Fifth"), "none");
}

TEST_F(BearingTableTest, IsFoundBesideAManifestOrOneAbove) {
  std::filesystem::create_directory(folder_.Path("set"));
  EXPECT_EQ(FindBearingTable(folder_.Path("MANIFEST.csv")), folder_.Path("BEARINGS.csv"));
  EXPECT_EQ(FindBearingTable(folder_.Path("set/MANIFEST.csv")), folder_.Path("BEARINGS.csv"));
  const MadeFolder other;
  std::filesystem::create_directories(other.Path("a/b"));
  EXPECT_EQ(FindBearingTable(other.Path("a/b/MANIFEST.csv")), "");
}

TEST_F(BearingTableTest, SaysWhereATableIsWrong) {
  EXPECT_THAT(
      std::string(
          BearingTable::Read(folder_.Write("a.csv", "name,BPFO\nx,1\n")).status().message()),
      HasSubstr("a.csv: no column \"bearing\""));
  EXPECT_THAT(
      std::string(BearingTable::Read(folder_.Write("b.csv", "bearing,BPFO,BPFI\nx,3,5\ny,5,3\n"))
                      .status()
                      .message()),
      HasSubstr("b.csv: line 3: bpfo \"5\" and bpfi \"3\""));
}

TEST_F(BearingTableTest, DerivesWhatARowLeavesOut) {
  const NamedTable rows = *ReadManifest(
      folder_.Write("m.csv", "file,bpfo,bpfi,bsf,ftf\na,3.0532,4.9468,,\nb,,,,\nc,3,5,x,\n"));
  const auto orders = OrdersOfRow(rows.rows[0]);
  ASSERT_TRUE(orders.ok() && orders->has_value());
  EXPECT_NEAR((*orders)->bsf, 1.994, 0.001);
  EXPECT_NEAR((*orders)->ftf, 0.3816, 0.0001);
  EXPECT_FALSE(OrdersOfRow(rows.rows[1])->has_value());
  EXPECT_THAT(std::string(OrdersOfRow(rows.rows[2]).status().message()), HasSubstr("bsf \"x\""));
}

}  // namespace
}  // namespace auscult::cli
