#include "models/health.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_format.h"

namespace auscult::models {

std::string_view ReasonName(Reason reason) {
  constexpr std::array<std::string_view, 7> kNames = {"",     "departure",  "evidence", "acute",
                                                      "zone", "user_limit", "diagnosis"};
  return kNames[static_cast<size_t>(reason)];
}

std::string Describe(const OutsideLearnt& outside) {
  if (!outside) return "";
  const bool speed = outside.quantity == OutsideLearnt::Quantity::kSpeedRpm;
  return absl::StrFormat("%s %.0f%s, learnt %.0f to %.0f%s", speed ? "speed" : "load",
                         outside.value, speed ? " rpm" : " %", outside.low, outside.high,
                         speed ? " rpm" : " %");
}

float HealthIndex(float severity, float peak_rise_db, features::Zone zone) {
  constexpr std::array<float, 5> kCeiling = {100, 100, 80, 50, 20};  // by Zone
  if (std::isnan(severity) && zone == features::Zone::kUnknown) return features::kNotKnown;
  const float far = std::isnan(severity) ? 0 : std::clamp(severity / 6.0f, 0.0f, 1.0f);
  const float loud =
      std::isnan(peak_rise_db) ? 0 : std::clamp((peak_rise_db - 3.0f) / 17.0f, 0.0f, 1.0f);
  return std::min(100.0f * (1.0f - 0.5f * far - 0.5f * loud), kCeiling[static_cast<size_t>(zone)]);
}

}  // namespace auscult::models
