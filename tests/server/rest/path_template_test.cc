#include "server/rest/path_template.h"

#include <gtest/gtest.h>

#include "server/rest/percent_code.h"

namespace auscult::rest {
namespace {

TEST(PathTemplate, RefusesWhatTheGrammarDoesNotHave) {
  for (const char* text :
       {"", "v1/sites", "/", "/v1//sites", "/v1/{", "/v1/{}", "/v1/{name", "/v1/{name=}",
        "/v1/{name=sites/*", "/v1/{name={inner}}", "/v1/a*b", "/v1/**/sites", "/v1/{a=**}/{b=*}",
        "/v1/sites:", "/v1/sites:a/b", "/v1/sites:a:b", "/v1/%zz", "/v1/sites}"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParsePathTemplate(text).ok());
  }
}

TEST(PathTemplate, ReadsSegmentsVariablesAndVerb) {
  const auto path = ParsePathTemplate("/v1/{plant.site.name=sites/*/assets/**}:queryTrend");
  ASSERT_TRUE(path.ok()) << path.status();
  ASSERT_EQ(path->segments.size(), 5u);
  EXPECT_EQ(path->segments[0].literal, "v1");
  EXPECT_EQ(path->segments[2].kind, PathTemplate::Kind::kOne);
  EXPECT_EQ(path->segments[4].kind, PathTemplate::Kind::kRest);
  ASSERT_EQ(path->variables.size(), 1u);
  EXPECT_EQ(path->variables[0].field_path, "plant.site.name");
  EXPECT_EQ(path->variables[0].first, 1u);
  EXPECT_EQ(path->variables[0].end, 5u);
  EXPECT_EQ(path->verb, "queryTrend");
  EXPECT_EQ(ParsePathTemplate("/v1/{name}")->segments[1].kind, PathTemplate::Kind::kOne);
  EXPECT_EQ(ParsePathTemplate("/v1/a%20b")->segments[1].literal, "a b");
}

TEST(PercentDecode, RefusesWhatIsNoEncoding) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4z"})
    EXPECT_FALSE(PercentDecode(text)) << text;
  EXPECT_EQ(PercentDecode("a%2Fb%2f+%C3%A4"), "a/b/+\xC3\xA4");
  EXPECT_EQ(PercentDecode("a%2Fb%2f%20", true), "a%2Fb%2f ");
}

TEST(ParseQuery, SplitsBeforeItDecodes) {
  const auto query = ParseQuery("a=1%262&&b+c=d+e&f&g==");
  ASSERT_TRUE(query);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(*query, (std::vector<Pair>{{"a", "1&2"}, {"b c", "d e"}, {"f", ""}, {"g", "="}}));
  EXPECT_FALSE(ParseQuery("a=%f"));
  EXPECT_TRUE(ParseQuery("")->empty());
}

TEST(IsUtf8, KnowsOverlongFormsSurrogatesAndTheEnd) {
  for (const char* text : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\x80", "\xC3", "a\xE2\x82", "\xFF"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
  EXPECT_TRUE(IsUtf8("plain \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x94\xA7 \xF4\x8F\xBF\xBF"));
  EXPECT_TRUE(IsUtf8(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace auscult::rest
