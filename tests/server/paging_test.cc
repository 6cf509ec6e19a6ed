#include "server/paging.h"

#include <gtest/gtest.h>

#include "server/errors.h"

namespace auscult::server {
namespace {

TEST(Paging, SizeHasADefaultAndAMaximumAndIsNeverNegative) {
  EXPECT_EQ(PageSize(0).value(), 100);
  EXPECT_EQ(PageSize(7).value(), 7);
  EXPECT_EQ(PageSize(1000000).value(), 1000);
  EXPECT_EQ(ReasonOf(PageSize(-1).status()), "BAD_PAGE_SIZE");
}

TEST(Paging, TokenGivesBackWhatItWasMadeOf) {
  for (const std::vector<std::string>& cursor :
       {std::vector<std::string>{"a"}, {"", ""}, {"3:x", std::string("\0\xff", 2), "Lüfter"}}) {
    EXPECT_EQ(ParsePageToken(MakePageToken("list", cursor), "list", cursor.size()).value(), cursor);
  }
}

TEST(Paging, EmptyTokenAsksForTheFirstPage) {
  EXPECT_EQ(ParsePageToken("", "list", 2).value(), std::vector<std::string>(2));
}

TEST(Paging, TokenOfAnotherListOrAlteredIsRefused) {
  const std::string token = MakePageToken("assets of a", {"pump", "7"});
  EXPECT_FALSE(ParsePageToken(token, "assets of b", 2).ok());
  EXPECT_FALSE(ParsePageToken(token, "assets of a", 1).ok());
  for (size_t i = 0; i < token.size(); ++i) {
    SCOPED_TRACE(i);
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    const auto parsed = ParsePageToken(altered, "assets of a", 2);
    // The last character may carry bits that stand for nothing.
    if (parsed.ok()) {
      EXPECT_EQ(*parsed, (std::vector<std::string>{"pump", "7"}));
    } else {
      EXPECT_EQ(ReasonOf(parsed.status()), "BAD_PAGE_TOKEN");
    }
    EXPECT_TRUE(!parsed.ok() || i + 1 == token.size());
  }
  for (const std::string& junk : {std::string("x"), std::string("!!!!"), std::string(10000, 'A')}) {
    EXPECT_FALSE(ParsePageToken(junk, "assets of a", 2).ok());
  }
}

}  // namespace
}  // namespace auscult::server
