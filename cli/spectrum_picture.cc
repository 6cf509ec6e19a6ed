#include "cli/spectrum_picture.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace auscult::cli {
namespace {

// Eighths of a character cell, from the bottom.
constexpr const char* kEighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// The first value of column `column` of `columns`.
size_t BeginOf(size_t column, size_t columns, size_t count) { return column * count / columns; }

}  // namespace

std::string SpectrumPicture(std::span<const float> values, size_t width, size_t height) {
  const size_t columns = std::min(width, values.size());
  std::vector<float> heights;
  for (size_t i = 0; i < columns; ++i) {
    const auto begin =
        values.begin() + static_cast<std::ptrdiff_t>(BeginOf(i, columns, values.size()));
    const auto end =
        values.begin() + static_cast<std::ptrdiff_t>(BeginOf(i + 1, columns, values.size()));
    heights.push_back(*std::max_element(begin, end));
  }
  const float top = heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
  if (!(top > 0)) return "";
  std::string picture;
  for (size_t line = 0; line < height; ++line) {
    const auto below = static_cast<float>(height - 1 - line);
    for (const float value : heights) {
      const float filled = value / top * static_cast<float>(height) - below;
      picture += kEighths[static_cast<size_t>(std::lround(std::clamp(filled, 0.0f, 1.0f) * 8))];
    }
    picture += '\n';
  }
  return picture;
}

std::string CurvePicture(std::span<const float> min, std::span<const float> max, size_t width,
                         size_t height) {
  const size_t count = std::min(min.size(), max.size());
  if (count == 0 || height == 0) return "";
  const float low = *std::min_element(min.begin(), min.end());
  const float high = *std::max_element(max.begin(), max.end());
  const float span = high > low ? high - low : 1.0f;
  const size_t columns = std::min(width, count);
  const auto row_of = [&](float value) {
    return static_cast<size_t>(std::lround((value - low) / span * static_cast<float>(height - 1)));
  };
  std::vector<std::vector<bool>> cells(height, std::vector<bool>(columns));
  for (size_t i = 0; i < columns; ++i) {
    for (size_t at = BeginOf(i, columns, count); at < BeginOf(i + 1, columns, count); ++at) {
      for (size_t row = row_of(min[at]); row <= row_of(max[at]); ++row) cells[row][i] = true;
    }
  }
  std::string picture;
  for (size_t row = height; row > 0; --row) {
    for (const bool filled : cells[row - 1]) picture += filled ? "█" : " ";
    picture += '\n';
  }
  return picture;
}

}  // namespace auscult::cli
