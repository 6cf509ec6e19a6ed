#pragma once

#include <span>

#include "features/fft.h"

namespace auscult::features {

// Difference between the log of the mean and the mean of the log of Exp(1) noise: Euler's gamma.
inline constexpr float kLogMeanOfExponential = 0.5772157f;

// Writes to `floor` the mean of the natural log of the noise around each bin of `log_power` (the
// natural log of a power spectrum): means over blocks of `block_bins`, winsorised so that lines do
// not lift them, joined by straight lines. Noise power is Exp-distributed, so its mean is
// exp(floor + kLogMeanOfExponential). Equal lengths >= 1, block_bins >= 1.
void NoiseFloor(std::span<const float> log_power, int block_bins, std::span<float> floor);

// How far the lines of an envelope spectrum stand above the noise around them: L = clip(ln Z,
// -0.5, 4), Z the power over its local floor, with the harmonics of the shaft masked. One
// configuration serves the spectra of all bands of a record. Scratch memory: one for each thread.
class LineLevels {
 public:
  // How neighbouring bins are joined before levels are taken.
  struct Joining {
    int smoothed_bins = 1;   // odd; power is averaged over so many bins: for broadened lines
    bool peak_held = false;  // each bin takes the largest of itself and its neighbours
  };

  // Spectra of up to `bin_count` bins, of which `bins_per_order` (> 1) make one shaft order.
  // `other_shafts`: speeds of further shafts of the machine over that of the shaft, each > 0; their
  // harmonics are masked too.
  void Configure(int bin_count, double bins_per_order, std::span<const float> other_shafts);

  // Levels of `power`, which may be shorter than `levels` (bin_count): bins that are missing or
  // masked are 0, as is the mean of the others. Adds Z to `z_sum` (bin_count), unless it is empty.
  void Compute(std::span<const float> power, Joining joining, std::span<float> levels,
               std::span<float> z_sum);
  // The same from a mean of Z.
  void ComputeFromZ(std::span<const float> z_mean, Joining joining, std::span<float> levels);

  int block_bins() const { return block_bins_; }

 private:
  void Mask(double bins_per_harmonic);
  void Finish(Joining joining, std::span<float> levels);

  int block_bins_ = 1;
  FftVector<float> kept_;  // 1 = used, 0 = masked
  FftVector<float> smoothed_;
  FftVector<float> log_;
  FftVector<float> floor_;
};

}  // namespace auscult::features
