#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace auscult::db {

// Floats of a converter lie on a grid: offset + k * step, rounded to float by somebody. Then the
// integers k say nearly everything, and take a fraction of the room.
struct StepGrid {
  double step = 0;
  double offset = 0;

  // The float nearest to the k-th place of the grid. A fused sum, so that every build, with FMA or
  // without, gives the same bits.
  float At(int32_t k) const { return static_cast<float>(std::fma(k, step, offset)); }
};

// The grid that the samples lie on, as far as some of them say; nothing where they lie on none.
// Reads at most a thousand of them.
std::optional<StepGrid> FindStepGrid(std::span<const float> samples);

// Samples as places on a grid and what is left, bit by bit: the pattern of sample i is that of
// grid.At(places[i]) plus corrections[i], but for the exceptions, whose patterns are kept whole.
struct GridSamples {
  std::vector<int32_t> places;
  std::vector<int8_t> corrections;  // empty where all are 0
  struct Exception {
    uint32_t index;
    uint32_t bits;
  };
  std::vector<Exception> exceptions;
};

// False where the samples do not lie on the grid: too many exceptions, or places beyond 24 bits,
// which a float alone holds as well.
bool PlaceOnGrid(std::span<const float> samples, const StepGrid& grid, GridSamples& out);

// The inverse. False for an exception out of range, or corrections of another number.
bool TakeFromGrid(const GridSamples& placed, const StepGrid& grid, std::span<float> samples);

}  // namespace auscult::db
