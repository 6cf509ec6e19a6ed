#include "cli/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace auscult::cli {
namespace {

std::vector<float> AverageNeighbours(std::span<const float> values, size_t count) {
  std::vector<float> means;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = i * values.size() / count;
    const size_t end = (i + 1) * values.size() / count;
    double sum = 0;
    int known = 0;
    for (size_t k = begin; k < end; ++k) {
      if (std::isnan(values[k])) continue;
      sum += values[k];
      ++known;
    }
    means.push_back(known == 0 ? std::nanf("") : static_cast<float>(sum / known));
  }
  return means;
}

}  // namespace

std::string Sparkline(std::span<const float> values, size_t width) {
  static constexpr std::array kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<float> shown(values.begin(), values.end());
  if (width > 0 && values.size() > width) shown = AverageNeighbours(values, width);
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -lowest;
  for (const float value : shown) {
    if (!std::isfinite(value)) continue;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  std::string line;
  for (const float value : shown) {
    if (!std::isfinite(value)) {
      line += ' ';
      continue;
    }
    const double share = highest > lowest ? (value - lowest) / (highest - lowest) : 0.5;
    line += kBlocks[std::min<size_t>(7, static_cast<size_t>(share * 8))];
  }
  return line;
}

}  // namespace auscult::cli
