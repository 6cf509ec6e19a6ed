#include <gtest/gtest.h>

#include "bench/detection_scene.h"

// A short form of bench/detection_curve.cc, whose table stands in docs/models.md.
namespace auscult::models {
namespace {

constexpr int kMachines = 6;

struct Count {
  int named = 0;
  int wrong = 0;  // called another fault
};

Count CountAt(Fault fault, double snr_db) {
  features::Extractor extractor;
  Count count;
  for (int seed = 1; seed <= kMachines; ++seed) {
    const Diagnosis diagnosis = SceneDiagnosis(extractor, fault, seed, snr_db);
    count.named += diagnosis.verdict == fault;
    count.wrong += diagnosis.verdict != fault && NamesFault(diagnosis.verdict);
  }
  return count;
}

TEST(Detection, NamesFaultsOfBearingsThatAreAsLoudAsTheMachine) {
  for (const Fault fault : {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall}) {
    SCOPED_TRACE(std::string(FaultName(fault)));
    const Count count = CountAt(fault, 0);
    EXPECT_GE(count.named, kMachines - 1);
    EXPECT_EQ(count.wrong, 0);
  }
}

TEST(Detection, MistakesNothingThatLies20DbBelowTheMachine) {
  for (const Fault fault : {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall, Fault::kCage}) {
    SCOPED_TRACE(std::string(FaultName(fault)));
    EXPECT_EQ(CountAt(fault, -20).wrong, 0);
  }
}

TEST(Detection, AccusesNoHealthyMachine) { EXPECT_EQ(CountAt(Fault::kHealthy, 0).wrong, 0); }

}  // namespace
}  // namespace auscult::models
