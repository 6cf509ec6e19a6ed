#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::models {

class ByteReader;
class ByteWriter;

// Gradient-boosted trees that vote for classes (Friedman 2001; the rule at a node is that of
// XGBoost, Chen and Guestrin 2016): a value goes left where it is less than the threshold in
// float32, a missing one (NaN) to the side that the node says. Immutable once made, so any thread
// may use it; holding one is the proof that every index, depth and number in it is sound.
class TreeEnsemble {
 public:
  static constexpr int kMaxFeatures = 4096;
  static constexpr int kMaxClasses = 64;
  static constexpr int kMaxTrees = 1 << 16;
  static constexpr int kMaxNodes = 1 << 20;  // of all trees
  static constexpr int kMaxTreeNodes = 1 << 15;
  static constexpr int kMaxDepth = 32;
  static constexpr float kMaxLeaf = 1e4f;  // so that no sum of leaves overflows

  struct Node {
    float value = 0;  // threshold, or what a leaf adds to the margin of its class
    int left = 0;     // position of the left child in its tree; the right one follows; 0 = leaf
    int feature = 0;  // that the threshold is of; 0 in a leaf
    bool missing_left = false;  // where NaN goes; false in a leaf
  };
  using Tree = std::vector<Node>;  // the root first, a child behind its parent

  // Tree t votes for class t % class_count. INVALID_ARGUMENT says which tree and node is wrong and
  // why: counts within the limits above, whole rounds of trees, children behind their parents and
  // each with one parent, features that exist, finite
  // numbers, leaves within +-kMaxLeaf.
  static absl::StatusOr<TreeEnsemble> Create(int feature_count, int class_count,
                                             std::span<const Tree> trees);

  int feature_count() const { return feature_count_; }
  int class_count() const { return class_count_; }
  int tree_count() const { return static_cast<int>(roots_.size()); }
  int depth() const { return depth_; }

  // Sum of the leaves for each class. `row` has feature_count values of any kind, `margins`
  // class_count places.
  void Margins(std::span<const float> row, std::span<float> margins) const;

  // softmax(margins / temperature), in place; temperature > 0.
  static void Softmax(std::span<float> margins, float temperature = 1.0f);

  // Little-endian, with a version byte; eight bytes a node. Parse answers DATA_LOSS for what it
  // cannot trust, in a time and memory bounded by the limits above and the bytes at hand.
  void Write(ByteWriter& writer) const;
  static absl::StatusOr<TreeEnsemble> Read(ByteReader& reader);

 private:
  // As evaluated: a leaf stays where it is whatever the value, so that trees can go in step.
  struct Step {
    float value;
    uint32_t left;  // among the steps of all trees; of a leaf, itself
    uint32_t test;  // feature and the flags below
  };
  static constexpr uint32_t kFeatureMask = 0xFFFF;
  static constexpr uint32_t kInner = 1u << 16;
  static constexpr uint32_t kMissingLeft = 1u << 17;

  TreeEnsemble() = default;

  int feature_count_ = 0;
  int class_count_ = 0;
  int depth_ = 0;
  std::vector<Step> steps_;
  std::vector<uint32_t> roots_;  // where each tree begins in steps_
  std::vector<int> depths_;      // of each tree
};

}  // namespace auscult::models
