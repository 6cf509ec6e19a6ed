#include "models/alarm_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "models/random.h"

namespace auscult::models {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The cases of an asset, and a clock that goes on with each report.
struct Asset {
  std::vector<AlarmCase> cases;
  int64_t now_us = 1000;

  // The actions that came of it.
  std::vector<CaseAction> Say(int64_t point, Condition condition, Fault fault = Fault::kOther,
                              CaseKind kind = CaseKind::kMachine) {
    std::vector<CaseAction> actions;
    const CaseReport report{.kind = kind,
                            .point_id = point,
                            .condition = condition,
                            .fault = fault,
                            .measured_at_us = ++now_us,
                            .summary = std::to_string(now_us),
                            .detail = "{}"};
    for (const CaseEvent& event : ApplyReport(report, cases)) actions.push_back(event.action);
    return actions;
  }

  std::vector<AlarmCase> Open() const {
    std::vector<AlarmCase> open;
    for (const AlarmCase& any : cases) {
      if (!any.closed_at_us) open.push_back(any);
    }
    return open;
  }

  // As a person does it.
  void Close(size_t place) { cases.at(place).closed_at_us = now_us; }
};

constexpr auto kOpened = CaseAction::kOpened;
constexpr auto kWorse = CaseAction::kWorse;
constexpr auto kRenamed = CaseAction::kRenamed;
constexpr auto kRecovered = CaseAction::kRecovered;

TEST(AlarmCase, OpensWorsensAndRecoversWithItsPoint) {
  Asset asset;
  EXPECT_THAT(asset.Say(1, Condition::kNormal), IsEmpty());
  EXPECT_THAT(asset.Say(1, Condition::kWatch), IsEmpty());
  EXPECT_THAT(asset.cases, IsEmpty());
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kInnerRace), ElementsAre(kOpened));
  const std::vector<AlarmCase> opened = asset.cases;
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kInnerRace), IsEmpty());
  EXPECT_EQ(asset.cases, opened) << "nothing new was said";
  EXPECT_EQ(asset.cases[0].opened_at_us, 1003);
  EXPECT_EQ(asset.cases[0].summary, "1003");
  EXPECT_THAT(asset.Say(1, Condition::kAlarm, Fault::kInnerRace), ElementsAre(kWorse));
  EXPECT_EQ(asset.cases[0].summary, "1005");
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kInnerRace), IsEmpty());
  EXPECT_EQ(asset.cases[0].condition, Condition::kAlert);
  EXPECT_EQ(asset.cases[0].worst_condition, Condition::kAlarm);
  EXPECT_THAT(asset.Say(1, Condition::kWatch), ElementsAre(kRecovered));
  EXPECT_EQ(asset.cases[0].condition, Condition::kNormal);
  EXPECT_EQ(asset.cases[0].closed_at_us, 1007);
  EXPECT_EQ(asset.cases[0].updated_at_us, 1007);
  EXPECT_THAT(asset.cases[0].sources, ElementsAre(1));
}

TEST(AlarmCase, StaysAsItIsWhileTheMachineSaysNothing) {
  Asset asset;
  asset.Say(1, Condition::kAlarm, Fault::kGear);
  const std::vector<AlarmCase> before = asset.cases;
  for (const Condition silent :
       {Condition::kStopped, Condition::kStarting, Condition::kUnscorable, Condition::kStale}) {
    EXPECT_THAT(asset.Say(1, silent), IsEmpty());
  }
  EXPECT_EQ(asset.cases, before);
}

TEST(AlarmCase, OpensAnotherAfterItRecovered) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kBall);
  asset.Say(1, Condition::kNormal);
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kBall), ElementsAre(kOpened));
  EXPECT_EQ(asset.cases.size(), 2u);
  EXPECT_EQ(asset.Open().size(), 1u);
}

TEST(AlarmCase, IsSharpenedByTheDiagnosisWithoutASecondCase) {
  Asset asset;
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kAbstain), ElementsAre(kOpened));
  EXPECT_EQ(asset.cases[0].fault, Fault::kOther);
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kOuterRace), ElementsAre(kRenamed));
  EXPECT_EQ(asset.cases[0].fault, Fault::kOuterRace);
  EXPECT_EQ(asset.cases[0].summary, "1002");
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kHealthy), IsEmpty());
  EXPECT_THAT(asset.Say(1, Condition::kAlarm, Fault::kOther), ElementsAre(kWorse));
  EXPECT_EQ(asset.cases[0].fault, Fault::kOuterRace);
  EXPECT_EQ(asset.cases.size(), 1u);
}

TEST(AlarmCase, IsSharpenedByAnotherPointToo) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kOther);
  EXPECT_THAT(asset.Say(2, Condition::kAlarm, Fault::kInnerRace), ElementsAre(kWorse, kRenamed));
  EXPECT_EQ(asset.cases.size(), 1u);
  EXPECT_THAT(asset.cases[0].sources, ElementsAre(1, 2));
  // The first point names something else: it never meant the inner race.
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kLooseness), ElementsAre(kOpened));
  EXPECT_EQ(asset.Open().size(), 2u);
  EXPECT_EQ(asset.cases[0].holds.size(), 1u);
}

TEST(AlarmCase, IsHeldBySeveralPointsUntilTheLastRecovers) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kUnbalance);
  EXPECT_THAT(asset.Say(2, Condition::kAlarm, Fault::kUnbalance), ElementsAre(kWorse));
  EXPECT_THAT(asset.Say(3, Condition::kAlert, Fault::kOther), IsEmpty()) << "joins it";
  EXPECT_EQ(asset.cases.size(), 1u);
  EXPECT_THAT(asset.Say(2, Condition::kNormal), IsEmpty());
  EXPECT_EQ(asset.cases[0].condition, Condition::kAlert);
  EXPECT_THAT(asset.Say(1, Condition::kNormal), IsEmpty());
  EXPECT_THAT(asset.Say(3, Condition::kLearning), ElementsAre(kRecovered));
  EXPECT_THAT(asset.cases[0].sources, ElementsAre(1, 2, 3));
}

TEST(AlarmCase, OfAnotherFaultOfTheSamePointOpensBesideIt) {
  Asset asset;
  asset.Say(1, Condition::kAlarm, Fault::kInnerRace);
  EXPECT_THAT(asset.Say(1, Condition::kAlarm, Fault::kCage), ElementsAre(kOpened));
  EXPECT_THAT(asset.Say(1, Condition::kAlarm, Fault::kInnerRace), IsEmpty());
  EXPECT_THAT(asset.Say(1, Condition::kNormal), ElementsAre(kRecovered, kRecovered));
}

TEST(AlarmCase, ThatNobodyNamesAnyMoreRecovers) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kUnbalance);
  asset.Say(2, Condition::kAlert, Fault::kOther);
  asset.Say(1, Condition::kNormal);
  EXPECT_THAT(asset.Say(2, Condition::kAlert, Fault::kGear), ElementsAre(kOpened, kRecovered));
  ASSERT_EQ(asset.Open().size(), 1u);
  EXPECT_EQ(asset.Open()[0].fault, Fault::kGear);
}

TEST(AlarmCase, KindsAreKeptApart) {
  Asset asset;
  asset.Say(1, Condition::kAlarm, Fault::kOther);
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kOther, CaseKind::kSensor),
              ElementsAre(kOpened));
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kOther, CaseKind::kMissingData),
              ElementsAre(kOpened));
  EXPECT_THAT(asset.Say(0, Condition::kAlert, Fault::kOther, CaseKind::kProcess),
              ElementsAre(kOpened));
  EXPECT_THAT(asset.Say(2, Condition::kAlert, Fault::kOther, CaseKind::kSensor), IsEmpty());
  EXPECT_EQ(asset.Open().size(), 4u);
  EXPECT_THAT(asset.Say(1, Condition::kNormal), ElementsAre(kRecovered));
  EXPECT_EQ(asset.Open().size(), 3u);
}

TEST(AlarmCase, ClosedBySomebodyStaysClosedUntilThePointRecoversOrGetsWorse) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kGear);
  asset.Close(0);
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kGear), IsEmpty());
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kOther), IsEmpty()) << "it named it before";
  Asset relapsed = asset, worse = asset, named = asset;
  EXPECT_THAT(relapsed.Say(1, Condition::kNormal), IsEmpty()) << "nobody is told twice";
  EXPECT_THAT(relapsed.Say(1, Condition::kAlert, Fault::kGear), ElementsAre(kOpened));
  EXPECT_THAT(worse.Say(1, Condition::kAlarm, Fault::kGear), ElementsAre(kOpened));
  EXPECT_THAT(worse.cases[0].holds, IsEmpty());
  EXPECT_THAT(named.Say(1, Condition::kAlert, Fault::kBall), ElementsAre(kOpened));
  EXPECT_THAT(named.Say(1, Condition::kAlert, Fault::kGear), IsEmpty());
}

TEST(AlarmCase, ClosedBySomebodySilencesThatPointAlone) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kGear);
  asset.Close(0);
  EXPECT_THAT(asset.Say(2, Condition::kAlert, Fault::kGear), ElementsAre(kOpened));
  EXPECT_THAT(asset.Say(1, Condition::kAlert, Fault::kGear), IsEmpty());
  EXPECT_EQ(asset.Open()[0].holds.size(), 1u);
}

TEST(AlarmCase, ComesBackFromTheShelfWhenItIsWorseThanItWas) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kGear);
  asset.cases[0].shelved_condition = Condition::kAlert;
  Asset shelved_worse = asset;
  asset.Say(1, Condition::kAlarm, Fault::kGear);
  EXPECT_EQ(asset.cases[0].shelved_condition, std::nullopt);
  shelved_worse.cases[0].shelved_condition = Condition::kAlarm;
  shelved_worse.Say(1, Condition::kAlarm, Fault::kGear);
  EXPECT_EQ(shelved_worse.cases[0].shelved_condition, Condition::kAlarm);
}

TEST(AlarmCase, NeverClosesBeforeItOpened) {
  Asset asset;
  asset.Say(1, Condition::kAlert, Fault::kOther, CaseKind::kMissingData);
  asset.now_us -= 500;  // the record that ends it was measured before it was missed
  asset.Say(1, Condition::kNormal, Fault::kOther, CaseKind::kMissingData);
  EXPECT_EQ(asset.cases[0].closed_at_us, asset.cases[0].opened_at_us);
}

TEST(SensorRun, TakesThreeRecordsEitherWay) {
  int run = 0;
  std::vector<int> runs;
  for (const bool bad : {true, true, true, true, false, true, false, false, false, false}) {
    runs.push_back(run = NextSensorRun(run, bad));
  }
  EXPECT_THAT(runs, ElementsAre(1, 2, 3, 3, -1, 1, -1, -2, -3, -3));
}

// What must hold after any history.
void ExpectSound(const Asset& asset,
                 const std::map<std::pair<CaseKind, int64_t>, Condition>& said) {
  std::set<std::pair<CaseKind, Fault>> open;
  std::set<CaseKind> named, unnamed;
  std::set<std::pair<CaseKind, int64_t>> held;
  for (const AlarmCase& any : asset.cases) {
    for (const CaseHold& hold : any.holds) {
      held.emplace(any.kind, hold.point_id);
      const Condition now = said.at({any.kind, hold.point_id});
      EXPECT_TRUE(AsksForCase(now)) << "a source that recovered holds nothing";
      EXPECT_TRUE(any.closed_at_us || hold.condition == now);
    }
    if (any.closed_at_us) continue;
    EXPECT_TRUE(open.emplace(any.kind, any.fault).second) << "two open cases of one fault";
    (any.fault == Fault::kOther ? unnamed : named).insert(any.kind);
    ASSERT_FALSE(any.holds.empty());
    Condition worst = any.holds[0].condition;
    for (const CaseHold& hold : any.holds) worst = std::max(worst, hold.condition);
    EXPECT_EQ(any.condition, worst);
    EXPECT_GE(any.worst_condition, worst);
    EXPECT_LE(any.opened_at_us, any.updated_at_us);
  }
  for (const CaseKind kind : unnamed) EXPECT_FALSE(named.contains(kind)) << "other beside a name";
  for (const auto& [source, condition] : said) {
    EXPECT_EQ(held.contains(source), AsksForCase(condition));
  }
}

TEST(AlarmCase, IsTheOnlyOneOfItsFaultAfterAnyHistory) {
  constexpr Condition kConditions[] = {
      Condition::kLearning, Condition::kNormal,  Condition::kWatch,
      Condition::kAlert,    Condition::kAlert,   Condition::kAlarm,
      Condition::kAlarm,    Condition::kStopped, Condition::kUnscorable};
  constexpr Fault kFaults[] = {Fault::kOther,     Fault::kAbstain, Fault::kInnerRace,
                               Fault::kOuterRace, Fault::kBall,    Fault::kHealthy};
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed, 3, 0);
    const auto pick = [&](int count) {
      return std::min(count - 1, static_cast<int>(random.Uniform() * count));
    };
    Asset asset;
    std::map<std::pair<CaseKind, int64_t>, Condition> said;
    for (int step = 0; step < 150; ++step) {
      const auto kind = pick(4) == 0 ? CaseKind::kSensor : CaseKind::kMachine;
      const int64_t point = 1 + pick(4);
      const Condition condition = kConditions[pick(9)];
      if (pick(25) == 0 && !asset.cases.empty()) {
        AlarmCase& any =
            asset.cases[static_cast<size_t>(pick(static_cast<int>(asset.cases.size())))];
        if (!any.closed_at_us) any.closed_at_us = asset.now_us;
        continue;
      }
      asset.Say(point, condition, kFaults[pick(6)], kind);
      if (AsksForCase(condition) || ReleasesCase(condition)) said[{kind, point}] = condition;
      ExpectSound(asset, said);
      if (testing::Test::HasFailure()) return;
      // As the store: what nobody asks for is not loaded again.
      std::erase_if(asset.cases, [](const AlarmCase& any) { return any.holds.empty(); });
    }
  }
}

}  // namespace
}  // namespace auscult::models
