#include "features/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auscult::features {
namespace {

using ::testing::HasSubstr;

TEST(ParseUnit, GivesTheFactorToSi) {
  struct Case {
    const char* symbol;
    Quantity quantity;
    double to_si;
  };
  const Case cases[] = {{"g", Quantity::kAcceleration, 9.80665},
                        {"m/s2", Quantity::kAcceleration, 1},
                        {"m/s^2", Quantity::kAcceleration, 1},
                        {"m/s²", Quantity::kAcceleration, 1},
                        {"mg", Quantity::kAcceleration, 9.80665e-3},
                        {"mm/s", Quantity::kVelocity, 1e-3},
                        {"in/s", Quantity::kVelocity, 0.0254},
                        {"um", Quantity::kDisplacement, 1e-6},
                        {"µm", Quantity::kDisplacement, 1e-6},
                        {"mil", Quantity::kDisplacement, 25.4e-6},
                        {"A", Quantity::kCurrent, 1},
                        {"mA", Quantity::kCurrent, 1e-3},
                        {"V", Quantity::kVoltage, 1},
                        {"mV", Quantity::kVoltage, 1e-3},
                        {"pulse", Quantity::kTachometer, 1}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.symbol);
    const auto unit = ParseUnit(c.symbol);
    ASSERT_TRUE(unit.ok()) << unit.status();
    EXPECT_EQ(unit->quantity, c.quantity);
    EXPECT_DOUBLE_EQ(unit->to_si, c.to_si);
  }
}

TEST(ParseUnit, IgnoresCaseAndSurroundingBlanks) {
  EXPECT_EQ(ParseUnit("MM/S")->to_si, 1e-3);
  EXPECT_EQ(ParseUnit(" G ")->quantity, Quantity::kAcceleration);
}

TEST(ParseUnit, NamesWhatItDoesNotKnowAndListsWhatItKnows) {
  const auto unit = ParseUnit("furlong");
  ASSERT_EQ(unit.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unit.status().message()), HasSubstr("\"furlong\""));
  EXPECT_THAT(std::string(unit.status().message()), HasSubstr("m/s2, "));
}

TEST(SiUnit, HasAFactorOfOne) {
  for (int i = 1; i <= 6; ++i) {
    const auto quantity = static_cast<Quantity>(i);
    SCOPED_TRACE(std::string(QuantityName(quantity)));
    const auto unit = ParseUnit(SiUnit(quantity));
    ASSERT_TRUE(unit.ok());
    EXPECT_EQ(unit->quantity, quantity);
    EXPECT_EQ(unit->to_si, 1);
  }
}

}  // namespace
}  // namespace auscult::features
