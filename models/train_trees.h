#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "models/tree_ensemble.h"

namespace auscult::models {

struct TreeOptions {
  uint32_t seed = 1;
  int rounds = 80;
  int max_depth = 3;
  double learning_rate = 0.1;
  double min_child_weight = 1;
  double l2 = 1;              // on the leaves
  double row_share = 1;       // drawn for each round
  double column_share = 0.5;  // drawn for each tree
};

// Rows side by side, `column_count` values each, NaN = missing, never infinite; a label and a
// weight (above 0) for each.
struct TrainingRows {
  int column_count = 0;
  std::vector<float> values;
  std::vector<float> labels;  // class, 0 .. class_count - 1
  std::vector<float> weights;

  size_t size() const { return labels.size(); }
};

// Boosts trees with XGBoost, softmax over classes, on one thread, and takes them over. Its files
// are never read: only what it has just made in this process. The same rows and options give the
// same trees. `round_done` is asked after each round; false ends with CANCELLED.
absl::StatusOr<TreeEnsemble> TrainTrees(const TrainingRows& rows, int class_count,
                                        const TreeOptions& options,
                                        const std::function<bool()>& round_done = {});

// Takes over the trees of `booster`, a BoosterHandle that this process has trained with the
// objective multi:softprob and base_score 0.
absl::StatusOr<TreeEnsemble> TakeOverTrees(void* booster, int column_count, int class_count);

}  // namespace auscult::models
