#include "server/machine_view.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "server/errors.h"
#include "server/machine_check.h"

namespace auscult::server {
namespace {

v1::Machine Parsed(const std::string& text) {
  v1::Machine machine;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &machine)) << text;
  return machine;
}

SiteBearings OneOwnBearing() {
  v1::Bearing bearing;
  bearing.set_designation("N 208");
  bearing.mutable_orders()->set_bpfo(5);
  bearing.mutable_orders()->set_bpfi(8);
  bearing.mutable_orders()->set_bsf(3);
  bearing.mutable_orders()->set_ftf(0.4f);
  return {{"n-208", bearing}};
}

TEST(MachineOf, LeavesUnknownWhatIsAbsent) {
  const features::Machine machine = MachineOf(v1::Machine(), {});
  EXPECT_TRUE(std::isnan(machine.rated_power_kw));
  EXPECT_TRUE(std::isnan(machine.rated_speed_rpm));
  EXPECT_TRUE(std::isnan(machine.line_frequency_hz));
  EXPECT_EQ(machine.foundation, features::Foundation::kUnknown);
  EXPECT_TRUE(machine.bearings.empty());
}

TEST(MachineOf, FindsEachBearingWhereItIsDescribed) {
  const features::Machine machine = MachineOf(
      Parsed("rated_power_kw: 37 foundation: FOUNDATION_FLEXIBLE pole_pairs: 2"
             " bearings { position: 'de' bearing: 'bearings/skf-6205-2rs-jem' }"
             " bearings { bearing: 'sites/a/bearings/n-208' shaft_ratio: 2 }"
             " bearings { geometry { rolling_elements: 9 element_diameter_mm: 7.94"
             "   pitch_diameter_mm: 39.04 } }"
             " bearings { orders { bpfo: 3 bpfi: 5 bsf: 2 ftf: 0.4 } shaft_ratio: 0.5 }"
             " gears { teeth: 21 } gears { position: 'slow' teeth: 81 shaft_ratio: 0.26 }"),
      OneOwnBearing());
  EXPECT_EQ(machine.foundation, features::Foundation::kFlexible);
  EXPECT_EQ(machine.pole_pairs, 2);
  ASSERT_EQ(machine.bearings.size(), 4u);
  // The orders that Case Western Reserve University publishes for this bearing.
  EXPECT_NEAR(machine.bearings[0].orders.bpfi, 5.4152, 2e-3);
  EXPECT_NEAR(machine.bearings[0].orders.bpfo, 3.5848, 2e-3);
  EXPECT_EQ(machine.bearings[0].designation, "SKF 6205-2RS JEM");
  EXPECT_EQ(machine.bearings[0].name, "de");
  EXPECT_EQ(machine.bearings[1].name, "bearing 2");
  EXPECT_EQ(machine.bearings[1].designation, "N 208");
  EXPECT_FLOAT_EQ(machine.bearings[1].orders.bpfi, 16);
  EXPECT_FLOAT_EQ(machine.bearings[1].orders.ftf, 0.8f);
  EXPECT_FLOAT_EQ(machine.bearings[2].orders.bpfo, machine.bearings[0].orders.bpfo);
  EXPECT_FLOAT_EQ(machine.bearings[3].orders.bpfo, 1.5f);
  ASSERT_EQ(machine.gears.size(), 2u);
  EXPECT_FLOAT_EQ(machine.gears[0].shaft_ratio, 1);
  EXPECT_EQ(machine.gears[0].name, "gear 1");
  EXPECT_EQ(machine.gears[1].name, "slow");
}

TEST(MachineOf, TakesABeltByItsOrderOrItsDimensions) {
  EXPECT_EQ(MachineOf(v1::Machine(), {}).belt_order, 0);
  EXPECT_FLOAT_EQ(MachineOf(Parsed("belt { order: 0.4 }"), {}).belt_order, 0.4f);
  EXPECT_NEAR(MachineOf(Parsed("belt { pulley_diameter_mm: 100 length_mm: 1000 }"), {}).belt_order,
              0.31416, 1e-5);
}

TEST(MachineOf, TakesOnePulseOfATachometerATurnUnlessToldOtherwise) {
  EXPECT_EQ(MachineOf(v1::Machine(), {}).tachometer_pulses, 1);
  EXPECT_EQ(MachineOf(Parsed("tachometer_pulses: 60"), {}).tachometer_pulses, 60);
}

TEST(MachineOf, LeavesOutABearingThatIsGone) {
  EXPECT_TRUE(
      MachineOf(Parsed("bearings { bearing: 'sites/a/bearings/gone' }"), {}).bearings.empty());
}

struct Wrong {
  const char* machine;
  const char* reason;
  const char* field;
};

TEST(CheckMachine, NamesTheFieldThatIsWrong) {
  const Wrong cases[] = {
      {"rated_power_kw: 0", "OUT_OF_RANGE", "m.rated_power_kw"},
      {"rated_power_kw: -3", "OUT_OF_RANGE", "m.rated_power_kw"},
      {"rated_power_kw: nan", "NOT_FINITE", "m.rated_power_kw"},
      {"rated_speed_rpm: inf", "NOT_FINITE", "m.rated_speed_rpm"},
      {"line_frequency_hz: 0", "OUT_OF_RANGE", "m.line_frequency_hz"},
      {"pole_pairs: -1", "OUT_OF_RANGE", "m.pole_pairs"},
      {"rotor_bars: -1", "OUT_OF_RANGE", "m.rotor_bars"},
      {"blades: 100000", "OUT_OF_RANGE", "m.blades"},
      {"tachometer_pulses: -1", "OUT_OF_RANGE", "m.tachometer_pulses"},
      {"bearings { position: 'x' }", "ONE_OF_BEARING", "m.bearings[0]"},
      {"bearings { bearing: 'bearings/nice-mfpt' orders { bpfo: 1 } }", "ONE_OF_BEARING",
       "m.bearings[0]"},
      {"bearings { bearing: 'bearings/nice-mfpt' } bearings { bearing: 'bearings/none' }",
       "UNKNOWN_BEARING", "m.bearings[1].bearing"},
      {"bearings { bearing: 'SKF 6205' }", "MALFORMED_NAME", "m.bearings[0].bearing"},
      {"bearings { bearing: 'sites/a/bearings/none' }", "UNKNOWN_BEARING", "m.bearings[0].bearing"},
      {"bearings { bearing: 'sites/b/bearings/n-208' }", "OTHER_SITE", "m.bearings[0].bearing"},
      {"bearings { bearing: 'bearings/nice-mfpt' shaft_ratio: -1 }", "OUT_OF_RANGE",
       "m.bearings[0].shaft_ratio"},
      {"bearings { geometry { rolling_elements: 9 element_diameter_mm: 40 pitch_diameter_mm: 8 } }",
       "BAD_GEOMETRY", "m.bearings[0].geometry.element_diameter_mm"},
      {"bearings { geometry { element_diameter_mm: 8 pitch_diameter_mm: 40 } }", "OUT_OF_RANGE",
       "m.bearings[0].geometry.rolling_elements"},
      {"bearings { geometry { rolling_elements: 9 element_diameter_mm: 8 pitch_diameter_mm: 40"
       " contact_angle_deg: 90 } }",
       "OUT_OF_RANGE", "m.bearings[0].geometry.contact_angle_deg"},
      {"bearings { orders { bpfo: 5 bpfi: 3 bsf: 2 ftf: 0.4 } }", "BAD_ORDERS",
       "m.bearings[0].orders"},
      {"bearings { orders { bpfo: 3 bpfi: 5 bsf: 2 } }", "OUT_OF_RANGE",
       "m.bearings[0].orders.ftf"},
      {"belt { }", "ONE_OF_BELT", "m.belt"},
      {"belt { order: 0.4 length_mm: 1000 }", "ONE_OF_BELT", "m.belt"},
      {"belt { order: -1 }", "OUT_OF_RANGE", "m.belt.order"},
      {"belt { length_mm: 1000 }", "OUT_OF_RANGE", "m.belt.pulley_diameter_mm"},
      {"belt { pulley_diameter_mm: 100 }", "OUT_OF_RANGE", "m.belt.length_mm"},
      {"belt { pulley_diameter_mm: 1000 length_mm: 100 }", "BAD_GEOMETRY", "m.belt.length_mm"},
      {"gears { teeth: 1 }", "OUT_OF_RANGE", "m.gears[0].teeth"},
      {"gears { teeth: 20 shaft_ratio: nan }", "NOT_FINITE", "m.gears[0].shaft_ratio"},
      {"gears { teeth: 20 position: 'a\\nb' }", "CONTROL_CHARACTER", "m.gears[0].position"}};
  for (const Wrong& test : cases) {
    SCOPED_TRACE(test.machine);
    const absl::Status status = CheckMachine(Parsed(test.machine), "a", OneOwnBearing(), "m");
    EXPECT_EQ(ReasonOf(status), test.reason) << status;
    EXPECT_EQ(ToRejection(status).field(), test.field);
    EXPECT_NE(ToRejection(status).remedy(), "");
  }
  v1::Machine unknown_foundation;
  unknown_foundation.set_foundation(static_cast<v1::Foundation>(9));
  EXPECT_EQ(ReasonOf(CheckMachine(unknown_foundation, "a", {}, "m")), "UNKNOWN_FOUNDATION");
}

TEST(CheckMachine, TakesWhatIsRight) {
  EXPECT_TRUE(CheckMachine(v1::Machine(), "a", {}, "m").ok());
  const absl::Status status = CheckMachine(
      Parsed("rated_power_kw: 250 bearings { bearing: 'sites/a/bearings/n-208' }"
             " bearings { bearing: 'bearings/nice-mfpt' shaft_ratio: 0.25 } gears { teeth: 21 }"),
      "a", OneOwnBearing(), "m");
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace auscult::server
