#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "models/byte_codec.h"
#include "models/classifier.h"
#include "tests/fuzz/targets.h"

namespace auscult::fuzz {
namespace {

// A checksum that fits: what stands behind it is what the fuzzer is to reach.
std::string Sealed(std::span<const uint8_t> bytes) {
  std::string sealed(bytes.begin(), bytes.end());
  const uint32_t sum = models::Checksum(sealed);
  sealed.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return sealed;
}

void CheckAnswer(const models::Classifier& classifier, float value) {
  const std::vector<float> inputs(static_cast<size_t>(classifier.trees().feature_count()), value);
  const models::Classification said = classifier.Classify(inputs);
  double sum = 0;
  for (const float probability : said.probabilities) {
    if (!(probability >= 0 && probability <= 1)) std::abort();
    sum += probability;
  }
  if (!said.probabilities.empty() && !(std::abs(sum - 1) < 1e-4)) std::abort();
  if (said.fault != models::Fault::kAbstain && !classifier.Knows(said.fault)) std::abort();
}

}  // namespace

void TryModel(std::span<const uint8_t> bytes) {
  const std::string_view as_it_is(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const std::string& file : {std::string(as_it_is), Sealed(bytes)}) {
    const auto classifier = models::Classifier::Parse(file);
    if (!classifier.ok()) {
      if (classifier.status().message().empty()) std::abort();
      continue;
    }
    // What was accepted says the same when written and read again.
    if (classifier->Serialize() != file) std::abort();
    constexpr float kMost = std::numeric_limits<float>::max();
    for (const float value : {0.0f, 1.0f, -kMost, kMost}) CheckAnswer(*classifier, value);
  }
}

}  // namespace auscult::fuzz
