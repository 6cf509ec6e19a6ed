#include "server/rest/entity_tag.h"

#include <gtest/gtest.h>

#include "auscult/v1/resources.pb.h"
#include "server/rest/media_type.h"

namespace auscult::rest {
namespace {

TEST(EntityTag, ChangesWithTheContentAndKeepsTheEtag) {
  v1::Site site;
  site.set_etag("\"00ff\"");
  const std::string tag = EntityTag(site, "a");
  EXPECT_TRUE(tag.starts_with("\"00ff.")) << tag;
  EXPECT_NE(tag, EntityTag(site, "b"));
  EXPECT_EQ(ResourceEtag(tag), "00ff");
  EXPECT_EQ(ResourceEtag("W/" + tag), "00ff");
  EXPECT_EQ(ResourceEtag("\"00ff\""), "00ff");
  EXPECT_EQ(ResourceEtag("00ff"), "00ff");
  EXPECT_EQ(ResourceEtag("*"), "*");
}

TEST(EntityTag, IsFoundInAList) {
  EXPECT_TRUE(MatchesAny("\"x\", W/\"y\"", "\"y\""));
  EXPECT_TRUE(MatchesAny("*", "\"y\""));
  EXPECT_FALSE(MatchesAny("", "\"y\""));
  EXPECT_FALSE(MatchesAny(", \"\"", "\"y\""));
}

TEST(ChooseMediaType, FollowsTheHeader) {
  const std::vector<std::string> offered = {kJson, kCsv, kOctets};
  EXPECT_EQ(ChooseMediaType("", offered), kJson);
  EXPECT_EQ(ChooseMediaType("*/*", offered), kJson);
  EXPECT_EQ(ChooseMediaType("text/*", offered), kCsv);
  EXPECT_EQ(ChooseMediaType("TEXT/CSV; charset=utf-8", offered), kCsv);
  EXPECT_EQ(ChooseMediaType("application/json;q=0.5, application/octet-stream;q=0.9", offered),
            kOctets);
  EXPECT_EQ(ChooseMediaType("*/*, application/json;q=0", offered), kCsv);
  EXPECT_EQ(ChooseMediaType("text/html", offered), std::nullopt);
  EXPECT_EQ(ChooseMediaType("application/json;q=0", offered), std::nullopt);
  EXPECT_EQ(ChooseMediaType("application/json;q=bad", offered), std::nullopt);
  EXPECT_EQ(ChooseMediaType(",,;q=1,/", offered), std::nullopt);
  EXPECT_TRUE(NamesMediaType("a/b, application/problem+json", kProblemJson));
  EXPECT_FALSE(NamesMediaType("*/*", kProblemJson));
}

}  // namespace
}  // namespace auscult::rest
