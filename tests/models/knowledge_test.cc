#include "models/knowledge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "models/embedded_knowledge.h"

namespace auscult::models {
namespace {

std::vector<const FaultMode*> AllModes() {
  std::vector<const FaultMode*> modes;
  for (int i = 0; i < kFaultCount; ++i) modes.push_back(&KnowledgeOf(static_cast<Fault>(i)));
  for (const Disturbance disturbance :
       {Disturbance::kSensorFault, Disturbance::kMissingData, Disturbance::kProcessDeparture}) {
    modes.push_back(&KnowledgeOf(disturbance));
  }
  return modes;
}

std::vector<std::string> TextsIn(const FaultModeText& text) {
  std::vector<std::string> texts = {text.name,          text.symptom,      text.watch.action,
                                    text.watch.urgency, text.alert.action, text.alert.urgency,
                                    text.alarm.action,  text.alarm.urgency};
  texts.insert(texts.end(), text.causes.begin(), text.causes.end());
  texts.insert(texts.end(), text.checks.begin(), text.checks.end());
  return texts;
}

bool HoldsChinese(const std::string& text) {
  // CJK unified ideographs lie at U+4E00 to U+9FFF: three bytes that begin with E4 to E9.
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xE4 && byte <= 0xE9;
  });
}

TEST(Knowledge, HasEveryFieldOfEveryFaultInBothLanguages) {
  for (const FaultMode* mode : AllModes()) {
    SCOPED_TRACE(mode->id);
    for (const FaultModeText* text : {&mode->english, &mode->chinese}) {
      EXPECT_FALSE(text->causes.empty());
      EXPECT_FALSE(text->checks.empty());
      for (const std::string& one : TextsIn(*text)) {
        EXPECT_GE(one.size(), 5u) << one;
        EXPECT_EQ(HoldsChinese(one), text == &mode->chinese) << one;
      }
    }
    EXPECT_EQ(mode->english.causes.size(), mode->chinese.causes.size());
    EXPECT_EQ(mode->english.checks.size(), mode->chinese.checks.size());
    EXPECT_FALSE(mode->sources.empty());
    for (const std::string& source : mode->sources) EXPECT_GT(source.size(), 20u);  // is listed
  }
}

TEST(Knowledge, KnowsEveryFaultByItsNameAndHoldsNoFileThatNobodyReads) {
  std::set<std::string> ids = {"sources"};
  for (const FaultMode* mode : AllModes()) ids.insert(mode->id);
  EXPECT_EQ(ids.size(), AllModes().size() + 1);  // no name twice
  ASSERT_EQ(kKnowledgeCount, static_cast<int>(ids.size()));
  for (int i = 0; i < kKnowledgeCount; ++i) EXPECT_TRUE(ids.contains(kKnowledge[i].name));
  EXPECT_EQ(KnowledgeOf(Fault::kInnerRace).chinese.name, "滚动轴承内圈故障");
}

TEST(Knowledge, AsksForMoreInAWorseCondition) {
  const FaultModeText& text = KnowledgeOf(Fault::kOuterRace).In(Language::kEnglish);
  EXPECT_EQ(&text.AdviceFor(Condition::kAlarm), &text.alarm);
  EXPECT_EQ(&text.AdviceFor(Condition::kAlert), &text.alert);
  for (const Condition condition : {Condition::kWatch, Condition::kNormal, Condition::kLearning}) {
    EXPECT_EQ(&text.AdviceFor(condition), &text.watch);
  }
  std::set<std::string> actions = {text.watch.action, text.alert.action, text.alarm.action};
  EXPECT_EQ(actions.size(), 3u);
}

TEST(Knowledge, UnderstandsCodesOfLanguages) {
  EXPECT_EQ(ParseLanguage("en"), Language::kEnglish);
  EXPECT_EQ(ParseLanguage("en_US"), Language::kEnglish);
  EXPECT_EQ(ParseLanguage("zh-CN"), Language::kChinese);
  EXPECT_EQ(ParseLanguage("de"), std::nullopt);
  EXPECT_EQ(ParseLanguage(""), std::nullopt);
  EXPECT_EQ(KnowledgeOf(Fault::kGear).In(Language::kChinese).name, "齿轮故障");
}

}  // namespace
}  // namespace auscult::models
