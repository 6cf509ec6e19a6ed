// From hostile bytes to features: decoding, validation and extraction must answer with a status or
// a vector, whatever the samples are.
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "features/decode.h"
#include "features/extract.h"
#include "features/waveform.h"

namespace auscult::features {
namespace {

constexpr size_t kHeaderBytes = 24;
// Longer records take long and reach no other code.
constexpr size_t kMaxSamplesTried = 8192;

struct Header {
  uint8_t encoding;
  uint8_t channels;
  uint8_t quantity;
  uint8_t has_machine;
  float scale;
  float speed_rpm;
  float load_percent;
  double sample_rate_hz;
};
static_assert(sizeof(Header) == kHeaderBytes);

Machine SomeMachine() {
  Machine machine;
  machine.rated_power_kw = 37;
  machine.foundation = Foundation::kRigid;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.pole_pairs = 2;
  machine.bearings.push_back({"drive end", "test", {3.58f, 5.42f, 2.36f, 0.398f}});
  machine.gears.push_back({"pinion", 23, 1.0f});
  return machine;
}

void Run(const Header& header, std::string_view octets) {
  std::vector<float> samples;
  const auto encoding = static_cast<Encoding>(1 + header.encoding % 3);
  if (!DecodeSamples(octets, encoding, {.scale = header.scale, .offset = 0}, 1.0, samples).ok()) {
    return;
  }
  if (samples.size() > kMaxSamplesTried) samples.resize(kMaxSamplesTried);
  const auto quantity = static_cast<Quantity>(1 + header.quantity % 5);
  std::vector<Waveform::Channel> channels;
  for (int i = 0; i < 1 + header.channels % 3; ++i) {
    channels.push_back({std::string(1, static_cast<char>('A' + i)), quantity});
  }
  auto waveform =
      Waveform::Create(std::move(samples), std::move(channels), header.sample_rate_hz,
                       {.speed_rpm = header.speed_rpm, .load_percent = header.load_percent});
  if (!waveform.ok()) return;
  static Extractor extractor;
  FeatureVector features;
  const auto status =
      extractor.Extract(*waveform, header.has_machine % 2 ? SomeMachine() : Machine{}, features);
  if (status.ok() && FindFeatureSet(features.set_id) == nullptr) __builtin_trap();
}

}  // namespace
}  // namespace auscult::features

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace auscult::features;
  if (size < kHeaderBytes) return 0;
  Header header;
  std::memcpy(&header, bytes, sizeof(header));
  Run(header, {reinterpret_cast<const char*>(bytes) + kHeaderBytes, size - kHeaderBytes});
  return 0;
}
