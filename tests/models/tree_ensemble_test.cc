#include "models/tree_ensemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "models/byte_codec.h"
#include "tests/models/made_classifier.h"

namespace auscult::models {
namespace {

using Node = TreeEnsemble::Node;
using Tree = TreeEnsemble::Tree;
using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// x[1] < 2 ? (x[0] < -1 ? 10 : 20) : 30, missing x[1] to the left, missing x[0] to the right.
Tree ThreeLeaves() {
  return {{.value = 2, .left = 1, .feature = 1, .missing_left = true},
          {.value = -1, .left = 3, .feature = 0},
          {.value = 30},
          {.value = 10},
          {.value = 20}};
}

// The same by the plain recursion.
float Descend(const Tree& tree, std::span<const float> row) {
  int at = 0;
  while (tree[at].left > 0) {
    const float value = row[tree[at].feature];
    const bool left = std::isnan(value) ? tree[at].missing_left : value < tree[at].value;
    at = tree[at].left + (left ? 0 : 1);
  }
  return tree[at].value;
}

TEST(TreeEnsemble, GoesLeftBelowTheThresholdAndWhereTheNodeSaysWhenMissing) {
  const std::vector<Tree> trees = {ThreeLeaves(), {{.value = 0.5f}}};
  const auto ensemble = TreeEnsemble::Create(2, 2, trees);
  ASSERT_TRUE(ensemble.ok()) << ensemble.status();
  struct Case {
    float x0, x1, expected;
  };
  for (const Case& c : {Case{0, 2, 30}, Case{0, 1.9999998f, 20}, Case{-1, 0, 20},
                        Case{-1.01f, 0, 10}, Case{NAN, 0, 20}, Case{-5, NAN, 10},
                        Case{NAN, NAN, 20}, Case{0, kInfinity, 30}, Case{-kInfinity, 0, 10}}) {
    SCOPED_TRACE(testing::Message() << c.x0 << " " << c.x1);
    std::vector<float> margins(2);
    ensemble->Margins(std::vector<float>{c.x0, c.x1}, margins);
    EXPECT_EQ(margins[0], c.expected);
    EXPECT_EQ(margins[1], 0.5f);
  }
}

TEST(TreeEnsemble, AgreesWithThePlainRecursionOnAnyTreesAndRows) {
  Random random(7);
  for (int round = 0; round < 60; ++round) {
    const int classes = 2 + static_cast<int>(random.Next() % 5);
    std::vector<Tree> trees;
    for (int t = 0; t < classes * (1 + round % 7); ++t) {
      trees.push_back(MadeTree(random, 9, round % 9));
    }
    const auto ensemble = TreeEnsemble::Create(9, classes, trees);
    ASSERT_TRUE(ensemble.ok()) << ensemble.status();
    std::vector<float> row(9);
    for (float& value : row) {
      value = random.Uniform() < 0.2 ? NAN : static_cast<float>(random.Normal());
    }
    std::vector<float> expected(classes, 0.0f), margins(classes);
    for (size_t t = 0; t < trees.size(); ++t) expected[t % classes] += Descend(trees[t], row);
    ensemble->Margins(row, margins);
    EXPECT_EQ(margins, expected);
  }
}

TEST(TreeEnsemble, ComparesAsFloatsDoAtTheEnds) {
  constexpr float kHighest = std::numeric_limits<float>::max();
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  const std::vector<float> ends = {-kHighest, -1.0f,    -kSmallest, -0.0f,      0.0f, kSmallest,
                                   1.0f,      kHighest, kInfinity,  -kInfinity, NAN};
  for (const float threshold : ends) {
    if (!std::isfinite(threshold)) continue;
    for (const bool missing_left : {false, true}) {
      const Tree tree = {
          {.value = threshold, .left = 1, .feature = 0, .missing_left = missing_left},
          {.value = -TreeEnsemble::kMaxLeaf},
          {.value = -0.0f}};
      const auto ensemble = TreeEnsemble::Create(1, 2, std::vector<Tree>{tree, tree});
      ASSERT_TRUE(ensemble.ok()) << ensemble.status();
      for (const float value : ends) {
        std::vector<float> margins(2);
        ensemble->Margins(std::vector<float>{value}, margins);
        EXPECT_EQ(margins[1], Descend(tree, std::vector<float>{value}))
            << value << " against " << threshold << ", missing left " << missing_left;
      }
    }
  }
}

TEST(TreeEnsemble, RefusesWhatItCannotTrustAndSaysWhy) {
  const auto with = [](size_t at, Node node) {
    Tree tree = ThreeLeaves();
    tree[at] = node;
    return tree;
  };
  struct Case {
    Tree tree;
    std::string why;
  };
  const std::vector<Case> cases = {
      {{}, "0 nodes"},
      {with(0, {.value = 2, .left = 4, .feature = 1}), "inside the tree of 5 nodes"},
      {with(1, {.value = 2, .left = 1, .feature = 1}), "behind it"},
      {with(1, {.value = 2, .left = -3, .feature = 1}), "behind it"},
      {with(1, {.value = 2, .left = 2, .feature = 1}), "a parent already"},
      {with(1, {.value = 2}), "no parent"},
      {with(1, {.value = 2, .left = 3, .feature = 2}), "feature 2 of 2"},
      {with(1, {.value = 2, .left = 3, .feature = -1}), "feature -1"},
      {with(1, {.value = NAN, .left = 3, .feature = 0}), "not finite"},
      {with(4, {.value = kInfinity}), "not finite"},
      {with(4, {.value = 2e4f}), "beyond"},
      {with(4, {.value = 1, .left = 0, .feature = 1}), "a leaf that tests"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const std::vector<Tree> trees = {{{.value = 1}}, c.tree};
    const auto ensemble = TreeEnsemble::Create(2, 2, trees);
    ASSERT_FALSE(ensemble.ok());
    EXPECT_EQ(ensemble.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(ensemble.status().message(), HasSubstr("tree 1"));
    EXPECT_THAT(ensemble.status().message(), HasSubstr(c.why));
  }
}

TEST(TreeEnsemble, RefusesCountsThatDoNotFit) {
  const std::vector<Tree> three(3, Tree{{.value = 1}});
  EXPECT_FALSE(TreeEnsemble::Create(0, 3, three).ok());
  EXPECT_FALSE(TreeEnsemble::Create(TreeEnsemble::kMaxFeatures + 1, 3, three).ok());
  EXPECT_FALSE(TreeEnsemble::Create(1, 1, three).ok());
  EXPECT_FALSE(TreeEnsemble::Create(1, 2, three).ok());
  EXPECT_FALSE(TreeEnsemble::Create(1, 4, three).ok());
  EXPECT_FALSE(TreeEnsemble::Create(1, 3, {}).ok());
  EXPECT_TRUE(TreeEnsemble::Create(1, 3, three).ok());
}

TEST(TreeEnsemble, RefusesTreesThatAreDeeperThanTheLimit) {
  Tree chain(1);
  for (int level = 0; level <= TreeEnsemble::kMaxDepth; ++level) {
    chain.back().left = static_cast<int>(chain.size());
    chain.resize(chain.size() + 2);
  }
  const std::vector<Tree> trees = {chain, chain};
  EXPECT_THAT(TreeEnsemble::Create(1, 2, trees).status().message(), HasSubstr("depth beyond 32"));
}

TEST(TreeEnsemble, IsTheSameAfterWritingAndReading) {
  Random random(3);
  const TreeEnsemble ensemble = MadeEnsemble(random, 12, 3, 20, 6);
  ByteWriter writer;
  ensemble.Write(writer);
  const std::string bytes = std::move(writer).Finish();
  ByteReader reader(bytes);
  const auto again = TreeEnsemble::Read(reader);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(reader.AtEnd());
  ByteWriter second;
  again->Write(second);
  EXPECT_EQ(std::move(second).Finish(), bytes);
  std::vector<float> row(12, 0.1f), first(3), other(3);
  ensemble.Margins(row, first);
  again->Margins(row, other);
  EXPECT_EQ(first, other);
}

TEST(Softmax, SumsToOneWhateverTheMargins) {
  for (const std::vector<float>& margins :
       {std::vector<float>{0, 0}, {1e8f, -1e8f, 0}, {-3e8f, -3e8f}, {1, 2, 3}}) {
    std::vector<float> p = margins;
    TreeEnsemble::Softmax(p, 0.05f);
    double sum = 0;
    for (const float one : p) sum += one;
    EXPECT_NEAR(sum, 1, 1e-6);
  }
  std::vector<float> p = {1, 2};
  TreeEnsemble::Softmax(p, 2);
  EXPECT_NEAR(p[1], 1 / (1 + std::exp(-0.5)), 1e-6);
}

}  // namespace
}  // namespace auscult::models
