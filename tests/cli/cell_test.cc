#include "cli/cell.h"

#include <gtest/gtest.h>

#include <cmath>

namespace auscult::cli {
namespace {

TEST(Number, IsReadInEveryUsualForm) {
  EXPECT_EQ(ParseNumber("1.5"), 1.5);
  EXPECT_EQ(ParseNumber(" -2.1254e+05 "), -212540.0);
  EXPECT_EQ(ParseNumber("+3"), 3.0);
  EXPECT_EQ(ParseNumber(".5"), 0.5);
  EXPECT_EQ(ParseNumber("1,5", true), 1.5);
  EXPECT_TRUE(std::isnan(*ParseNumber("nan")));
  EXPECT_EQ(ParseNumber("1e-400"), 0.0);
  EXPECT_TRUE(std::isinf(*ParseNumber("1e400")));
}

TEST(Number, IsNotSeenInOtherText) {
  for (const char* text : {"", " ", "abc", "1.5x", "1,5", "0x10", "1 2", "--1", "1e", "12:30"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseNumber(text));
  }
  EXPECT_FALSE(ParseNumber("1.5", true));
  EXPECT_FALSE(ParseNumber(std::string(1000, '1')));
}

TEST(Clock, GivesSecondsOfDayOrOfTheEpoch) {
  EXPECT_EQ(ParseClock("13:28:15.25"), 13 * 3600 + 28 * 60 + 15.25);
  EXPECT_EQ(ParseClock("00:01"), 60.0);
  EXPECT_EQ(ParseClock("1970-01-02 00:00:01"), 86401.0);
  EXPECT_EQ(ParseClock("2020-03-09T10:14:33Z"), 1583748873.0);
  EXPECT_EQ(ParseClock("2020/03/09 10:14:33"), 1583748873.0);
}

TEST(Clock, IsNotSeenInOtherText) {
  for (const char* text : {"", "10", "25:00:00", "10:61", "2020-13-01 00:00:00", "1:2:3:4", "a:b",
                           "2021-02-29 00:00:00", "2020-03-09", "1.5:30"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseClock(text));
  }
}

TEST(SplitUnit, TakesKnownUnitsOutOfBrackets) {
  struct Case {
    const char* header;
    const char* name;
    const char* unit;
  };
  for (const Case& c :
       {Case{"Ia (A)", "Ia", "A"}, Case{"I(Ampere)", "I", "A"}, Case{"H [g]", "H", "g"},
        Case{"Time(sec)", "Time", "sec"}, Case{"I(transf)", "I(transf)", ""}, Case{"x", "x", ""},
        Case{"v (mm/s)", "v", "mm/s"}, Case{"", "", ""}, Case{")", ")", ""}}) {
    SCOPED_TRACE(c.header);
    const NameAndUnit split = SplitUnit(c.header);
    EXPECT_EQ(split.name, c.name);
    EXPECT_EQ(split.unit, c.unit);
  }
}

}  // namespace
}  // namespace auscult::cli
