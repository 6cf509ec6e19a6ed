#include "models/train_trees.h"

#include <xgboost/c_api.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace auscult::models {
namespace {

using Json = nlohmann::json;

absl::Status Failed(const char* what) {
  return absl::InternalError(absl::StrCat("XGBoost: ", what, ": ", XGBGetLastError()));
}

// Owns a matrix or a booster of the C API.
template <int (*Free)(void*)>
class Handle {
 public:
  Handle() = default;
  ~Handle() {
    if (handle_ != nullptr) Free(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  void** out() { return &handle_; }
  void* get() const { return handle_; }

 private:
  void* handle_ = nullptr;
};
using Matrix = Handle<XGDMatrixFree>;
using Booster = Handle<XGBoosterFree>;

absl::Status Fill(const TrainingRows& rows, Matrix& matrix) {
  const auto count = static_cast<bst_ulong>(rows.size());
  if (XGDMatrixCreateFromMat_omp(rows.values.data(), count,
                                 static_cast<bst_ulong>(rows.column_count), std::nanf(""),
                                 matrix.out(), 1) != 0) {
    return Failed("making the matrix");
  }
  if (XGDMatrixSetFloatInfo(matrix.get(), "label", rows.labels.data(), count) != 0 ||
      XGDMatrixSetFloatInfo(matrix.get(), "weight", rows.weights.data(), count) != 0) {
    return Failed("setting labels and weights");
  }
  return absl::OkStatus();
}

absl::Status Configure(const TreeOptions& options, int class_count, Booster& booster) {
  const std::vector<std::pair<const char*, std::string>> parameters = {
      {"verbosity", "0"},
      {"nthread", "1"},
      {"booster", "gbtree"},
      {"tree_method", "exact"},
      {"objective", "multi:softprob"},
      {"base_score", "0"},
      {"num_class", absl::StrCat(class_count)},
      {"seed", absl::StrCat(options.seed)},
      {"seed_per_iteration", "1"},
      {"max_depth", absl::StrCat(options.max_depth)},
      {"eta", absl::StrCat(options.learning_rate)},
      {"min_child_weight", absl::StrCat(options.min_child_weight)},
      {"lambda", absl::StrCat(options.l2)},
      {"subsample", absl::StrCat(options.row_share)},
      {"colsample_bytree", absl::StrCat(options.column_share)}};
  for (const auto& [name, value] : parameters) {
    if (XGBoosterSetParam(booster.get(), name, value.c_str()) != 0) return Failed(name);
  }
  return absl::OkStatus();
}

TreeEnsemble::Tree TreeOf(const Json& stored) {
  const std::vector<int> left = stored.at("left_children");
  const std::vector<int> right = stored.at("right_children");
  const std::vector<int> feature = stored.at("split_indices");
  const std::vector<float> value = stored.at("split_conditions");
  const std::vector<int> missing_left = stored.at("default_left");
  // Level by level, so that children stand side by side behind their parent.
  TreeEnsemble::Tree tree(1);
  std::vector<int> source = {0};
  for (size_t at = 0; at < source.size(); ++at) {
    const auto from = static_cast<size_t>(source[at]);
    tree[at].value = value.at(from);
    if (left.at(from) < 0) continue;
    tree[at].left = static_cast<int>(tree.size());
    tree[at].feature = feature.at(from);
    tree[at].missing_left = missing_left.at(from) != 0;
    source.insert(source.end(), {left.at(from), right.at(from)});
    tree.resize(source.size());
  }
  return tree;
}

}  // namespace

absl::StatusOr<TreeEnsemble> TakeOverTrees(void* booster, int column_count, int class_count) {
  bst_ulong size = 0;
  const char* text = nullptr;
  if (XGBoosterSaveModelToBuffer(booster, R"({"format": "json"})", &size, &text) != 0) {
    return Failed("saving the trees");
  }
  const Json model = Json::parse(text, text + size, nullptr, false);
  std::vector<TreeEnsemble::Tree> trees;
  try {
    for (const Json& tree : model.at("learner").at("gradient_booster").at("model").at("trees")) {
      trees.push_back(TreeOf(tree));
    }
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("XGBoost: its trees are not as expected: ", error.what()));
  }
  return TreeEnsemble::Create(column_count, class_count, trees);
}

absl::StatusOr<TreeEnsemble> TrainTrees(const TrainingRows& rows, int class_count,
                                        const TreeOptions& options,
                                        const std::function<bool()>& round_done) {
  Matrix matrix;
  if (absl::Status status = Fill(rows, matrix); !status.ok()) return status;
  Booster booster;
  if (XGBoosterCreate(matrix.out(), 1, booster.out()) != 0) return Failed("making the booster");
  if (absl::Status status = Configure(options, class_count, booster); !status.ok()) return status;
  for (int round = 0; round < options.rounds; ++round) {
    if (XGBoosterUpdateOneIter(booster.get(), round, matrix.get()) != 0) return Failed("a round");
    if (round_done && !round_done()) return absl::CancelledError("the training was cancelled");
  }
  return TakeOverTrees(booster.get(), rows.column_count, class_count);
}

}  // namespace auscult::models
