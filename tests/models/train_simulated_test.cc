#include "models/train_simulated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "models/classifier_inputs.h"

namespace auscult::models {
namespace {

TEST(SimulateLabelled, IsTheSameFromTheSameSeed) {
  const auto first = SimulateLabelled(8, 3, "");
  const auto again = SimulateLabelled(8, 3, "");
  const auto other = SimulateLabelled(8, 4, "");
  ASSERT_EQ(first.size(), 8u);
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].fault, again[i].fault);
    ASSERT_EQ(first[i].features.values.size(), again[i].features.values.size());
    for (size_t v = 0; v < first[i].features.values.size(); ++v) {
      const float a = first[i].features.values[v], b = again[i].features.values[v];
      EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b)));
    }
    EXPECT_NE(first[i].features.Value(0, "rms"), other[i].features.Value(0, "rms"));
  }
}

TEST(SimulateLabelled, GivesFaultsInTurnOnTenRigsOrTheOneNamed) {
  std::map<Fault, int> faults;
  std::set<std::string> rigs;
  for (const LabelledRecord& record : SimulateLabelled(40, 5, "")) {
    ++faults[record.fault];
    rigs.insert(record.rig);
    EXPECT_EQ(record.machine.bearings.size(), 1u);
    EXPECT_EQ(ClassifiedChannel(record.features), 0);
    EXPECT_FALSE(std::isnan(record.features.Value(0, "bpfo_existence")));
  }
  EXPECT_EQ(faults.size(), 4u);
  for (const auto& [fault, count] : faults) EXPECT_EQ(count, 10);
  EXPECT_EQ(rigs.size(), 10u);
  EXPECT_EQ(SimulateLabelled(1, 5, "here").front().rig, "here");
}

TEST(SimulateLabelled, CanBeLearntFromButNotPerfectly) {
  TrainOptions options;
  options.trees.rounds = 30;
  const auto classifier = Train(SimulateLabelled(240, 7, ""), options);
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  const auto metrics = nlohmann::json::parse(classifier->metrics());
  EXPECT_GT(metrics["forced_right"], 100);  // 60 by chance
  EXPECT_LT(metrics["forced_right"], 235);
}

}  // namespace
}  // namespace auscult::models
