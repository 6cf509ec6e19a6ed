#include "cli/truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auscult::cli {
namespace {

using models::Fault;
using testing::HasSubstr;

TEST(Truth, IsReadFromTheLabelsThatListsOfRecordingsUse) {
  struct Case {
    const char* label;
    Fault fault;
  };
  for (const Case& c :
       {Case{"inner", Fault::kInnerRace}, Case{"IR", Fault::kInnerRace},
        Case{"IR007_1", Fault::kInnerRace}, Case{"Inner Race Fault", Fault::kInnerRace},
        Case{"inner_race", Fault::kInnerRace}, Case{"OR007@6", Fault::kOuterRace},
        Case{"outer-race", Fault::kOuterRace}, Case{"B021", Fault::kBall},
        Case{"rolling element defect", Fault::kBall}, Case{"N", Fault::kHealthy},
        Case{" normal (start of test)", Fault::kHealthy}, Case{"no fault", Fault::kHealthy},
        Case{"stator-interturn", Fault::kStatorWinding}, Case{"broken-bar", Fault::kBrokenRotorBar},
        Case{"gear-broken-tooth", Fault::kGear}, Case{"内圈故障", Fault::kInnerRace},
        Case{"unbalance", Fault::kUnbalance}}) {
    const absl::StatusOr<Truth> truth = ParseTruth(c.label);
    ASSERT_TRUE(truth.ok()) << c.label << truth.status();
    EXPECT_EQ(truth->faults, std::vector<Fault>{c.fault}) << c.label;
    EXPECT_EQ(truth->name, models::FaultName(c.fault)) << c.label;
    EXPECT_EQ(truth->healthy(), c.fault == Fault::kHealthy) << c.label;
  }
}

TEST(Truth, MayBeSeveralFaults) {
  const Truth truth = *ParseTruth("Inner race, ball and outer race");
  EXPECT_EQ(truth.name, "inner_race+ball+outer_race");
  EXPECT_TRUE(truth.Includes(Fault::kOuterRace));
  EXPECT_FALSE(truth.Includes(Fault::kCage));
}

TEST(Truth, OfALifeIsRunToFailure) {
  for (const char* label : {"run-to-failure", "run-to-failure (fault type not published)",
                            "run-to-failure trend: B3 inner, B4 ball at end"}) {
    EXPECT_TRUE(ParseTruth(label)->run_to_failure) << label;
    EXPECT_FALSE(ParseTruth(label)->healthy()) << label;
  }
}

TEST(Truth, IsNotGuessed) {
  for (const char* label : {"", " ", "valve-closing", "inner+something", "normal+inner", "abstain",
                            "unscorable", "007", "fault", "(inner)"}) {
    EXPECT_THAT(std::string(ParseTruth(label).status().message()), HasSubstr("is not known"))
        << label;
  }
}

}  // namespace
}  // namespace auscult::cli
