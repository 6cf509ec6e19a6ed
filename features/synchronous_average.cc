#include "features/synchronous_average.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

// Bins on either side of a line. Beyond them the Hann line has fallen to 1/300.
constexpr int kSideBins = 4;
// Distance from a bin at which the limit of the interpolation is taken.
constexpr double kOnBin = 1e-4;

}  // namespace

int SynchronousLineCount(int length, double turns) {
  return static_cast<int>((length / 2 - kSideBins) / turns) + 1;
}

void SynchronousLines(std::span<const std::complex<float>> bins, int length, double turns,
                      std::span<std::complex<float>> lines) {
  assert(turns >= kTurnsForAverage && !lines.empty());
  assert(static_cast<int>(lines.size()) <= SynchronousLineCount(length, turns));
  lines[0] = 0;
  const double scale = 2.0 / (length * std::numbers::pi);
  for (size_t m = 1; m < lines.size(); ++m) {
    const double position = static_cast<double>(m) * turns;
    const int below = static_cast<int>(position);
    const double offset = std::clamp(position - below, kOnBin, 1 - kOnBin);
    // The Hann line sin(pi x) / (pi x (1 - x^2)), x bins away; the sine changes sign from bin to
    // bin as does the phase of a line seen from the middle of the record.
    const std::complex<float>* const bin = bins.data() + below;
    float real = 0;
    float imag = 0;
    for (int i = 1 - kSideBins; i <= kSideBins; ++i) {
      const double x = offset - i;
      const auto weight = static_cast<float>(1.0 / (x * (1.0 - x) * (1.0 + x)));
      real += weight * bin[i].real();
      imag += weight * bin[i].imag();
    }
    const double sine = std::sin(std::numbers::pi * offset) * (below % 2 == 0 ? scale : -scale);
    lines[m] = static_cast<float>(sine) * std::complex<float>(real, imag);
  }
}

}  // namespace auscult::features
