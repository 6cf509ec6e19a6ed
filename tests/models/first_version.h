#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "models/baseline.h"
#include "models/byte_codec.h"

namespace auscult::models {

// A baseline as it was stored when it held neither a law of healthy records nor usual levels.
inline std::string AsFirstVersion(const Baseline& baseline) {
  constexpr size_t kConditionsEnd = 28;
  constexpr size_t kNullLaw = 11;
  const auto without_checksum = [](std::string bytes) {
    bytes.resize(bytes.size() - sizeof(uint32_t));
    return bytes;
  };
  ByteWriter usual;
  baseline.usual().Write(usual);
  std::string bytes = without_checksum(baseline.Serialize());
  bytes.resize(bytes.size() - without_checksum(std::move(usual).Finish()).size());
  bytes.erase(kConditionsEnd, kNullLaw);
  ByteWriter writer;
  writer.Write(uint8_t{1});
  for (size_t i = 1; i < bytes.size(); ++i) writer.Write(bytes[i]);
  return std::move(writer).Finish();
}

}  // namespace auscult::models
