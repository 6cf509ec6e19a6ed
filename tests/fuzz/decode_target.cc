#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "features/decode.h"
#include "features/units.h"
#include "features/waveform.h"
#include "tests/fuzz/byte_reader.h"
#include "tests/fuzz/targets.h"

namespace auscult::fuzz {
namespace {

using features::Waveform;

void CheckWaveform(const Waveform& waveform, size_t sample_count) {
  size_t seen = 0;
  for (int i = 0; i < waveform.channel_count(); ++i) {
    const std::span<const float> samples = waveform.samples(i);
    seen += samples.size();
    for (const float sample : samples) {
      if (!(std::abs(sample) <= Waveform::kMaxMagnitude)) std::abort();
    }
  }
  if (seen != sample_count || !(waveform.duration_s() > 0)) std::abort();
}

}  // namespace

void TryDecoding(std::span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  const auto encoding = static_cast<features::Encoding>(reader.Next<uint8_t>() % 5);
  const features::Calibration calibration = {reader.Next<double>(), reader.Next<double>()};
  std::string symbol(reader.Below(8), '\0');
  for (char& letter : symbol) letter = reader.Next<char>();
  const auto unit = features::ParseUnit(symbol);
  const double to_si = unit.ok() ? unit->to_si : reader.Next<double>();
  std::vector<Waveform::Channel> channels(reader.Below(Waveform::kMaxChannels + 2));
  for (Waveform::Channel& channel : channels) {
    channel.quantity = static_cast<features::Quantity>(reader.Next<uint8_t>() % 8);
  }
  const auto rate_hz = reader.Next<double>();
  const features::Conditions conditions = {.speed_rpm = reader.Next<float>(),
                                           .load_percent = reader.Next<float>(),
                                           .speed_tolerance = reader.Next<float>()};
  const std::string_view octets(reinterpret_cast<const char*>(reader.rest().data()),
                                reader.rest().size());
  std::vector<float> samples;
  if (!features::DecodeSamples(octets, encoding, calibration, to_si, samples).ok()) {
    if (!samples.empty()) std::abort();
    return;
  }
  const size_t count = samples.size();
  if (count * (encoding == features::Encoding::kInt16Le ? 2 : 4) != octets.size()) std::abort();
  const auto waveform =
      Waveform::Create(std::move(samples), std::move(channels), rate_hz, conditions);
  if (waveform.ok()) CheckWaveform(*waveform, count);
}

}  // namespace auscult::fuzz
