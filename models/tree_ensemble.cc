#include "models/tree_ensemble.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "models/byte_codec.h"

namespace auscult::models {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint16_t kStoredMissingLeft = 0x8000;  // beside the feature
constexpr uint64_t kStoredNodeBytes = sizeof(float) + 2 * sizeof(uint16_t);

std::string CountsProblem(int64_t feature_count, int64_t class_count, int64_t tree_count) {
  if (feature_count < 1 || feature_count > TreeEnsemble::kMaxFeatures) {
    return absl::StrCat(feature_count, " features, 1 to ", TreeEnsemble::kMaxFeatures,
                        " are possible");
  }
  if (class_count < 2 || class_count > TreeEnsemble::kMaxClasses) {
    return absl::StrCat(class_count, " classes, 2 to ", TreeEnsemble::kMaxClasses, " are possible");
  }
  if (tree_count < class_count || tree_count > TreeEnsemble::kMaxTrees ||
      tree_count % class_count != 0) {
    return absl::StrCat(tree_count, " trees for ", class_count,
                        " classes; whole rounds of one tree a class are needed, at most ",
                        TreeEnsemble::kMaxTrees, " trees");
  }
  return "";
}

// What is wrong with a node that stands at `index` of `count`; empty if nothing.
std::string NodeProblem(const TreeEnsemble::Node& node, int index, int count, int feature_count) {
  if (!std::isfinite(node.value)) return "a number that is not finite";
  if (node.left == 0) {
    if (std::abs(node.value) > TreeEnsemble::kMaxLeaf) {
      return absl::StrCat("a leaf of ", node.value, ", beyond ", TreeEnsemble::kMaxLeaf);
    }
    return node.feature != 0 || node.missing_left ? "a leaf that tests a feature" : "";
  }
  if (node.left <= index || node.left + 1 >= count) {
    return absl::StrCat("children at ", node.left,
                        ", which must stand behind it and inside the tree of ", count, " nodes");
  }
  if (node.feature < 0 || node.feature >= feature_count) {
    return absl::StrCat("feature ", node.feature, " of ", feature_count);
  }
  return "";
}

// Depth of a sound tree; else `problem` says what is wrong.
std::optional<int> DepthOf(const TreeEnsemble::Tree& tree, int feature_count,
                           std::string& problem) {
  const int count = static_cast<int>(tree.size());
  if (count < 1 || count > TreeEnsemble::kMaxTreeNodes) {
    problem = absl::StrCat(count, " nodes, 1 to ", TreeEnsemble::kMaxTreeNodes, " are possible");
    return std::nullopt;
  }
  std::vector<int> depths(tree.size(), -1);  // -1: nobody's child so far
  depths[0] = 0;
  int deepest = 0;
  for (int i = 0; i < count; ++i) {
    const TreeEnsemble::Node& node = tree[i];
    std::string wrong = NodeProblem(node, i, count, feature_count);
    if (wrong.empty() && depths[i] < 0) wrong = "no parent";
    if (wrong.empty() && depths[i] > TreeEnsemble::kMaxDepth) {
      wrong = absl::StrCat("a depth beyond ", TreeEnsemble::kMaxDepth);
    }
    if (wrong.empty() && node.left > 0 && (depths[node.left] >= 0 || depths[node.left + 1] >= 0)) {
      wrong = "a child that has a parent already";
    }
    if (!wrong.empty()) {
      problem = absl::StrCat("node ", i, " has ", wrong);
      return std::nullopt;
    }
    deepest = std::max(deepest, depths[i]);
    if (node.left > 0) depths[node.left] = depths[node.left + 1] = depths[i] + 1;
  }
  return deepest;
}

constexpr uint32_t kSign = 0x80000000u;

// Numbers in the order of the floats, as those are compared sooner. That of every number is above
// 0.
uint32_t OrderOf(float value) {
  const auto bits = std::bit_cast<int32_t>(value);
  return static_cast<uint32_t>(bits) ^ (static_cast<uint32_t>(bits >> 31) | kSign);
}

float FloatOf(uint32_t order) {
  return std::bit_cast<float>(order ^ ((order & kSign) != 0 ? kSign : ~0u));
}

float WithoutSignOfZero(float value) { return value + 0.0f; }

absl::Status Damaged(const std::string& problem) {
  return absl::DataLossError(absl::StrCat("trees: ", problem));
}

}  // namespace

absl::StatusOr<TreeEnsemble> TreeEnsemble::Create(int feature_count, int class_count,
                                                  std::span<const Tree> trees) {
  std::string problem =
      CountsProblem(feature_count, class_count, static_cast<int64_t>(trees.size()));
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  TreeEnsemble ensemble;
  ensemble.feature_count_ = feature_count;
  ensemble.class_count_ = class_count;
  for (size_t t = 0; t < trees.size(); ++t) {
    const std::optional<int> depth = DepthOf(trees[t], feature_count, problem);
    if (!depth) return absl::InvalidArgumentError(absl::StrCat("tree ", t, ": ", problem));
    if (ensemble.steps_.size() + trees[t].size() > kMaxNodes) {
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxNodes, " nodes"));
    }
    const auto root = static_cast<uint32_t>(ensemble.steps_.size());
    ensemble.roots_.push_back(root);
    if (t % kLanes == 0) ensemble.depths_.push_back(0);
    ensemble.depths_.back() = std::max(ensemble.depths_.back(), *depth);
    ensemble.depth_ = std::max(ensemble.depth_, *depth);
    for (size_t i = 0; i < trees[t].size(); ++i) {
      const Node& node = trees[t][i];
      const bool inner = node.left > 0;
      ensemble.steps_.push_back(
          {.value = OrderOf(inner ? WithoutSignOfZero(node.value) : node.value),
           .test = static_cast<uint16_t>(2 * (inner ? node.feature : feature_count) +
                                         (node.missing_left ? 1 : 0)),
           .left = static_cast<uint16_t>(inner ? node.left - static_cast<int>(i) : 0)});
    }
  }
  return ensemble;
}

void TreeEnsemble::Margins(std::span<const float> row, std::span<float> margins) const {
  assert(row.size() == static_cast<size_t>(feature_count_));
  assert(margins.size() == static_cast<size_t>(class_count_));
  // Each value where a missing one goes right, and again where it goes left; behind them what stays
  // in a leaf.
  std::array<uint32_t, 2 * kMaxFeatures + 1> values;
  for (size_t f = 0; f < row.size(); ++f) {
    const uint32_t order = OrderOf(WithoutSignOfZero(row[f]));
    const bool missing = std::isnan(row[f]);
    values[2 * f] = missing ? ~0u : order;
    values[2 * f + 1] = missing ? 0 : order;
  }
  values[2 * row.size()] = 0;
  std::fill(margins.begin(), margins.end(), 0.0f);
  size_t vote = 0;
  const Step* const steps = steps_.data();
  for (size_t t = 0; t < roots_.size(); t += kLanes) {
    const size_t lanes = std::min(kLanes, roots_.size() - t);
    std::array<const Step*, kLanes> at;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      at[lane] = steps + roots_[lane < lanes ? t + lane : t];
    }
    const int depth = depths_[t / kLanes];
    for (int level = 0; level < depth; ++level) {
      for (size_t lane = 0; lane < kLanes; ++lane) {
        const Step& step = *at[lane];
        at[lane] += step.left + static_cast<size_t>(values[step.test] >= step.value);
      }
    }
    for (size_t lane = 0; lane < lanes; ++lane) {
      margins[vote] += FloatOf(at[lane]->value);
      vote = vote + 1 == margins.size() ? 0 : vote + 1;
    }
  }
}

void TreeEnsemble::Softmax(std::span<float> margins, float temperature) {
  assert(temperature > 0);
  const float highest = *std::max_element(margins.begin(), margins.end());
  double sum = 0;
  for (float& margin : margins) {
    margin = std::exp((margin - highest) / temperature);
    sum += margin;
  }
  for (float& margin : margins) margin = static_cast<float>(margin / sum);
}

void TreeEnsemble::Write(ByteWriter& writer) const {
  writer.Write(kVersion);
  writer.Write(static_cast<uint16_t>(feature_count_));
  writer.Write(static_cast<uint16_t>(class_count_));
  writer.Write(static_cast<uint32_t>(roots_.size()));
  for (size_t t = 0; t < roots_.size(); ++t) {
    const size_t end = t + 1 < roots_.size() ? roots_[t + 1] : steps_.size();
    writer.Write(static_cast<uint16_t>(end - roots_[t]));
    for (size_t i = roots_[t]; i < end; ++i) {
      const Step& step = steps_[i];
      const bool inner = step.left > 0;
      writer.Write(FloatOf(step.value));
      writer.Write(static_cast<uint16_t>(inner ? i - roots_[t] + step.left : 0));
      const int feature = inner ? step.test / 2 : 0;
      writer.Write(static_cast<uint16_t>(feature | (step.test % 2 == 1 ? kStoredMissingLeft : 0)));
    }
  }
}

absl::StatusOr<TreeEnsemble> TreeEnsemble::Read(ByteReader& reader) {
  const auto version = reader.Read<uint8_t>();
  if (reader.ok() && version != kVersion) {
    return Damaged(absl::StrCat("format ", version, ", this program knows ", kVersion));
  }
  const int feature_count = reader.Read<uint16_t>();
  const int class_count = reader.Read<uint16_t>();
  const auto tree_count = reader.Read<uint32_t>();
  if (const std::string problem = CountsProblem(feature_count, class_count, tree_count);
      !problem.empty()) {
    return Damaged(problem);
  }
  if (!reader.Holds(tree_count, sizeof(uint16_t) + kStoredNodeBytes)) {
    return Damaged(absl::StrCat("the file ends before its ", tree_count, " trees"));
  }
  std::vector<Tree> trees(tree_count);
  for (uint32_t t = 0; t < tree_count; ++t) {
    const auto node_count = reader.Read<uint16_t>();
    if (!reader.Holds(node_count, kStoredNodeBytes)) {
      return Damaged(absl::StrCat("the file ends inside tree ", t, " of ", node_count, " nodes"));
    }
    trees[t].resize(node_count);
    for (Node& node : trees[t]) {
      node.value = reader.Read<float>();
      node.left = reader.Read<uint16_t>();
      const auto test = reader.Read<uint16_t>();
      node.missing_left = (test & kStoredMissingLeft) != 0;
      node.feature = test & ~kStoredMissingLeft;
    }
  }
  if (!reader.ok()) return Damaged("the file ends too early");
  absl::StatusOr<TreeEnsemble> ensemble = Create(feature_count, class_count, trees);
  if (!ensemble.ok()) return Damaged(std::string(ensemble.status().message()));
  return ensemble;
}

}  // namespace auscult::models
