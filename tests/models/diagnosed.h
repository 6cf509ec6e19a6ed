#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "features/machine.h"
#include "models/diagnosis.h"

// What the tests of every kind of diagnosis share.
namespace auscult::models {

inline features::Machine Motor() {
  features::Machine machine;
  machine.rated_power_kw = 55;
  machine.foundation = features::Foundation::kRigid;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.pole_pairs = 2;
  machine.bearings = {{"drive end", "6205", {3.58f, 5.42f, 2.357f, 0.398f}}};
  return machine;
}

inline const RankedFault& Ranked(const Diagnosis& diagnosis, Fault fault) {
  for (const RankedFault& ranked : diagnosis.ranking) {
    if (ranked.fault == fault) return ranked;
  }
  ADD_FAILURE() << FaultName(fault) << " is not in the ranking";
  return diagnosis.ranking.front();
}

inline void ExpectConsistent(const Diagnosis& diagnosis) {
  double sum = 0;
  for (size_t i = 0; i < diagnosis.ranking.size(); ++i) {
    sum += diagnosis.ranking[i].probability;
    if (i > 0) {
      EXPECT_LE(diagnosis.ranking[i].probability, diagnosis.ranking[i - 1].probability);
    }
    for (const Evidence& evidence : diagnosis.ranking[i].evidence) {
      EXPECT_FALSE(evidence.text.empty());
      EXPECT_THAT(evidence.text, testing::Not(testing::HasSubstr("nan")));
    }
  }
  EXPECT_NEAR(sum, 1.0, 1e-5);
  EXPECT_EQ(diagnosis.verdict, diagnosis.ranking.front().fault);
  EXPECT_EQ(diagnosis.confidence, diagnosis.ranking.front().probability);
  const bool undecided =
      diagnosis.verdict == Fault::kAbstain || diagnosis.verdict == Fault::kUnscorable;
  EXPECT_EQ(diagnosis.reason.empty(), !undecided);
  EXPECT_EQ(diagnosis.remedy.empty(), !undecided);
}

}  // namespace auscult::models
