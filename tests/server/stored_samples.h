#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "db/trend_writer.h"
#include "server/record_extraction.h"
#include "tests/server/plant_server.h"
#include "tests/server/waveforms.h"

namespace auscult::server {

inline constexpr int64_t kStartUs = 1'790'000'000'000'000;
inline constexpr int64_t kMinuteUs = 60'000'000;
inline constexpr char kPoint[] = "sites/a/assets/pump/points/de";
inline constexpr double kRateHz = 25600;
inline constexpr int kCount = 8192;

inline std::vector<float> Sine(double hz, double amplitude, int count = kCount) {
  std::vector<float> samples;
  for (int i = 0; i < count; ++i) {
    samples.push_back(
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * i / kRateHz + 0.3)));
  }
  return samples;
}

// A pump with a bearing, a point with two channels in g, all of whose samples are kept.
class StoredSamples : public PlantServer {
 protected:
  void SetUp() override {
    CreateSite("a");
    v1::CreateAssetRequest request;
    request.set_parent("sites/a");
    request.set_asset_id("pump");
    *request.mutable_asset() = Parsed<v1::Asset>(
        "machine { line_frequency_hz: 50 bearings { position: 'drive end'"
        " orders { bpfo: 3.5848 bpfi: 5.4152 bsf: 2.3567 ftf: 0.39828 } } }");
    v1::Asset asset;
    const grpc::Status created = Call(&Stub::CreateAsset, request, asset);
    ASSERT_TRUE(created.ok()) << created.error_message();
    CreatePoint("sites/a/assets/pump", "de",
                Parsed<v1::Point>("channels { id: 'H' quantity: QUANTITY_ACCELERATION unit: 'g' }"
                                  "channels { id: 'V' quantity: QUANTITY_ACCELERATION unit: 'g' }"
                                  "keep_raw_every: 1"));
  }

  // As a sender would send it: channels in another order, integers and floats, every condition.
  static v1::Waveform Sent(int64_t at_us, const std::vector<float>& horizontal) {
    v1::Waveform waveform;
    waveform.set_point(kPoint);
    SetTimeUs(waveform.mutable_measured_at(), at_us);
    waveform.set_sample_rate_hz(kRateHz);
    v1::ChannelSamples& vertical = *waveform.add_channels();
    vertical.set_id("V");
    vertical.set_unit("m/s2");
    std::vector<int16_t> integers;
    for (const float sample : Sine(200, 3000)) {
      integers.push_back(static_cast<int16_t>(std::lround(sample)));
    }
    vertical.mutable_encoded()->set_octets(Octets(integers));
    vertical.mutable_encoded()->set_encoding(v1::SAMPLE_ENCODING_INT16_LE);
    vertical.mutable_encoded()->set_scale(0.0012345678901234567);
    vertical.mutable_encoded()->set_offset(-0.25);
    v1::ChannelSamples& first = *waveform.add_channels();
    first.set_id("H");
    first.mutable_floats()->mutable_values()->Add(horizontal.begin(), horizontal.end());
    waveform.mutable_conditions()->set_speed_rpm(1479.3f);
    waveform.mutable_conditions()->set_load_percent(66.6f);
    (*waveform.mutable_conditions()->mutable_others())["temperature_c"] = 41.7;
    (*waveform.mutable_conditions()->mutable_others())["recipe"] = 1e-300;
    return waveform;
  }

  db::Outcome::Kind Store(v1::Waveform waveform) {
    const auto entry = directory_.Find(kPoint);
    EXPECT_TRUE(entry.ok()) << entry.status();
    RecordExtraction extraction;
    const auto record =
        extraction.Extract(waveform, **entry, kStartUs + int64_t{1000} * 86400 * 1'000'000);
    EXPECT_TRUE(record.ok()) << record.status();
    db::TrendWriter writer(database_.conninfo(), &baselines_);
    const auto outcomes = writer.Write({&*record, 1});
    EXPECT_TRUE(outcomes.ok()) << outcomes.status();
    EXPECT_TRUE(outcomes->front().rejection.ok()) << outcomes->front().rejection;
    return outcomes->front().kind;
  }

  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (v1::TrendService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const std::string& text, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    auto request = Parsed<Request>(text);
    return ((*trends_).*method)(&context, request, &response);
  }

  static std::string OfPoint(const std::string& more = "") {
    return "point: '" + std::string(kPoint) + "' " + more;
  }
};

}  // namespace auscult::server
