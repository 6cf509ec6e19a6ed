#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "features/extract.h"
#include "features/feature_set.h"
#include "features/waveform.h"
#include "tests/fuzz/byte_reader.h"
#include "tests/fuzz/targets.h"

namespace auscult::fuzz {
namespace {

using features::Machine;
using features::Waveform;

constexpr uint32_t kMostChannels = 3;
constexpr uint32_t kMostSamples = 4000;  // of a channel; more take long and reach no other code

// One of the usual values, or any.
double AnyRate(ByteReader& reader) {
  constexpr std::array kRatesHz = {1.0, 100.0, 1000.0, 12000.0, 25600.0, 51200.0, 1e6};
  const uint8_t choice = reader.Next<uint8_t>() % (kRatesHz.size() + 1);
  return choice < kRatesHz.size() ? kRatesHz[choice] : reader.Next<double>();
}

Machine AnyMachine(ByteReader& reader) {
  Machine machine;
  if (reader.Below(4) == 0) return machine;
  machine.rated_power_kw = reader.Next<float>();
  machine.foundation = static_cast<features::Foundation>(reader.Below(3));
  machine.rated_speed_rpm = reader.Next<float>();
  machine.line_frequency_hz = reader.Next<float>();
  machine.pole_pairs = reader.Next<int>();
  machine.rotor_bars = reader.Next<int>();
  machine.blades = reader.Next<int>();
  machine.belt_order = reader.Next<float>();
  machine.tachometer_pulses = reader.Next<int>();
  machine.bearings.resize(reader.Below(4));
  for (features::MountedBearing& bearing : machine.bearings) {
    bearing.orders = {reader.Next<float>(), reader.Next<float>(), reader.Next<float>(),
                      reader.Next<float>()};
  }
  machine.gears.resize(reader.Below(4));
  for (features::Gear& gear : machine.gears) {
    gear.teeth = reader.Next<int>();
    gear.shaft_ratio = reader.Next<float>();
  }
  return machine;
}

// The remaining bytes over and over, as small numbers or as floats of any kind, with noise or not.
std::vector<float> AnySamples(ByteReader& reader, size_t count) {
  const auto shape = reader.Next<uint8_t>();
  const auto scale = reader.Next<float>();
  const std::span<const uint8_t> seed = reader.rest();
  std::vector<float> samples(count);
  uint32_t noise = 1;
  for (size_t i = 0; i < count && !seed.empty(); ++i) {
    if (shape % 2 == 0) {
      samples[i] = scale * static_cast<float>(static_cast<int8_t>(seed[i % seed.size()]));
    } else {
      ByteReader word(seed.subspan(4 * i % seed.size()));
      samples[i] = word.Next<float>();
    }
    noise = noise * 1664525u + 1013904223u;  // Numerical Recipes
    if (shape & 4) samples[i] += scale * static_cast<float>(noise >> 8) * 0x1p-22f;
    if (!(std::abs(samples[i]) <= Waveform::kMaxMagnitude)) samples[i] = 0;
  }
  return samples;
}

void CheckFeatures(const features::FeatureVector& found, int channel_count) {
  const features::FeatureSet* const set = features::FindFeatureSet(found.set_id);
  if (set == nullptr || found.channel_count != channel_count) std::abort();
  if (found.values.size() != set->features.size() * static_cast<size_t>(channel_count)) {
    std::abort();
  }
  for (size_t i = 0; i < found.values.size(); ++i) {
    if (!std::isinf(found.values[i])) continue;
    std::cerr << set->features[i % set->features.size()].name << " is infinite\n";
    std::abort();
  }
}

}  // namespace

void TryExtraction(std::span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  std::vector<Waveform::Channel> channels(1 + reader.Below(kMostChannels));
  for (Waveform::Channel& channel : channels) {
    channel.quantity = static_cast<features::Quantity>(1 + reader.Next<uint8_t>() % 6);
  }
  const double rate_hz = AnyRate(reader);
  const features::Conditions conditions = {.speed_rpm = reader.Next<float>(),
                                           .load_percent = reader.Next<float>(),
                                           .speed_tolerance = reader.Next<float>()};
  const Machine machine = AnyMachine(reader);
  const size_t count = Waveform::kMinSamples + reader.Below(kMostSamples - Waveform::kMinSamples);
  std::vector<float> samples = AnySamples(reader, count * channels.size());
  const int channel_count = static_cast<int>(channels.size());
  const auto waveform =
      Waveform::Create(std::move(samples), std::move(channels), rate_hz, conditions);
  if (!waveform.ok()) return;
  static features::Extractor extractor;
  features::FeatureVector found;
  if (extractor.Extract(*waveform, machine, found).ok()) CheckFeatures(found, channel_count);
}

}  // namespace auscult::fuzz
