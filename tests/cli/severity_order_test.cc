#include "cli/severity_order.h"

#include <gtest/gtest.h>

#include <deque>

namespace auscult::cli {
namespace {

class SeverityOrders : public testing::Test {
 protected:
  void Add(const std::string& label, const std::string& size, float severity,
           const std::string& rpm = "1290") {
    LabelledRecord& record = records_.emplace_back();
    record.dataset = "Rig";
    record.truth = *ParseTruth(label);
    record.fault_size = size;
    record.columns["rpm"] = rpm;
    JudgedRecord& judged = judged_.emplace_back();
    judged.record = &record;
    judged.ranking.push_back({models::Fault::kBrokenRotorBar, 0.5f, {}, {}});
    judged.ranking[0].severity.measure = severity;
    judged.ranking[0].severity.unit = "%";
  }

  std::deque<LabelledRecord> records_;
  std::vector<JudgedRecord> judged_;
};

TEST_F(SeverityOrders, CountsPairsOfDifferentSize) {
  Add("broken-bar", "3 bars", 4);
  Add("broken-bar", "1 bar", 3);
  Add("broken-bar", "2 bars", 2);
  Add("broken-bar", "2 bars", 5);
  Add("normal", "", 0);
  Add("normal", "", 9, "1420");  // another speed: no sizes beside it
  const std::vector<SeverityOrder> orders = SeverityOrdersOf(judged_);
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0].rig, "Rig, 1290 rpm");
  EXPECT_EQ(orders[0].unit, "%");
  ASSERT_EQ(orders[0].records.size(), 5u);
  EXPECT_EQ(orders[0].records[0].severity, 0);
  EXPECT_EQ(orders[0].records[4].size, 3);
  EXPECT_EQ(orders[0].pairs, 9);     // all but the two of two bars
  EXPECT_EQ(orders[0].in_order, 7);  // not 1 before 2 (3 > 2), nor 2 before 3 (5 > 4)
  // Ranks of size 1, 2, 3.5, 3.5, 5 and of severity 1, 3, 2, 5, 4.
  EXPECT_NEAR(orders[0].spearman, 0.667, 0.001);
}

TEST_F(SeverityOrders, AreLeftOutWhereThereIsNothingToOrder) {
  Add("normal", "", 0);
  Add("broken-bar", "1 bar", 3);
  EXPECT_TRUE(SeverityOrdersOf(judged_).empty());  // two sizes
  Add("broken-bar", "some bars", 3);
  EXPECT_TRUE(SeverityOrdersOf(judged_).empty());  // a size without number
  Add("broken-bar", "2 bars", 3);
  EXPECT_EQ(SeverityOrdersOf(judged_).size(), 1u);
  for (JudgedRecord& judged : judged_) judged.ranking.clear();
  EXPECT_TRUE(SeverityOrdersOf(judged_).empty());  // no severity is told
}

}  // namespace
}  // namespace auscult::cli
