#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "bench/ingest_load.h"
#include "features/waveform.h"
#include "grpcpp/grpcpp.h"
#include "models/simulate.h"

// What ingest_bench sends, and the plant it sends it for.
namespace auscult::bench {

inline constexpr int kSamples = 16'384;
inline constexpr double kRateHz = 25'600;
inline constexpr float kSpeedRpm = 1480;
inline constexpr float kRatedPowerKw = 75;
inline constexpr int kDistinctWindows = 32;
// 10,000 points in all.
inline constexpr int kAssets = 100, kPointsPerAsset = 100;
// A deep-groove ball bearing 6205.
inline constexpr features::BearingGeometry kBearing{9, 7.94f, 39.04f, 0};

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "ingest_bench: %s\n", what.c_str());
  std::_Exit(1);
}

inline std::string AssetName(int asset) { return "sites/bench/assets/a" + std::to_string(asset); }
inline std::string PointName(int asset, int point) {
  return AssetName(asset) + "/points/p" + std::to_string(point);
}

inline models::SimulatedMachine BenchMachine() {
  models::SimulatedMachine machine;
  machine.speed_rpm = kSpeedRpm;
  machine.machine.rated_speed_rpm = kSpeedRpm;
  machine.machine.rated_power_kw = kRatedPowerKw;
  machine.machine.bearings.push_back({"drive end", "6205", features::OrdersOf(kBearing)});
  return machine;
}

// Healthy ones, in m/s^2.
inline const std::vector<std::vector<float>>& Windows() {
  static const std::vector<std::vector<float>> windows = [] {
    std::vector<std::vector<float>> made;
    for (int i = 0; i < kDistinctWindows; ++i) {
      made.push_back(models::SimulateVibration(BenchMachine(), {}, static_cast<uint64_t>(i),
                                               kRateHz, kSamples));
    }
    return made;
  }();
  return windows;
}

inline features::Waveform WaveformOf(int window) {
  features::Conditions conditions;
  conditions.speed_rpm = kSpeedRpm;
  return features::Waveform::Create(Windows()[window], {{"", features::Quantity::kAcceleration}},
                                    kRateHz, conditions)
      .value();
}

inline std::string OctetsOf(int window) {
  const std::vector<float>& samples = Windows()[window];
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(float)};
}

// One for each window; point, time and sequence are left to the sender.
inline std::vector<v1::StreamWaveformsRequest> Messages() {
  std::vector<v1::StreamWaveformsRequest> messages(kDistinctWindows);
  for (int i = 0; i < kDistinctWindows; ++i) {
    v1::Waveform& waveform = *messages[i].mutable_waveform();
    waveform.set_sample_rate_hz(kRateHz);
    v1::EncodedSamples& encoded = *waveform.add_channels()->mutable_encoded();
    encoded.set_encoding(v1::SAMPLE_ENCODING_FLOAT32_LE);
    encoded.set_octets(OctetsOf(i));
    waveform.mutable_conditions()->set_speed_rpm(kSpeedRpm);
  }
  return messages;
}

inline v1::Asset BenchAsset(int index) {
  v1::Asset asset;
  asset.set_name(AssetName(index));
  asset.mutable_machine()->set_rated_speed_rpm(kSpeedRpm);
  asset.mutable_machine()->set_rated_power_kw(kRatedPowerKw);
  v1::MountedBearing& bearing = *asset.mutable_machine()->add_bearings();
  bearing.set_position("drive end");
  bearing.mutable_geometry()->set_rolling_elements(kBearing.rolling_elements);
  bearing.mutable_geometry()->set_element_diameter_mm(kBearing.element_diameter_mm);
  bearing.mutable_geometry()->set_pitch_diameter_mm(kBearing.pitch_diameter_mm);
  return asset;
}

inline void ApplyPlant(const std::string& address, const Passage& passage = {}) {
  v1::ImportPlantRequest request;
  v1::Plant& plant = *request.mutable_plant();
  plant.mutable_site()->set_name("sites/bench");
  for (int a = 0; a < kAssets; ++a) {
    *plant.add_assets() = BenchAsset(a);
    for (int p = 0; p < kPointsPerAsset; ++p) {
      v1::Point& point = *plant.add_points();
      point.set_name(PointName(a, p));
      v1::Channel& channel = *point.add_channels();
      channel.set_quantity(v1::QUANTITY_ACCELERATION);
      channel.set_unit("m/s2");
    }
  }
  const auto stub = v1::AssetService::NewStub(grpc::CreateChannel(address, passage.channel));
  grpc::ClientContext context;
  passage.ShowKey(context);
  v1::ImportPlantResponse response;
  const grpc::Status status = stub->ImportPlant(&context, request, &response);
  if (!status.ok()) Die("plant: " + status.error_message());
}

}  // namespace auscult::bench
