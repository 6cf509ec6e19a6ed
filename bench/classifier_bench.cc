// How long does a learnt verdict take? Beside it, in the same run: what XGBoost itself takes for
// one row with the same trees.
#include <xgboost/c_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/classifier_inputs.h"
#include "models/random.h"
#include "models/train_trees.h"

namespace auscult::models {
namespace {

constexpr int kClasses = 4;
constexpr int kRows = 2000;

TrainingRows MadeRows(int columns) {
  Random random(1);
  TrainingRows rows;
  rows.column_count = columns;
  for (int i = 0; i < kRows; ++i) {
    double sum = 0;
    for (int c = 0; c < columns; ++c) {
      const double value = random.Normal();
      const bool missing = random.Uniform() < 0.1;
      rows.values.push_back(missing ? NAN : static_cast<float>(value));
      if (!missing && c % 5 == 0) sum += value;
    }
    rows.labels.push_back(static_cast<float>(std::clamp(static_cast<int>(sum + 2), 0, 3)));
    rows.weights.push_back(1);
  }
  return rows;
}

// XGBoost with trees of its own of the same size, for its time and its answers.
class Peer {
 public:
  Peer(const TrainingRows& rows, int rounds, int depth) : columns_(rows.column_count) {
    Check(XGDMatrixCreateFromMat(rows.values.data(), kRows, columns_, NAN, &matrix_));
    Check(XGDMatrixSetFloatInfo(matrix_, "label", rows.labels.data(), kRows));
    Check(XGBoosterCreate(&matrix_, 1, &booster_));
    const std::vector<std::pair<const char*, std::string>> parameters = {
        {"verbosity", "0"},  {"nthread", "1"},
        {"base_score", "0"}, {"objective", "multi:softprob"},
        {"num_class", "4"},  {"max_depth", std::to_string(depth)}};
    for (const auto& [name, value] : parameters) {
      Check(XGBoosterSetParam(booster_, name, value.c_str()));
    }
    for (int i = 0; i < rounds; ++i) Check(XGBoosterUpdateOneIter(booster_, i, matrix_));
  }
  ~Peer() {
    XGBoosterFree(booster_);
    XGDMatrixFree(matrix_);
  }

  TreeEnsemble Trees() const {
    auto trees = TakeOverTrees(booster_, columns_, kClasses);
    if (!trees.ok()) Check(-1);
    return *std::move(trees);
  }

  const float* PredictRow(const float* row) {
    const std::string values = R"({"data":[)" + std::to_string(reinterpret_cast<uintptr_t>(row)) +
                               R"(,true],"shape":[1,)" + std::to_string(columns_) +
                               R"(],"typestr":"<f4","version":3})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* answer = nullptr;
    Check(XGBoosterPredictFromDense(
        booster_, values.c_str(),
        R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true,)"
        R"("missing":NaN,"cache_id":0})",
        nullptr, &shape, &dimensions, &answer));
    return answer;
  }

 private:
  static void Check(int code) {
    if (code == 0) return;
    std::fprintf(stderr, "%s\n", XGBGetLastError());
    std::exit(1);
  }

  int columns_;
  DMatrixHandle matrix_ = nullptr;
  BoosterHandle booster_ = nullptr;
};

double MicrosecondsEach(int count, const std::function<void(int)>& work) {
  double best = 1e300;
  for (int round = 0; round < 7; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) work(i);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / count);
  }
  return best;
}

int Run(bool quick) {
  const auto columns = static_cast<int>(ClassifierInputNames().size());
  const TrainingRows rows = MadeRows(columns);
  nlohmann::ordered_json result = {{"bench", "classifier"}, {"inputs", columns}};
  for (const auto& [rounds, depth] : {std::pair{80, 3}, {100, 5}}) {
    Peer peer(rows, rounds, depth);
    const TreeEnsemble trees = peer.Trees();
    std::vector<float> p(kClasses);
    const auto row = [&](int i) {
      return std::span(rows.values).subspan(static_cast<size_t>(i % kRows) * columns, columns);
    };
    for (int i = 0; i < 200; ++i) {
      trees.Margins(row(i), p);
      TreeEnsemble::Softmax(p);
      const float* const expected = peer.PredictRow(row(i).data());
      for (int c = 0; c < kClasses; ++c) {
        if (!(std::abs(p[c] - expected[c]) < 1e-6)) return 1;
      }
    }
    float sink = 0;
    const double ours = MicrosecondsEach(quick ? 2000 : 50000, [&](int i) {
      trees.Margins(row(i), p);
      TreeEnsemble::Softmax(p);
      sink += p[0];
    });
    const double theirs = MicrosecondsEach(
        quick ? 200 : 2000, [&](int i) { sink += peer.PredictRow(row(i).data())[0]; });
    if (std::isnan(sink)) return 1;
    std::printf("%d trees of depth %d: %.2f us a row; XGBoost %.1f us, %.0f times as long\n",
                trees.tree_count(), trees.depth(), ours, theirs, theirs / ours);
    result["trees_" + std::to_string(trees.tree_count())] = {
        {"depth", trees.depth()}, {"us", ours}, {"xgboost_us", theirs}, {"ratio", theirs / ours}};
  }
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::models

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  return auscult::models::Run(quick);
}
