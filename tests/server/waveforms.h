#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "auscult/v1/ingest_service.pb.h"
#include "features/units.h"
#include "server/fleet_health.h"
#include "server/plant_directory.h"

// Records and points for tests of the ingest path.
namespace auscult::server {

inline constexpr double kTestRateHz = 25600;

// `seed` decides the phase, so that records differ.
inline std::vector<float> SineSamples(int count, int seed = 0) {
  std::vector<float> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    samples[i] =
        static_cast<float>(std::sin(2 * std::numbers::pi * 120 * i / kTestRateHz + 0.37 * seed) +
                           0.2 * std::sin(2 * std::numbers::pi * 3111 * i / kTestRateHz + seed));
  }
  return samples;
}

template <typename Raw>
std::string Octets(const std::vector<Raw>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Raw));
}

inline void SetTimeUs(google::protobuf::Timestamp* time, int64_t us) {
  time->set_seconds(us / 1'000'000);
  time->set_nanos(static_cast<int32_t>(us % 1'000'000) * 1000);
}

// One channel of acceleration as FLOAT32_LE octets.
inline v1::Waveform TestWaveform(const std::string& point, int64_t measured_at_us,
                                 int sample_count = 1024, int seed = 0) {
  v1::Waveform waveform;
  waveform.set_point(point);
  SetTimeUs(waveform.mutable_measured_at(), measured_at_us);
  waveform.set_sample_rate_hz(kTestRateHz);
  v1::EncodedSamples& encoded = *waveform.add_channels()->mutable_encoded();
  encoded.set_octets(Octets(SineSamples(sample_count, seed)));
  encoded.set_encoding(v1::SAMPLE_ENCODING_FLOAT32_LE);
  waveform.mutable_conditions()->set_speed_rpm(1480);
  return waveform;
}

// A point as the directory knows it: one channel, or several named as given, in "g".
inline DirectoryEntry TestEntry(const std::vector<std::string>& channels = {""}) {
  DirectoryEntry entry;
  entry.site_id = 1;
  entry.asset_id = 2;
  entry.point_id = 3;
  entry.name = "sites/s/assets/a/points/p";
  for (const std::string& id : channels) {
    entry.channels.push_back(
        {id, features::Quantity::kAcceleration, features::ParseUnit("g").value()});
  }
  entry.sample_rate_hz = kTestRateHz;
  entry.machine = std::make_shared<features::Machine>();
  return entry;
}

}  // namespace auscult::server
