#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "features/feature_set.h"
#include "features/quality.h"

namespace auscult::features {
namespace {

TEST(Documentation, DescribesEveryFeatureAndEveryFlag) {
  std::ifstream file(AUSCULT_SOURCE_DIR "/docs/features.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  const auto expect_named = [&](std::string_view name) {
    EXPECT_NE(text.find("`" + std::string(name) + "`"), std::string::npos) << name;
  };
  for (const FeatureSet& set : FeatureSets()) {
    for (const FeatureDefinition& feature : set.features) expect_named(feature.name);
  }
  for (const QualityText& flag : Describe(~QualityFlags{0})) expect_named(flag.name);
}

}  // namespace
}  // namespace auscult::features
