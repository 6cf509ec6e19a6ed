#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <sstream>

#include "cli/nearest_name.h"
#include "cli/number_format.h"
#include "cli/ordered_production.h"
#include "cli/progress.h"
#include "cli/sparkline.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

TEST(NearestName, FindsWhatWasMeant) {
  const std::vector<std::string> known = {"rated_power_kw", "rated_speed_rpm", "foundation"};
  EXPECT_EQ(NearestName("rated_power", known), "rated_power_kw");
  EXPECT_EQ(NearestName("fundation", known), "foundation");
  EXPECT_EQ(NearestName("fuondation", known), "foundation");
  EXPECT_EQ(NearestName("Rated_Speed_RPM", known), "rated_speed_rpm");
  EXPECT_EQ(NearestName("colour", known), "");
  EXPECT_EQ(NearestName("", known), "");
  EXPECT_EQ(NearestName(std::string(5000, 'x'), known), "");
}

TEST(Table, AlignsByWhatATerminalShows) {
  Table table({{"name"}, {"value", Align::kRight}, {""}});
  table.AddRow({"Lüfter", "7", "A"});
  table.AddRow({Coloured("pump", Colour::kRed, true), "12,000", ""});
  EXPECT_EQ(table.Render(),
            "name     value\n"
            "Lüfter       7  A\n"
            "\x1b[1;31mpump\x1b[0m    12,000\n");
}

TEST(Table, HasNoTitleLineWithoutTitles) {
  Table table({{""}, {""}});
  table.AddRow({"a", "b"});
  EXPECT_EQ(table.Render(2), "  a  b\n");
}

TEST(Wrap, BreaksBetweenWords) {
  EXPECT_EQ(Wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(Wrap("unbreakable", 4), (std::vector<std::string>{"unbreakable"}));
  EXPECT_EQ(Wrap("", 4), (std::vector<std::string>{""}));
}

TEST(Coloured, IsPlainWhereColoursAreNotWelcome) {
  EXPECT_EQ(Coloured("x", Colour::kRed, false), "x");
}

TEST(Sparkline, SpansLowestToHighest) {
  const std::vector<float> values = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(Sparkline(values), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(Sparkline(std::vector<float>{5, 5}), "▅▅");
  EXPECT_EQ(Sparkline(std::vector<float>{0, std::nanf(""), 1}), "▁ █");
  EXPECT_EQ(Sparkline({}), "");
}

TEST(Sparkline, AveragesNeighboursToFit) {
  EXPECT_EQ(Sparkline(std::vector<float>{0, 0, 7, 7}, 2), "▁█");
  EXPECT_EQ(ShownWidth(Sparkline(std::vector<float>(1000, 1.0f), 60)), 60u);
}

TEST(Numbers, ShowWhatMatters) {
  EXPECT_EQ(Shown(0.412345), "0.4123");
  EXPECT_EQ(Shown(1797.4), "1797");
  EXPECT_EQ(Shown(0), "0");
  EXPECT_EQ(Shown(1.5e-7), "1.5e-07");
  EXPECT_EQ(Shown(std::nan("")), "-");
  EXPECT_EQ(ShownCount(0), "0");
  EXPECT_EQ(ShownCount(999), "999");
  EXPECT_EQ(ShownCount(1234567), "1,234,567");
  EXPECT_EQ(ShownCount(-1234), "-1,234");
  EXPECT_EQ(Shortest(0.41f), 0.41);
}

TEST(Progress, ShowsShareRateAndTimeToGo) {
  EXPECT_EQ(Progress::Line(250, 1000, 5, 80),
            "[#######.......................]  25 %  250 of 1,000, 50 records/s, 15 s to go");
  EXPECT_EQ(Progress::Line(250, 0, 5, 80), "250, 50 records/s");
  EXPECT_EQ(Progress::Line(0, 10, 0, 10), "[]   0 %  0 of 10, 0 records/s");
}

TEST(Progress, WritesNothingWhereNobodyLooks) {
  std::ostringstream out, err;
  const Terminal terminal{.out = out, .err = err};
  {
    Progress progress(terminal, 10);
    progress.Show(5);
  }
  EXPECT_EQ(err.str(), "");
}

TEST(Progress, TakesItsLineAwayAtTheEnd) {
  std::ostringstream out, err;
  const Terminal terminal{.out = out, .err = err, .err_is_terminal = true};
  {
    Progress progress(terminal, 10);
    progress.Show(5);
    progress.Show(6);  // too soon to be drawn
  }
  const std::string text = err.str();
  EXPECT_EQ(text.find("5 of 10"), text.rfind("5 of 10"));
  EXPECT_EQ(text.find("6 of 10"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(OrderedProduction, HandsOutInOrderWhatManyThreadsMake) {
  OrderedProduction<int64_t> production(500, 4, [](int64_t index) { return index * index; });
  for (int64_t i = 0; i < 500; ++i) ASSERT_EQ(production.Next(), i * i);
}

TEST(OrderedProduction, EndsEarlyWithoutWaitingForTheRest) {
  std::atomic<int64_t> made{0};
  {
    OrderedProduction<int64_t> production(1'000'000, 2, [&](int64_t index) {
      ++made;
      return index;
    });
    EXPECT_EQ(production.Next(), 0);
  }
  EXPECT_LT(made, 100);
}

}  // namespace
}  // namespace auscult::cli
