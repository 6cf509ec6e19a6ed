#include "server/machine_lines.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace auscult::server {
namespace {

TEST(NameOfLine, PrefersLowHarmonicsAndWhatIsNearest) {
  features::Machine machine;
  machine.line_frequency_hz = 50;
  machine.bearings = {{"drive end", "6205", {3.05f, 4.95f, 2.0f, 0.38f}}};
  machine.gears = {{"pinion", 23, 1.0f}};
  const std::vector<MachineLine> lines = LinesOf(machine, 1500);
  for (const auto& [hz, name] : {std::pair(25.0, "1x"),
                                 {75.0, "3x"},
                                 {76.3, "BPFO drive end"},
                                 {152.2, "2 x BPFO drive end"},
                                 {575.0, "mesh pinion"},
                                 {1150.0, "2 x mesh pinion"},
                                 {333.0, ""}}) {
    EXPECT_EQ(NameOfLine(lines, hz, 0.25), name) << hz;
  }
  EXPECT_EQ(LinesOf(machine, 0).size(), 1u);
  EXPECT_EQ(LinesOf(machine, features::kNotKnown).size(), 1u);
}

}  // namespace
}  // namespace auscult::server
