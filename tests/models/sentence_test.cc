#include "models/sentence.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_format.h"
#include "models/random.h"

namespace auscult::models {
namespace {

TEST(Sentence, SaysWhatStrFormatSaysForAnyNumber) {
  Random random(5);
  for (int i = 0; i < 100000; ++i) {
    const auto bits = static_cast<uint32_t>(random.Next());
    const float halves = static_cast<float>(bits % 200001) - 100000.0f;
    for (const float x : {std::bit_cast<float>(bits), halves / 8, halves / 1024,
                          std::ldexp(halves, -static_cast<int>(bits % 30))}) {
      ASSERT_EQ(Sentence("%.0f %.1f %.2f %.4f %.9f %.2g %.3g %.9g", x, x, x, x, x, x, x, x),
                absl::StrFormat("%.0f %.1f %.2f %.4f %.9f %.2g %.3g %.9g", x, x, x, x, x, x, x, x));
    }
  }
}

TEST(Sentence, SaysWhatStrFormatSaysAtTheEdges) {
  constexpr auto kLimits = std::numeric_limits<float>();
  for (const float x : {0.0f,
                        -0.0f,
                        0.5f,
                        1.5f,
                        -0.25f,
                        9.95f,
                        9.96f,
                        99.4f,
                        99.5f,
                        99.6f,
                        999.5f,
                        1e-4f,
                        9.9e-5f,
                        9.96e-4f,
                        -0.001f,
                        1e9f,
                        9007199254740992.0f,
                        kLimits.max(),
                        kLimits.lowest(),
                        kLimits.min(),
                        kLimits.denorm_min(),
                        kLimits.infinity(),
                        -kLimits.infinity(),
                        NAN}) {
    EXPECT_EQ(Sentence("%.0f %.1f %.9f %.1g %.2g %.3g", x, x, x, x, x, x),
              absl::StrFormat("%.0f %.1f %.9f %.1g %.2g %.3g", x, x, x, x, x, x));
  }
}

TEST(Sentence, SetsTextsAndWholeNumbersInAndPercentSignsAsTheyAre) {
  const std::string name(300, 'x');
  EXPECT_EQ(Sentence("%s of %d: %.0f %%%s", "line", -3, 12.0f, std::string_view("!")),
            "line of -3: 12 %!");
  EXPECT_EQ(Sentence("%s%s", name, name), name + name);
  EXPECT_EQ(Sentence("no word"), "no word");
  EXPECT_EQ(Sentence(""), "");
}

}  // namespace
}  // namespace auscult::models
