#pragma once

#include <cmath>
#include <vector>

#include "models/classifier.h"
#include "models/classifier_inputs.h"
#include "models/random.h"
#include "models/tree_ensemble.h"

namespace auscult::models {

// Any sound tree of at most `depth` levels.
inline TreeEnsemble::Tree MadeTree(Random& random, int feature_count, int depth) {
  TreeEnsemble::Tree tree(1);
  std::vector<int> levels = {0};
  for (size_t at = 0; at < tree.size(); ++at) {
    tree[at].value = static_cast<float>(random.Normal());
    if (levels[at] >= depth || (at > 0 && random.Uniform() < 0.2)) continue;
    tree[at].left = static_cast<int>(tree.size());
    tree[at].feature = static_cast<int>(random.Next() % static_cast<uint64_t>(feature_count));
    tree[at].missing_left = random.Uniform() < 0.5;
    const int below = levels[at] + 1;
    levels.insert(levels.end(), {below, below});
    tree.resize(levels.size());
  }
  return tree;
}

inline TreeEnsemble MadeEnsemble(Random& random, int feature_count, int class_count, int rounds,
                                 int depth) {
  std::vector<TreeEnsemble::Tree> trees;
  for (int t = 0; t < rounds * class_count; ++t) {
    trees.push_back(MadeTree(random, feature_count, depth));
  }
  return *TreeEnsemble::Create(feature_count, class_count, trees);
}

// A classifier of healthy, inner race, outer race and ball that means nothing.
inline Classifier MadeClassifier(uint64_t seed = 1, int rounds = 6, int depth = 4) {
  Random random(seed);
  Classifier::Parts parts;
  parts.classes = {Fault::kHealthy, Fault::kInnerRace, Fault::kOuterRace, Fault::kBall};
  parts.temperature = 1.5f;
  parts.threshold = 0.6f;
  parts.recipe = R"({"seed":1})";
  parts.metrics = R"({"records":0})";
  const auto inputs = static_cast<int>(ClassifierInputNames().size());
  return *Classifier::Create(MadeEnsemble(random, inputs, 4, rounds, depth), std::move(parts));
}

// One that says the same of every record: these probabilities, by class.
inline Classifier ConstantClassifier(std::vector<Fault> classes,
                                     const std::vector<float>& probabilities,
                                     float threshold = 0.6f) {
  std::vector<TreeEnsemble::Tree> trees;
  for (const float probability : probabilities) {
    trees.push_back({{.value = std::log(probability)}});
  }
  Classifier::Parts parts;
  parts.classes = std::move(classes);
  parts.threshold = threshold;
  parts.recipe = parts.metrics = "{}";
  const auto inputs = static_cast<int>(ClassifierInputNames().size());
  const auto count = static_cast<int>(probabilities.size());
  return *Classifier::Create(*TreeEnsemble::Create(inputs, count, trees), std::move(parts));
}

}  // namespace auscult::models
