#pragma once

#include <cstddef>
#include <span>

namespace auscult::features {

// Where a block of samples occurs again, bit for bit.
struct RepeatedBlock {
  size_t first = 0;   // begin of the original
  size_t again = 0;   // begin of the copy
  size_t length = 0;  // samples; 0 = nothing is repeated
};

// Finds a block that a driver or a sender has delivered twice. The noise of sensor and converter
// makes that impossible by chance: a block counts where it holds so many changes of value that, at
// the rate at which values come within four converter steps right beside it, as many agreements
// would not be met once in a million records. What agrees throughout (a signal of a generator) or
// more and more towards the block (a slow beat, on a coarse converter) is therefore none; neither
// is a held value. Nothing is found where a block and its copy have no samples beside them.
//
// One pass that remembers the newest 4,096 of the places picked by the content around them, some
// one in 16: blocks of the shortest length are mostly found, of twice as many nearly always, where
// the copy begins within some 60,000 samples after the original. Allocates nothing.
RepeatedBlock FindRepeatedBlock(std::span<const float> samples);

inline constexpr size_t kShortestRepeatedBlock = 64;

}  // namespace auscult::features
