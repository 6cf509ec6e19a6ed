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
  // As evaluated, in eight bytes: what is below the threshold goes to the left child, else to the
  // one behind it. A leaf stays where it is, so that trees can go in step.
  struct Step {
    uint32_t value;  // of the node, as its order among floats
    uint16_t test;   // place in the evaluated row: 2 x feature, + 1 where NaN goes left
    uint16_t left;   // places from here to the left child, 0 in a leaf
  };

  // Trees that go in step: each waits for memory at every level, together they wait only once.
  static constexpr size_t kLanes = 8;

  TreeEnsemble() = default;

  int feature_count_ = 0;
  int class_count_ = 0;
  int depth_ = 0;
  std::vector<Step> steps_;
  std::vector<uint32_t> roots_;  // where each tree begins in steps_
  std::vector<int> depths_;      // of each kLanes trees
};

}  // namespace auscult::models
