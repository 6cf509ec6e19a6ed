#include "db/sample_codec.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "models/random.h"

namespace auscult::db {
namespace {

using features::Encoding;

template <typename T>
std::string OctetsOf(const std::vector<T>& samples) {
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(T)};
}

// Packs, unpacks, and gives the size; every bit must come back.
size_t RoundTrip(const std::vector<ChannelLayout>& layout, const std::string& octets) {
  SamplePacker packer;
  const std::string packed = packer.Pack(layout, octets);
  const absl::StatusOr<std::string> back = UnpackSamples(layout, packed);
  EXPECT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back.ok() && *back == octets);
  return packed.size();
}

size_t RoundTrip(const std::vector<float>& samples) {
  return RoundTrip({{Encoding::kFloat32Le, samples.size()}}, OctetsOf(samples));
}

// A vibration as a converter of `bits` sees it.
std::vector<int32_t> Converted(size_t count, int bits, uint64_t seed) {
  models::Random random(seed, 1, 1);
  const double full = std::ldexp(1.0, bits - 1) - 1;
  std::vector<int32_t> samples;
  for (size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i);
    const double value =
        0.3 * std::sin(0.05 * t) + 0.1 * std::sin(0.4 * t) + 0.02 * random.Normal();
    samples.push_back(static_cast<int32_t>(std::lround(full * std::clamp(value, -1.0, 1.0))));
  }
  return samples;
}

std::vector<float> Scaled(const std::vector<int32_t>& integers, double step, double offset) {
  std::vector<float> samples;
  for (const int32_t k : integers) samples.push_back(static_cast<float>(offset + k * step));
  return samples;
}

float WithBits(uint32_t bits) { return std::bit_cast<float>(bits); }

TEST(SampleCodec, GivesBackIntegersOfEveryWidthAndLength) {
  for (const size_t count : {0u, 1u, 2u, 15u, 16u, 17u, 255u, 256u, 4095u, 4097u, 10'001u}) {
    SCOPED_TRACE(count);
    const std::vector<int32_t> samples = Converted(count, 16, count);
    RoundTrip({{Encoding::kInt16Le, count}},
              OctetsOf(std::vector<int16_t>(samples.begin(), samples.end())));
    RoundTrip({{Encoding::kInt32Le, count}}, OctetsOf(Converted(count, 24, count)));
    RoundTrip({{Encoding::kInt32Le, count}}, OctetsOf(Converted(count, 32, count)));
  }
}

TEST(SampleCodec, GivesBackTheEndsOfTheRange) {
  std::vector<int16_t> shorts(300, 0);
  shorts[3] = std::numeric_limits<int16_t>::min();
  shorts[4] = std::numeric_limits<int16_t>::max();
  RoundTrip({{Encoding::kInt16Le, 300}}, OctetsOf(shorts));
  std::vector<int32_t> longs(300, -1);
  longs[3] = std::numeric_limits<int32_t>::min();
  longs[4] = std::numeric_limits<int32_t>::max();
  RoundTrip({{Encoding::kInt32Le, 300}}, OctetsOf(longs));
}

TEST(SampleCodec, MakesIntegersOfAConverterSmallerThanTheirOctets) {
  const std::vector<int32_t> samples = Converted(16384, 16, 3);
  EXPECT_LT(RoundTrip({{Encoding::kInt16Le, 16384}},
                      OctetsOf(std::vector<int16_t>(samples.begin(), samples.end()))),
            16384u * 2 * 4 / 5);
}

TEST(SampleCodec, FindsTheConverterBehindFloats) {
  for (const auto& [bits, step, offset] : {std::tuple(12, 0.00244140625, 0.0),
                                           {16, 1.6243512982e-4, 0.0},
                                           {16, 9.80665 / 3276.8, 0.0},
                                           {16, 0.001, 0.0},
                                           {14, 0.0123, -7.77},
                                           {20, 1.1920929e-6, 3e-7}}) {
    SCOPED_TRACE(testing::Message() << bits << " bits, step " << step << ", offset " << offset);
    const std::vector<int32_t> integers = Converted(16384, bits, 5);
    const size_t of_integers =
        RoundTrip({{Encoding::kInt32Le, integers.size()}}, OctetsOf(integers));
    EXPECT_LT(RoundTrip(Scaled(integers, step, offset)), of_integers * 5 / 4 + 200);
  }
}

TEST(SampleCodec, GivesBackFloatsThatNoSensorSends) {
  const std::vector<int32_t> integers = Converted(5000, 14, 1);
  std::vector<float> samples = Scaled(integers, 0.002, 0);
  samples[7] = WithBits(0x7fc0dead);  // quiet NaN with a payload
  samples[8] = WithBits(0xff800001);  // signalling
  samples[9] = -0.0f;
  samples[10] = WithBits(1);  // smallest denormal
  samples[11] = std::numeric_limits<float>::infinity();
  samples[4999] = -std::numeric_limits<float>::max();
  EXPECT_LT(RoundTrip(samples), 5000u * 4 * 3 / 4);  // the others are on a grid all the same
  RoundTrip(std::vector<float>(1000, WithBits(0x7fc00001)));
  RoundTrip(std::vector<float>(1000, -0.0f));
  RoundTrip(std::vector<float>(1000, 1e-42f));
  RoundTrip(std::vector<float>(1, 3.0f));
}

TEST(SampleCodec, GivesBackAnyBits) {
  models::Random random(11, 1, 1);
  for (int turn = 0; turn < 200; ++turn) {
    SCOPED_TRACE(turn);
    std::vector<ChannelLayout> layout;
    std::string octets;
    for (uint64_t channel = 0; channel < 1 + random.Next() % 3; ++channel) {
      const auto encoding = static_cast<Encoding>(1 + random.Next() % 3);
      layout.push_back({encoding, random.Next() % 700});
      const uint64_t mask = turn % 2 == 0 ? 0xff : random.Next();
      for (size_t i = 0; i < layout.back().bytes(); ++i) {
        octets += static_cast<char>(random.Next() & (i % 4 == 0 ? mask : 0xff));
      }
    }
    RoundTrip(layout, octets);
  }
}

TEST(SampleCodec, CostsNoiseNextToNothing) {
  models::Random random(2, 1, 1);
  std::vector<int32_t> noise(4096);
  for (int32_t& sample : noise) sample = static_cast<int32_t>(random.Next());
  EXPECT_LT(RoundTrip({{Encoding::kInt32Le, noise.size()}}, OctetsOf(noise)), 4096u * 4 + 32);
}

// Every octet changed, every length: never a crash, never other samples.
TEST(SampleCodec, SaysThatStoredOctetsAreDamaged) {
  std::vector<float> floats = Scaled(Converted(400, 12, 4), 0.01, 0);
  floats[3] = std::nanf("");
  const std::vector<int32_t> integers = Converted(400, 16, 4);
  const std::vector<int16_t> shorts(integers.begin(), integers.end());
  std::vector<float> smooth;
  for (const int32_t sample : integers)
    smooth.push_back(std::sqrt(static_cast<float>(sample) + 40000));
  const std::vector<ChannelLayout> layout = {
      {Encoding::kFloat32Le, 400}, {Encoding::kInt16Le, 400}, {Encoding::kFloat32Le, 400}};
  SamplePacker packer;
  const std::string packed =
      packer.Pack(layout, OctetsOf(floats) + OctetsOf(shorts) + OctetsOf(smooth));
  for (size_t at = 0; at < packed.size(); ++at) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    EXPECT_EQ(UnpackSamples(layout, damaged).status().code(), absl::StatusCode::kDataLoss) << at;
  }
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(UnpackSamples(layout, packed.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(UnpackSamples(layout, packed + "x").status().code(), absl::StatusCode::kDataLoss);
}

// What the checksums would let through: the decoders themselves must stand it.
TEST(SampleCodec, DecodesNothingElseFromForgedOctets) {
  std::vector<float> floats = Scaled(Converted(300, 12, 4), 0.01, 0);
  floats[3] = std::nanf("");
  floats[9] = std::nextafter(floats[9], 1e9f);
  const std::vector<int32_t> integers = Converted(300, 16, 4);
  std::vector<float> smooth;
  for (const int32_t sample : integers) {
    smooth.push_back(std::sqrt(static_cast<float>(sample) + 40000));
  }
  const std::vector<ChannelLayout> layout = {
      {Encoding::kFloat32Le, 300}, {Encoding::kInt32Le, 300}, {Encoding::kFloat32Le, 300}};
  const std::string octets = OctetsOf(floats) + OctetsOf(integers) + OctetsOf(smooth);
  SamplePacker packer;
  const std::string packed = packer.Pack(layout, octets);
  models::Random random(5, 1, 1);
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string forged = packed;
    for (uint64_t changes = 1 + random.Next() % 3; changes > 0; --changes) {
      forged[17 + random.Next() % (forged.size() - 17)] = static_cast<char>(random.Next());
    }
    if (turn % 5 == 0) forged.resize(17 + random.Next() % (forged.size() - 17));
    const XXH64_hash_t checksum = XXH3_64bits(forged.data() + 9, forged.size() - 9);
    std::memcpy(forged.data() + 1, &checksum, sizeof(checksum));
    const absl::StatusOr<std::string> back = UnpackSamples(layout, forged);
    if (back.ok()) {
      EXPECT_EQ(*back, octets) << turn;
    } else {
      EXPECT_EQ(back.status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(SampleCodec, RefusesSamplesOfAnotherDescription) {
  const std::vector<int32_t> samples = Converted(1000, 16, 1);
  SamplePacker packer;
  const std::string packed =
      packer.Pack(std::vector<ChannelLayout>{{Encoding::kInt32Le, 1000}}, OctetsOf(samples));
  for (const ChannelLayout other : {ChannelLayout{Encoding::kInt32Le, 999},
                                    {Encoding::kInt32Le, 1001},
                                    {Encoding::kInt16Le, 1000},
                                    {Encoding::kInt16Le, 2000},
                                    {Encoding::kFloat32Le, 1000},
                                    {Encoding::kFloat32Le, 0}}) {
    EXPECT_EQ(UnpackSamples({&other, 1}, packed).status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace auscult::db
