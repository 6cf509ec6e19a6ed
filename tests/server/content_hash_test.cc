#include "server/content_hash.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <limits>
#include <string>

namespace auscult::server {
namespace {

std::string Framed(const std::string& octets) {
  const uint64_t size = octets.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + octets;
}

TEST(ContentHash, IsXxh3OfTheFramedFields) {
  ContentHash hash("kind/1");
  hash.AddOctets("samples");
  hash.AddInteger(7);
  const std::string input =
      Framed("kind/1") + Framed("samples") + std::string("\7\0\0\0\0\0\0\0", 8);
  XXH128_canonical_t expected;
  XXH128_canonicalFromHash(&expected, XXH3_128bits(input.data(), input.size()));
  EXPECT_EQ(hash.Digest(), std::string(reinterpret_cast<const char*>(expected.digest), 16));
}

TEST(ContentHash, FieldsThatAreSplitElsewhereDoNotCollide) {
  ContentHash first("k"), second("k"), third("ka");
  first.AddOctets("ab");
  first.AddOctets("c");
  second.AddOctets("a");
  second.AddOctets("bc");
  third.AddOctets("b");
  third.AddOctets("c");
  EXPECT_NE(first.Digest(), second.Digest());
  EXPECT_NE(second.Digest(), third.Digest());
}

TEST(ContentHash, EveryNanIsTheSameAndZeroHasASign) {
  const auto of = [](double value) {
    ContentHash hash("k");
    hash.AddReal(value);
    return hash.Digest();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(of(nan), of(-nan));
  EXPECT_NE(of(0.0), of(-0.0));
}

}  // namespace
}  // namespace auscult::server
