#include "server/names.h"

#include <gtest/gtest.h>

#include "server/errors.h"

namespace auscult::server {
namespace {

TEST(Names, AreParsedAndWrittenTheSame) {
  EXPECT_EQ(SiteResource(ParseSiteName("sites/hamburg").value()), "sites/hamburg");
  const AssetName asset = ParseAssetName("sites/h-1/assets/2pump").value();
  EXPECT_EQ(AssetResource(asset.site, asset.asset), "sites/h-1/assets/2pump");
  const PointName point = ParsePointName("sites/a/assets/b/points/c").value();
  EXPECT_EQ(PointResource(point.site, point.asset, point.point), "sites/a/assets/b/points/c");
  EXPECT_EQ(ParseBearingName("bearings/skf-6205").value().site, "");
  const BearingName own = ParseBearingName("sites/a/bearings/b").value();
  EXPECT_EQ(BearingResource(own.site, own.bearing), "sites/a/bearings/b");
  EXPECT_EQ(BearingResource("", "x"), "bearings/x");
}

TEST(Names, OfWrongFormAreRefusedWithTheFormExpected) {
  const std::string long_id(64, 'a');
  for (const std::string& name :
       {std::string(), std::string("hamburg"), std::string("sites/"), std::string("sites/Hamburg"),
        std::string("sites/a/"), std::string("/sites/a"), std::string("sites/-a"),
        std::string("sites/a b"), std::string("sites/ä"), std::string("sites/a;drop table site"),
        std::string("sites/a\0b", 9), std::string("sites/.."), std::string("sites/-"),
        "sites/" + long_id}) {
    SCOPED_TRACE(name);
    const absl::Status status = ParseSiteName(name, false, "parent").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(status), "MALFORMED_NAME");
    EXPECT_NE(std::string(status.message()).find("sites/{site}"), std::string::npos);
    EXPECT_EQ(ToRejection(status).field(), "parent");
  }
  EXPECT_FALSE(ParsePointName("sites/a/assets/b").ok());
  EXPECT_FALSE(ParsePointName("sites/a/points/b/assets/c").ok());
  EXPECT_TRUE(ParseSiteName("sites/" + std::string(63, 'a')).ok());
}

TEST(Names, TakeTheWildcardOnlyLastAndWhereItIsAllowed) {
  EXPECT_EQ(ParseSiteName("sites/-", true).value(), "-");
  EXPECT_EQ(ParseAssetName("sites/a/assets/-", true).value().asset, "-");
  EXPECT_FALSE(ParseAssetName("sites/-/assets/-", true).ok());
  EXPECT_FALSE(ParseAssetName("sites/a/assets/-").ok());
}

TEST(Names, AreQuotedWithoutBreakingCharactersOrLines) {
  EXPECT_EQ(Quoted("pump"), "\"pump\"");
  EXPECT_EQ(Quoted("a\nb"), "\"a\\nb\"");
  EXPECT_EQ(Quoted("Lüfter"), "\"Lüfter\"");
  // 40 characters of two bytes fit; one byte before them moves the cut into a character.
  std::string umlauts = "x";
  for (int i = 0; i < 60; ++i) umlauts += "ü";
  const std::string quoted = Quoted(umlauts);
  EXPECT_EQ(quoted.size(), 1 + 79 + 3 + 1u);
  EXPECT_TRUE(quoted.ends_with("ü...\""));
}

}  // namespace
}  // namespace auscult::server
