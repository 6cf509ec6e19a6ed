#pragma once

#include <cstddef>
#include <span>

#include "features/fft.h"

namespace auscult::features {

// How far the lines of a shaft stand above the noise around them, at any speed it might have: the
// weighted sum over harmonics 1..6 of L = clip(ln P - floor, -0.5, 7), weights 1, 0.9, 0.7, 0.5,
// 0.35, 0.25. Scratch memory: one for each thread.
class HarmonicLevels {
 public:
  static constexpr int kHighestOrder = 7;  // floor and harmonics are taken up to this shaft order

  // `power`: of a Hann-windowed record, from DC on. Its first `bins` count, all where it holds
  // fewer. The noise floor is taken over blocks of `block_bins`.
  void Load(std::span<const float> power, int bins, int block_bins);

  // At a shaft speed of `bin` bins. Between bins by straight lines; but where `reach`, a share of
  // the speed, spans more than a bin, the highest level within it counts, so that a coarse search
  // misses no line.
  float Score(double bin, double reach = 0) const;

  // Level of one bin; the least where there is none.
  float At(size_t bin) const;

 private:
  FftVector<float> levels_;
  FftVector<float> floor_;
};

}  // namespace auscult::features
