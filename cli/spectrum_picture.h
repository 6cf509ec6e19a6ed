#pragma once

#include <span>
#include <string>

namespace auscult::cli {

// Values above 0 as columns of blocks, `height` lines of at most `width` characters; of neighbours
// that share a column the largest is shown. "" where there is nothing above 0.
std::string SpectrumPicture(std::span<const float> values, size_t width, size_t height);

// A curve by its extremes: for each column the line from its lowest to its highest value, `height`
// lines. `min` and `max` run parallel.
std::string CurvePicture(std::span<const float> min, std::span<const float> max, size_t width,
                         size_t height);

}  // namespace auscult::cli
