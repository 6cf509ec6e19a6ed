#include "features/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace auscult::features {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Raw>
std::string Bytes(std::initializer_list<Raw> values) {
  std::string bytes(values.size() * sizeof(Raw), '\0');
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

TEST(DecodeSamples, AppliesScaleOffsetAndUnitToEveryEncoding) {
  std::vector<float> out;
  ASSERT_TRUE(
      DecodeSamples(Bytes<int16_t>({-32768, 0, 100}), Encoding::kInt16Le, {0.5, 1.0}, 2.0, out)
          .ok());
  EXPECT_THAT(out, ElementsAre(-32766.0f, 2.0f, 102.0f));
  out.clear();
  ASSERT_TRUE(
      DecodeSamples(Bytes<int32_t>({1 << 30}), Encoding::kInt32Le, {1.0 / (1 << 30), 0}, 3.0, out)
          .ok());
  EXPECT_THAT(out, ElementsAre(3.0f));
  out.clear();
  ASSERT_TRUE(
      DecodeSamples(Bytes<float>({1.5f, -2.0f}), Encoding::kFloat32Le, {}, 9.80665, out).ok());
  EXPECT_THAT(out, ElementsAre(1.5f * 9.80665f, -2.0f * 9.80665f));
}

TEST(DecodeSamples, AppendsAndTakesUnalignedBytes) {
  std::vector<float> out = {7.0f};
  const std::string bytes = "x" + Bytes<float>({1.0f, 2.0f});
  ASSERT_TRUE(
      DecodeSamples(std::string_view(bytes).substr(1), Encoding::kFloat32Le, {}, 1.0, out).ok());
  EXPECT_THAT(out, ElementsAre(7.0f, 1.0f, 2.0f));
}

TEST(DecodeSamples, RefusesHalfASampleAndUnusableCalibration) {
  std::vector<float> out;
  const double infinity = std::numeric_limits<double>::infinity();
  struct Case {
    std::string bytes;
    Encoding encoding;
    Calibration calibration;
    double to_si;
    const char* says;
  };
  const Case cases[] = {
      {"abc", Encoding::kInt16Le, {}, 1, "3 bytes"},
      {"abcdef", Encoding::kFloat32Le, {}, 1, "6 bytes"},
      {"abcd", Encoding::kInt16Le, {0, 0}, 1, "scale is 0"},
      {"abcd", Encoding::kInt16Le, {std::nan(""), 0}, 1, "scale is nan"},
      {"abcd", Encoding::kInt16Le, {1, infinity}, 1, "offset is inf"},
      {"abcd", Encoding::kInt16Le, {}, infinity, "SI is inf"},
      {"abcd", static_cast<Encoding>(9), {}, 1, "encoding 9"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    const absl::Status status = DecodeSamples(c.bytes, c.encoding, c.calibration, c.to_si, out);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
    EXPECT_TRUE(out.empty());
  }
}

}  // namespace
}  // namespace auscult::features
