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

TEST(ElectricalLines, StandBesideTheLineFrequency) {
  features::Machine machine;
  machine.bearings = {{"drive end", "6205", {3.05f, 4.95f, 2.0f, 0.38f}}};
  EXPECT_TRUE(ElectricalLinesOf(machine, 1470).empty());
  machine.line_frequency_hz = 50;
  EXPECT_EQ(ElectricalLinesOf(machine, features::kNotKnown).size(), 1u);
  EXPECT_EQ(ElectricalLinesOf(machine, 1470).size(), 3u);
  machine.pole_pairs = 2;
  const std::vector<MachineLine> lines = ElectricalLinesOf(machine, 1470);
  for (const auto& [hz, name] : {std::pair(25.5, "line frequency - 1x"),
                                 {48.0, "line frequency - 2sf"},
                                 {50.0, "line frequency"},
                                 {52.0, "line frequency + 2sf"},
                                 {74.5, "line frequency + 1x"},
                                 {150.0, "3 x line frequency"},
                                 {51.0, ""},     // twice "- 1x" is no line
                                 {76.5, ""}}) {  // nor are bearings, whose place is beside it too
    EXPECT_EQ(NameOfLine(lines, hz, 0.05), name) << hz;
  }
  // Faster than the field, as a generator runs: no slip of a motor.
  EXPECT_EQ(ElectricalLinesOf(machine, 1530).size(), 3u);
}

}  // namespace
}  // namespace auscult::server
