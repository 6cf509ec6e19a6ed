#include "server/waveform_decode.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "server/errors.h"
#include "tests/server/waveforms.h"

namespace auscult::server {
namespace {

constexpr double kGravity = 9.80665;

absl::StatusOr<DecodedWaveform> Decode(v1::Waveform message, const DirectoryEntry& entry) {
  return WaveformDecoder().Decode(message, entry, NowUs());
}

v1::Waveform Good() { return TestWaveform("sites/s/assets/a/points/p", NowUs()); }

v1::EncodedSamples& Encoded(v1::Waveform& waveform) {
  return *waveform.mutable_channels(0)->mutable_encoded();
}

void SetFloats(v1::Waveform& waveform, const std::vector<float>& values) {
  waveform.mutable_channels(0)->mutable_floats()->mutable_values()->Assign(values.begin(),
                                                                           values.end());
}

TEST(WaveformDecode, GivesSamplesInSiUnitsAndKeepsTheOctets) {
  const v1::Waveform sent = Good();
  const std::vector<float> samples = SineSamples(1024);
  const auto decoded = Decode(sent, TestEntry());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ASSERT_EQ(decoded->waveform.sample_count(), 1024);
  for (int i = 0; i < 1024; ++i) {
    ASSERT_NEAR(decoded->waveform.samples(0)[i], samples[i] * kGravity, 1e-5);
  }
  EXPECT_EQ(decoded->waveform.sample_rate_hz(), kTestRateHz);
  EXPECT_EQ(decoded->waveform.conditions().speed_rpm, 1480);
  EXPECT_TRUE(std::isnan(decoded->waveform.conditions().load_percent));
  EXPECT_EQ(decoded->raw.samples, sent.channels(0).encoded().octets());
  const auto channels = nlohmann::json::parse(decoded->raw.channels);
  ASSERT_EQ(channels.size(), 1u);
  EXPECT_EQ(channels[0]["unit"], "g");
  EXPECT_EQ(channels[0]["encoding"], "FLOAT32_LE");
  EXPECT_EQ(channels[0]["scale"], 1.0);
  EXPECT_EQ(channels[0]["samples"], 1024);
}

TEST(WaveformDecode, IntegersAreScaledAndPackedFloatsStoredAsOctets) {
  std::vector<int16_t> raw(512);
  for (int i = 0; i < 512; ++i) raw[i] = static_cast<int16_t>((i * 37) % 2000 - 1000);
  v1::Waveform sent = Good();
  Encoded(sent).set_octets(Octets(raw));
  Encoded(sent).set_encoding(v1::SAMPLE_ENCODING_INT16_LE);
  Encoded(sent).set_scale(0.001);
  Encoded(sent).set_offset(0.5);
  sent.mutable_channels(0)->set_unit("m/s2");
  const auto decoded = Decode(sent, TestEntry());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_NEAR(decoded->waveform.samples(0)[3], raw[3] * 0.001 + 0.5, 1e-6);

  v1::Waveform floats = Good();
  SetFloats(floats, SineSamples(1024));
  const auto packed = Decode(floats, TestEntry());
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->raw.samples, Octets(SineSamples(1024)));
}

TEST(WaveformDecode, ChannelsAreBroughtIntoThePointsOrder) {
  v1::Waveform sent = Good();
  *sent.add_channels() = sent.channels(0);
  sent.mutable_channels(0)->set_id("V");
  sent.mutable_channels(1)->set_id("H");
  sent.mutable_channels(1)->mutable_encoded()->set_octets(Octets(SineSamples(1024, 9)));
  const auto decoded = Decode(sent, TestEntry({"H", "V"}));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->waveform.channel(0).name, "H");
  EXPECT_NEAR(decoded->waveform.samples(0)[5], SineSamples(1024, 9)[5] * kGravity, 1e-5);
  EXPECT_EQ(decoded->raw.samples, Octets(SineSamples(1024, 9)) + Octets(SineSamples(1024)));
}

struct Bad {
  const char* reason;
  const char* field;
  std::function<void(v1::Waveform&)> spoil;
};

const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInf = std::numeric_limits<float>::infinity();

std::vector<float> With(float value, int at) {
  std::vector<float> samples = SineSamples(1024);
  samples[at] = value;
  return samples;
}

const Bad kBad[] = {
    {"MISSING_TIME", "waveform.measured_at", [](v1::Waveform& w) { w.clear_measured_at(); }},
    {"ANCIENT_TIME", "waveform.measured_at",
     [](v1::Waveform& w) { w.mutable_measured_at()->set_seconds(600'000'000); }},
    {"FUTURE_TIME", "waveform.measured_at",
     [](v1::Waveform& w) { SetTimeUs(w.mutable_measured_at(), NowUs() + 301'000'000); }},
    {"BAD_TIME", "waveform.measured_at",
     [](v1::Waveform& w) { w.mutable_measured_at()->set_nanos(-1); }},
    {"BAD_TIME", "waveform.measured_at",
     [](v1::Waveform& w) { w.mutable_measured_at()->set_seconds(INT64_MAX); }},
    {"RATE_OUT_OF_RANGE", "waveform.sample_rate_hz",
     [](v1::Waveform& w) { w.clear_sample_rate_hz(); }},
    {"RATE_OUT_OF_RANGE", "waveform.sample_rate_hz",
     [](v1::Waveform& w) { w.set_sample_rate_hz(kNan); }},
    {"RATE_MISMATCH", "waveform.sample_rate_hz",
     [](v1::Waveform& w) { w.set_sample_rate_hz(kTestRateHz * 1.011); }},
    {"NO_SAMPLES", "waveform.channels", [](v1::Waveform& w) { w.clear_channels(); }},
    {"NO_SAMPLES", "waveform.channels[0]",
     [](v1::Waveform& w) { w.mutable_channels(0)->clear_samples(); }},
    {"NO_SAMPLES", "waveform.channels[0]", [](v1::Waveform& w) { Encoded(w).clear_octets(); }},
    {"TOO_FEW_SAMPLES", "waveform.channels[0]", [](v1::Waveform& w) { SetFloats(w, {1.0f}); }},
    {"TOO_FEW_SAMPLES", "waveform.channels[0]",
     [](v1::Waveform& w) { SetFloats(w, SineSamples(255)); }},
    {"TOO_MANY_SAMPLES", "waveform.channels[0]",
     [](v1::Waveform& w) {
       Encoded(w).set_encoding(v1::SAMPLE_ENCODING_INT16_LE);
       Encoded(w).set_octets(std::string(2 * (4'194'304 + 1), 'x'));
     }},
    {"NOT_FINITE", "waveform.channels[0]", [](v1::Waveform& w) { SetFloats(w, With(kNan, 1000)); }},
    {"NOT_FINITE", "waveform.channels[0]",
     [](v1::Waveform& w) { Encoded(w).set_octets(Octets(With(kInf, 7))); }},
    {"VALUE_OUT_OF_RANGE", "waveform.channels[0]",
     [](v1::Waveform& w) { SetFloats(w, With(1e20f, 7)); }},
    {"CHANNEL_MISMATCH", "waveform.channels",
     [](v1::Waveform& w) { *w.add_channels() = w.channels(0); }},
    {"CHANNEL_MISMATCH", "waveform.channels[0].id",
     [](v1::Waveform& w) { w.mutable_channels(0)->set_id("H"); }},
    {"UNKNOWN_UNIT", "waveform.channels[0].unit",
     [](v1::Waveform& w) { w.mutable_channels(0)->set_unit("furlong"); }},
    {"UNIT_MISMATCH", "waveform.channels[0].unit",
     [](v1::Waveform& w) { w.mutable_channels(0)->set_unit("mm/s"); }},
    {"BAD_ENCODING", "waveform.channels[0].encoded.encoding",
     [](v1::Waveform& w) { Encoded(w).clear_encoding(); }},
    {"BAD_ENCODING", "waveform.channels[0].encoded.encoding",
     [](v1::Waveform& w) { Encoded(w).set_encoding(static_cast<v1::SampleEncoding>(77)); }},
    {"BAD_ENCODING", "waveform.channels[0].encoded.octets",
     [](v1::Waveform& w) { Encoded(w).mutable_octets()->pop_back(); }},
    {"BAD_SCALE", "waveform.channels[0].encoded.scale",
     [](v1::Waveform& w) { Encoded(w).set_scale(kInf); }},
    {"BAD_SCALE", "waveform.channels[0].encoded.scale",
     [](v1::Waveform& w) { Encoded(w).set_offset(kNan); }},
    {"BAD_SPEED", "waveform.conditions.speed_rpm",
     [](v1::Waveform& w) { w.mutable_conditions()->set_speed_rpm(-1480); }},
    {"BAD_SPEED", "waveform.conditions.speed_rpm",
     [](v1::Waveform& w) { w.mutable_conditions()->set_speed_rpm(kNan); }},
    {"BAD_LOAD", "waveform.conditions.load_percent",
     [](v1::Waveform& w) { w.mutable_conditions()->set_load_percent(kInf); }},
    {"BAD_CONDITION", "waveform.conditions.others",
     [](v1::Waveform& w) { (*w.mutable_conditions()->mutable_others())["t\"; DROP"] = 1; }},
    {"BAD_CONDITION", "waveform.conditions.others",
     [](v1::Waveform& w) { (*w.mutable_conditions()->mutable_others())["t"] = kNan; }},
};

TEST(WaveformDecode, SaysOfEveryBadInputWhatIsWrongWhereAndWhatToDo) {
  for (const Bad& bad : kBad) {
    v1::Waveform sent = Good();
    bad.spoil(sent);
    const auto decoded = Decode(std::move(sent), TestEntry());
    SCOPED_TRACE(bad.reason + std::string(": ") + decoded.status().ToString());
    ASSERT_FALSE(decoded.ok());
    const v1::Rejection rejection = ToRejection(decoded.status());
    EXPECT_EQ(rejection.code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(rejection.reason(), bad.reason);
    EXPECT_EQ(rejection.field(), bad.field);
    EXPECT_FALSE(rejection.message().empty());
    EXPECT_FALSE(rejection.remedy().empty());
  }
}

TEST(WaveformDecode, ChannelsMustMatchInNamesAndLengths) {
  const DirectoryEntry entry = TestEntry({"H", "V"});
  v1::Waveform twice = Good();
  *twice.add_channels() = twice.channels(0);
  twice.mutable_channels(0)->set_id("V");  // the other one, unnamed, is V by its place
  EXPECT_EQ(ReasonOf(Decode(twice, entry).status()), "CHANNEL_MISMATCH");
  v1::Waveform uneven = Good();
  *uneven.add_channels() = uneven.channels(0);
  uneven.mutable_channels(1)->mutable_encoded()->set_octets(Octets(SineSamples(512)));
  EXPECT_EQ(ReasonOf(Decode(uneven, entry).status()), "CHANNEL_MISMATCH");
}

TEST(WaveformDecode, TakesWhatIsOnlyNotToBeJudged) {
  v1::Waveform constant = Good();
  SetFloats(constant, std::vector<float>(1024, 0.25f));
  EXPECT_TRUE(Decode(constant, TestEntry()).ok());
  v1::Waveform clipped = Good();
  std::vector<float> samples = SineSamples(1024);
  for (float& sample : samples) sample = std::min(sample, 0.5f);
  SetFloats(clipped, samples);
  EXPECT_TRUE(Decode(clipped, TestEntry()).ok());
  v1::Waveform near_rate = Good();
  near_rate.set_sample_rate_hz(kTestRateHz * 1.009);
  EXPECT_TRUE(Decode(near_rate, TestEntry()).ok());
  v1::Waveform almost_now = Good();
  SetTimeUs(almost_now.mutable_measured_at(), NowUs() + 299'000'000);
  EXPECT_TRUE(Decode(almost_now, TestEntry()).ok());
}

TEST(WaveformDecode, TimeIsCutToMicroseconds) {
  v1::Waveform sent = Good();
  sent.mutable_measured_at()->set_seconds(1'700'000'000);
  sent.mutable_measured_at()->set_nanos(123'456'999);
  EXPECT_EQ(Decode(sent, TestEntry())->measured_at_us, 1'700'000'000'123'456);
}

std::string HashOf(const v1::Waveform& sent, const DirectoryEntry& entry = TestEntry()) {
  const auto decoded = Decode(sent, entry);
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return decoded.ok() ? decoded->content_hash : "";
}

TEST(WaveformDecode, TheSameContentHasTheSameHashHoweverItIsSent) {
  const std::string hash = HashOf(Good());
  EXPECT_EQ(hash.size(), 16u);
  v1::Waveform floats = Good();
  SetFloats(floats, SineSamples(1024));
  EXPECT_EQ(HashOf(floats), hash);
  v1::Waveform with_unit = Good();
  with_unit.mutable_channels(0)->set_unit("g");
  EXPECT_EQ(HashOf(with_unit), hash);
  v1::Waveform with_scale = Good();
  Encoded(with_scale).set_scale(1);
  EXPECT_EQ(HashOf(with_scale), hash);
  v1::Waveform later = Good();
  SetTimeUs(later.mutable_measured_at(), NowUs() - 5'000'000);
  EXPECT_EQ(HashOf(later), hash) << "time is of the key, not of the content";
}

TEST(WaveformDecode, OtherContentHasAnotherHash) {
  std::map<std::string, int> seen;
  int count = 0;
  const auto add = [&seen, &count](const v1::Waveform& sent) {
    const auto [found, is_new] = seen.emplace(HashOf(sent), ++count);
    EXPECT_TRUE(is_new) << "case " << count << " is the same as " << found->second;
  };
  add(Good());
  v1::Waveform sent = Good();
  Encoded(sent).mutable_octets()->back() ^= 1;
  add(sent);
  sent = Good();
  Encoded(sent).set_scale(2);
  add(sent);
  sent = Good();
  Encoded(sent).set_offset(1);
  add(sent);
  sent = Good();
  Encoded(sent).set_encoding(v1::SAMPLE_ENCODING_INT32_LE);
  add(sent);
  sent = Good();
  sent.set_sample_rate_hz(kTestRateHz + 1);
  add(sent);
  sent = Good();
  sent.mutable_channels(0)->set_unit("m/s2");
  add(sent);
  sent = Good();
  sent.mutable_conditions()->set_speed_rpm(148);
  add(sent);
  sent.mutable_conditions()->clear_speed_rpm();
  add(sent);
  sent.mutable_conditions()->set_load_percent(148);
  add(sent);
  sent = Good();
  sent.mutable_conditions()->set_speed_rpm(0);
  add(sent);
  (*sent.mutable_conditions()->mutable_others())["temperature_c"] = 20;
  add(sent);
  (*sent.mutable_conditions()->mutable_others())["temperature_c"] = 21;
  add(sent);
}

TEST(WaveformDecode, SamplesAreNotMistakenForThoseOfTheNextChannel) {
  const DirectoryEntry entry = TestEntry({"H", "V"});
  v1::Waveform sent = Good(), moved = Good();
  *sent.add_channels() = sent.channels(0);
  *moved.add_channels() = moved.channels(0);
  // The same octets all in all.
  const std::string all = Octets(SineSamples(1024, 1)) + Octets(SineSamples(1024, 2));
  sent.mutable_channels(0)->mutable_encoded()->set_octets(all.substr(0, 4096));
  sent.mutable_channels(1)->mutable_encoded()->set_octets(all.substr(4096));
  moved.mutable_channels(0)->mutable_encoded()->set_octets(all.substr(4096));
  moved.mutable_channels(1)->mutable_encoded()->set_octets(all.substr(0, 4096));
  EXPECT_NE(HashOf(sent, entry), HashOf(moved, entry));
}

TEST(WaveformDecode, ReusesItsBuffer) {
  WaveformDecoder decoder;
  const DirectoryEntry entry = TestEntry();
  v1::Waveform first = Good(), second = Good();
  auto decoded = decoder.Decode(first, entry, NowUs());
  ASSERT_TRUE(decoded.ok());
  const float* const buffer = decoded->waveform.samples(0).data();
  decoder.Recycle(std::move(decoded->waveform));
  decoded = decoder.Decode(second, entry, NowUs());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->waveform.samples(0).data(), buffer);
}

}  // namespace
}  // namespace auscult::server
