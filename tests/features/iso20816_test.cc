#include "features/iso20816.h"

#include <gtest/gtest.h>

namespace auscult::features {
namespace {

Machine Of(float power_kw, Foundation foundation) {
  Machine machine;
  machine.rated_power_kw = power_kw;
  machine.foundation = foundation;
  return machine;
}

TEST(LimitsFor, FollowsTheTableOfTheStandard) {
  struct Case {
    float power_kw;
    Foundation foundation;
    ZoneLimits limits;
  };
  const Case cases[] = {{500, Foundation::kRigid, {2.3f, 4.5f, 7.1f}},
                        {500, Foundation::kFlexible, {3.5f, 7.1f, 11.0f}},
                        {300, Foundation::kRigid, {1.4f, 2.8f, 4.5f}},
                        {15, Foundation::kRigid, {1.4f, 2.8f, 4.5f}},
                        {55, Foundation::kFlexible, {2.3f, 4.5f, 7.1f}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.power_kw);
    const auto limits = LimitsFor(Of(c.power_kw, c.foundation));
    ASSERT_TRUE(limits.has_value());
    EXPECT_EQ(limits->ab, c.limits.ab);
    EXPECT_EQ(limits->bc, c.limits.bc);
    EXPECT_EQ(limits->cd, c.limits.cd);
  }
}

TEST(LimitsFor, GuessesNothing) {
  EXPECT_FALSE(LimitsFor(Machine()).has_value());
  EXPECT_FALSE(LimitsFor(Of(14.9f, Foundation::kRigid)).has_value());
  EXPECT_FALSE(LimitsFor(Of(100, Foundation::kUnknown)).has_value());
  EXPECT_FALSE(LimitsFor(Of(kNotKnown, Foundation::kRigid)).has_value());
}

TEST(ZoneOf, GivesAValueOnALimitTheBetterZone) {
  const ZoneLimits limits{1.4f, 2.8f, 4.5f};
  EXPECT_EQ(ZoneOf(0.0f, limits), Zone::kA);
  EXPECT_EQ(ZoneOf(1.4f, limits), Zone::kA);
  EXPECT_EQ(ZoneOf(1.41f, limits), Zone::kB);
  EXPECT_EQ(ZoneOf(2.8f, limits), Zone::kB);
  EXPECT_EQ(ZoneOf(4.5f, limits), Zone::kC);
  EXPECT_EQ(ZoneOf(4.6f, limits), Zone::kD);
  EXPECT_EQ(ZoneOf(kNotKnown, limits), Zone::kUnknown);
  EXPECT_EQ(ZoneOf(1.0f, std::nullopt), Zone::kUnknown);
  EXPECT_STREQ(ZoneName(Zone::kC), "C");
  EXPECT_STREQ(ZoneName(Zone::kUnknown), "");
}

TEST(VelocityBandLowHz, IsTwoHertzForSlowShaftsOnly) {
  EXPECT_EQ(VelocityBandLowHz(600), 2.0f);
  EXPECT_EQ(VelocityBandLowHz(601), 10.0f);
  EXPECT_EQ(VelocityBandLowHz(kNotKnown), 10.0f);
}

}  // namespace
}  // namespace auscult::features
