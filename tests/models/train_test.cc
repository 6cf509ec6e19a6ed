#include "models/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/train_metrics.h"
#include "models/train_trees.h"
#include "tests/models/diagnosed.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using ::testing::HasSubstr;

TrainingRows AnyRows(Random& random, int columns, int count, int classes) {
  TrainingRows rows;
  rows.column_count = columns;
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    for (int c = 0; c < columns; ++c) {
      const double value = std::round(random.Normal() * 8) / 8;  // ties, as real values have
      const bool missing = random.Uniform() < 0.15;
      rows.values.push_back(missing ? NAN : static_cast<float>(value));
      sum += missing ? 0 : value * (c % 3);
    }
    rows.labels.push_back(static_cast<float>(
        std::clamp(static_cast<int>(std::floor(sum / 2)) + classes / 2, 0, classes - 1)));
    rows.weights.push_back(static_cast<float>(0.5 + random.Uniform()));
  }
  return rows;
}

struct XgBoost {
  DMatrixHandle matrix = nullptr;
  BoosterHandle booster = nullptr;
  ~XgBoost() {
    XGBoosterFree(booster);
    XGDMatrixFree(matrix);
  }
  void Set(const char* name, const std::string& value) {
    ASSERT_EQ(XGBoosterSetParam(booster, name, value.c_str()), 0);
  }
};

TEST(TakeOverTrees, AnswerAsXGBoostItselfOnRandomEnsembles) {
  Random random(29);
  for (int round = 0; round < 12; ++round) {
    const int columns = 3 + static_cast<int>(random.Next() % 20);
    const int classes = 2 + static_cast<int>(random.Next() % 5);
    const TrainingRows rows = AnyRows(random, columns, 300, classes);
    XgBoost peer;
    ASSERT_EQ(XGDMatrixCreateFromMat(rows.values.data(), rows.size(), columns, NAN, &peer.matrix),
              0);
    ASSERT_EQ(XGDMatrixSetFloatInfo(peer.matrix, "label", rows.labels.data(), rows.size()), 0);
    ASSERT_EQ(XGBoosterCreate(&peer.matrix, 1, &peer.booster), 0);
    for (const auto& [name, value] : std::vector<std::pair<const char*, std::string>>{
             {"verbosity", "0"},
             {"nthread", "1"},
             {"objective", "multi:softprob"},
             {"base_score", "0"},
             {"num_class", std::to_string(classes)},
             {"tree_method", round % 2 == 0 ? "exact" : "hist"},
             {"max_depth", std::to_string(1 + round % 8)},
             {"gamma", round % 3 == 0 ? "0.5" : "0"}}) {
      peer.Set(name, value);
    }
    for (int i = 0; i < 5 + 3 * round; ++i) {
      ASSERT_EQ(XGBoosterUpdateOneIter(peer.booster, i, peer.matrix), 0) << XGBGetLastError();
    }
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* expected = nullptr;
    const char* config =
        R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true})";
    ASSERT_EQ(XGBoosterPredictFromDMatrix(peer.booster, peer.matrix, config, &shape, &dimensions,
                                          &expected),
              0)
        << XGBGetLastError();
    const auto trees = TakeOverTrees(peer.booster, columns, classes);
    ASSERT_TRUE(trees.ok()) << trees.status();
    std::vector<float> p(classes);
    for (size_t i = 0; i < rows.size(); ++i) {
      trees->Margins(std::span(rows.values).subspan(i * columns, columns), p);
      TreeEnsemble::Softmax(p);
      for (int c = 0; c < classes; ++c) ASSERT_NEAR(p[c], expected[i * classes + c], 1e-6);
    }
  }
}

// Records of `rigs` rigs, in which what marks a fault is plain but every rig has its own level of
// everything.
std::vector<LabelledRecord> PlainRecords(int rigs, int each, uint64_t seed = 5) {
  Random random(seed);
  std::vector<LabelledRecord> records;
  for (int rig = 0; rig < rigs; ++rig) {
    const double own = random.Uniform();
    for (int i = 0; i < each; ++i) {
      LabelledRecord record = {.features = BlankFeatures(),
                               .machine = Motor(),
                               .fault = static_cast<Fault>(i % 4),
                               .rig = "rig " + std::to_string(rig)};
      const auto put = [&](const char* name, Fault fault) {
        const bool is = record.fault == fault;
        Set(record.features, (std::string(name) + "_existence").c_str(),
            static_cast<float>(own + random.Uniform() + (is ? 4 : 0)));
        Set(record.features, (std::string(name) + "_depth").c_str(),
            static_cast<float>(0.2 * random.Uniform() + (is ? 0.3 : 0)));
      };
      put("bpfi", Fault::kInnerRace);
      put("bpfo", Fault::kOuterRace);
      put("ball", Fault::kBall);
      Set(record.features, "kurtosis", static_cast<float>(3 + random.Uniform()));
      records.push_back(std::move(record));
    }
  }
  return records;
}

TrainOptions Quick() {
  TrainOptions options;
  options.trees.rounds = 20;
  return options;
}

TEST(Train, LearnsWhatIsPlainOnRigsThatItHasNotSeen) {
  const auto classifier = Train(PlainRecords(4, 24), Quick());
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  const auto metrics = nlohmann::json::parse(classifier->metrics());
  EXPECT_EQ(metrics["records"], 96);
  EXPECT_EQ(metrics["rigs"], 4);
  EXPECT_GE(metrics["forced_right"], 92);
  EXPECT_LE(metrics["wrong"], 4);
  EXPECT_LT(metrics["brier"], 0.2);
  EXPECT_EQ(metrics["by_rig"].size(), 4u);
  EXPECT_EQ(nlohmann::json::parse(classifier->recipe())["seed"], 1);
  for (const LabelledRecord& record : PlainRecords(1, 8, 99)) {
    const Classification said = classifier->Classify(record.features, record.machine);
    EXPECT_TRUE(said.fault == record.fault || said.fault == Fault::kAbstain);
  }
}

TEST(Train, AgainGivesTheSameBytes) {
  const std::vector<LabelledRecord> records = PlainRecords(3, 16);
  TrainOptions options = Quick();
  options.trees.row_share = 0.7;
  const auto first = Train(records, options);
  const auto second = Train(records, options);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->Serialize(), second->Serialize());
  options.trees.seed = 2;
  EXPECT_NE(Train(records, options)->Serialize(), first->Serialize());
}

TEST(Train, ANoiseLabelIsNotLearntAndTheMetricsSaySo) {
  std::vector<LabelledRecord> records = PlainRecords(4, 24);
  Random random(8);
  for (LabelledRecord& record : records) record.fault = static_cast<Fault>(random.Next() % 4);
  const auto classifier = Train(records, Quick());
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  const auto metrics = nlohmann::json::parse(classifier->metrics());
  EXPECT_LT(metrics["forced_right"], 48);
  EXPECT_LT(metrics["healthy_accused"], 3);
  EXPECT_GT(metrics["abstained"], 70);
}

TEST(Train, RefusesRecordsThatCannotBeHeldOut) {
  const auto one_rig = Train(PlainRecords(1, 24), Quick());
  EXPECT_EQ(one_rig.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(one_rig.status().message(), HasSubstr("2 rigs"));
  EXPECT_FALSE(Train({}, Quick()).ok());
  std::vector<LabelledRecord> same = PlainRecords(3, 24);
  for (LabelledRecord& record : same) record.fault = Fault::kHealthy;
  EXPECT_EQ(Train(same, Quick()).status().code(), absl::StatusCode::kFailedPrecondition);
  std::vector<LabelledRecord> nameless = PlainRecords(3, 24);
  nameless[4].fault = Fault::kAbstain;
  EXPECT_THAT(Train(nameless, Quick()).status().message(), HasSubstr("abstain"));
  TrainOptions endless = Quick();
  endless.trees.rounds = 1 << 20;
  EXPECT_EQ(Train(PlainRecords(3, 24), endless).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Train, LeavesOutWhatCannotBeJudgedAndCountsIt) {
  std::vector<LabelledRecord> records = PlainRecords(3, 24);
  records[0].features.quality = features::Bit(features::QualityFlag::kClipped);
  records[1].features.quality = features::Bit(features::QualityFlag::kStopped);
  records[2].features = BlankFeatures();
  const auto classifier = Train(records, Quick());
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  EXPECT_EQ(nlohmann::json::parse(classifier->metrics())["left_out"], 3);
}

TEST(Train, MeasuresOnJudgedRecordsOnly) {
  std::vector<LabelledRecord> records = PlainRecords(3, 24);
  for (size_t i = 0; i < 24; ++i) records[i].judged = false;
  const auto classifier = Train(records, Quick());
  ASSERT_TRUE(classifier.ok()) << classifier.status();
  const auto metrics = nlohmann::json::parse(classifier->metrics());
  EXPECT_EQ(metrics["records"], 48);
  EXPECT_EQ(metrics["rigs"], 2);
}

TEST(Train, EndsWhereItIsToldTo) {
  TrainOptions options = Quick();
  double last = 0;
  options.progress = [&](double done) {
    EXPECT_GT(done, last);
    last = done;
    return done < 0.5;
  };
  const auto classifier = Train(PlainRecords(3, 24), options);
  EXPECT_EQ(classifier.status().code(), absl::StatusCode::kCancelled);
  EXPECT_NEAR(last, 0.5, 0.05);
}

TEST(Calibrate, FindsTheTemperatureThatMadeTheMargins) {
  Random random(4);
  std::vector<HeldOut> records;
  for (int i = 0; i < 4000; ++i) {
    const float truth_margin = static_cast<float>(2 * random.Normal());
    const double p = 1 / (1 + std::exp(-truth_margin));
    const size_t truth = random.Uniform() < p ? 0 : 1;
    records.push_back({truth, i % 5, {2.0f * truth_margin, 0}});  // twice as sure as is true
  }
  const std::vector<Fault> classes = {Fault::kInnerRace, Fault::kOuterRace};
  const Calibration calibration = Calibrate(records, classes, 0.05);
  EXPECT_NEAR(calibration.temperature, 2.0f, 0.2f);
  int named = 0, wrong = 0;
  for (const HeldOut& record : records) {
    std::vector<float> p = record.margins;
    TreeEnsemble::Softmax(p, calibration.temperature);
    if (std::max(p[0], p[1]) < calibration.threshold) continue;
    ++named;
    wrong += (p[0] > p[1] ? 0u : 1u) != record.truth;
  }
  EXPECT_GT(named, 500);
  EXPECT_LE(wrong, 0.05 * named);
}

}  // namespace
}  // namespace auscult::models
