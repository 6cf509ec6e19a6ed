#include "server/rest/request_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"

namespace auscult::rest {
namespace {

constexpr size_t kLongest = 128;
constexpr int kDigits = 32;

bool IsFit(std::string_view id) {
  constexpr std::string_view kSigns = "-_.:/+=";
  return !id.empty() && id.size() <= kLongest && std::all_of(id.begin(), id.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kSigns.find(c) != kSigns.npos;
  });
}

}  // namespace

std::string RequestId(std::string_view given) {
  if (IsFit(given)) return std::string(given);
  thread_local std::mt19937_64 random(std::random_device{}());
  std::string id;
  uint64_t bits = 0;
  for (int i = 0; i < kDigits; ++i) {
    if (i % 16 == 0) bits = random();
    id += "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return id;
}

}  // namespace auscult::rest
