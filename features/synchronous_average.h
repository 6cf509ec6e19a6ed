#pragma once

#include <complex>
#include <span>

namespace auscult::features {

// Turns of a shaft that a record needs for what repeats with it to be told from what does not.
inline constexpr double kTurnsForAverage = 8;

// The synchronous average of a record over the turns of one shaft (McFadden 1987), as lines: line m
// is the complex peak amplitude at m times the shaft's speed, in units of the record and with the
// phase it has at the middle of the record. The turns are weighed by a Hann window, so that their
// number need not be whole. Each line is read from the eight bins around it: no resampling, no
// inverse transform.
//
// `bins` are those of a record of `length` samples, in which the shaft turns `turns` times at
// constant speed, at least kTurnsForAverage. lines[0] is 0. lines.size() is at most
// SynchronousLineCount.
void SynchronousLines(std::span<const std::complex<float>> bins, int length, double turns,
                      std::span<std::complex<float>> lines);

// How many lines, that of order 0 included, a record holds below Nyquist.
int SynchronousLineCount(int length, double turns);

}  // namespace auscult::features
