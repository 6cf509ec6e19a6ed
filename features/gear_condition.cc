#include "features/gear_condition.h"

#include <algorithm>
#include <cmath>

#include "features/synchronous_average.h"
#include "features/time_domain.h"

namespace auscult::features {
namespace {

constexpr double kHighestMesh = 5.5;  // half-way above mesh harmonic 5
constexpr int kShaftOrdersRemoved = 2;
constexpr int kSidebandsSummed = 6;
// Samples for each line: as many make the mean of the fourth power exact.
constexpr int kOversampling = 4;
// Of the RMS of the average. Less is leakage and rounding.
constexpr double kSmallestShare = 1e-3;
// RMS, in units of the record's peak, of an average in which nothing is left but rounding.
constexpr double kRounding = 1e-6;

float SumOfMeshes(std::span<const std::complex<float>> lines, int teeth) {
  float sum = 0;
  for (size_t m = teeth; m < lines.size(); m += teeth) sum += std::abs(lines[m]);
  return sum;
}

float SidebandEnergyRatio(std::span<const std::complex<float>> lines, int teeth) {
  const int count =
      std::min({kSidebandsSummed, (teeth - 1) / 2, static_cast<int>(lines.size()) - 1 - teeth});
  float sum = 0;
  for (int i = 1; i <= count; ++i) sum += std::abs(lines[teeth - i]) + std::abs(lines[teeth + i]);
  return sum / std::abs(lines[teeth]);
}

// Takes away every mesh harmonic with `sidebands` lines on either side.
void RemoveMeshes(int teeth, int sidebands, std::span<std::complex<float>> lines) {
  const auto width = static_cast<size_t>(2 * sidebands + 1);
  for (size_t m = teeth - sidebands; m < lines.size(); m += teeth) {
    std::fill_n(lines.data() + m, std::min(width, lines.size() - m), std::complex<float>());
  }
}

}  // namespace

// What is left of the average.
struct GearAnalysis::Shape {
  double rms;
  double peak_to_peak;
  double kurtosis;
};

float Na4WithHistory(float na4, float residual_rms, float mean_residual_variance) {
  const float ratio = residual_rms * residual_rms / mean_residual_variance;
  return na4 * ratio * ratio;
}

GearCondition GearAnalysis::Analyse(std::span<const std::complex<float>> bins, int length,
                                    double turns, int teeth) {
  GearCondition condition;
  if (teeth < kFewestTeeth || !(turns >= kTurnsForAverage)) return condition;
  const int count =
      std::min(static_cast<int>(kHighestMesh * teeth), SynchronousLineCount(length, turns) - 1);
  if (count < teeth + 2) return condition;
  lines_.resize(static_cast<size_t>(count) + 1);
  SynchronousLines(bins, length, turns, lines_);
  const Shape average = ShapeOf();
  if (!(average.rms > kRounding)) return condition;
  const double least = kSmallestShare * average.rms;
  const auto known = [](bool there, double value) {
    return there ? static_cast<float>(value) : kNotKnown;
  };
  const double meshes = SumOfMeshes(lines_, teeth);
  condition.fm0 = known(meshes > least, average.peak_to_peak / meshes);
  condition.sideband_energy_ratio =
      known(std::abs(lines_[teeth]) > least, SidebandEnergyRatio(lines_, teeth));

  std::fill_n(lines_.begin() + 1, kShaftOrdersRemoved, std::complex<float>());
  RemoveMeshes(teeth, 0, lines_);
  const Shape residual = ShapeOf();
  condition.na4 = known(residual.rms > least, residual.kurtosis);
  condition.residual_rms = known(residual.rms > least, residual.rms);
  RemoveMeshes(teeth, 1, lines_);
  const Shape difference = ShapeOf();
  condition.fm4 = known(difference.rms > least, difference.kurtosis);
  return condition;
}

// One turn of the shaft, as lines_ make it.
std::span<const float> GearAnalysis::Signal() {
  const InverseRealFft& inverse =
      inverse_.For(SmoothLengthAtLeast(kOversampling * static_cast<int>(lines_.size())));
  bins_.assign(static_cast<size_t>(inverse.bin_count()), std::complex<float>());
  std::transform(lines_.begin(), lines_.end(), bins_.begin(),
                 [](std::complex<float> line) { return 0.5f * line; });
  signal_.resize(static_cast<size_t>(inverse.length()));
  inverse.Inverse(bins_, signal_);
  return signal_;
}

GearAnalysis::Shape GearAnalysis::ShapeOf() {
  const std::span<const float> signal = Signal();
  const auto [lowest, highest] = std::ranges::minmax(signal);
  const Moments moments = MomentsOf(signal);
  return {.rms = std::sqrt(moments.mean_square),
          .peak_to_peak = static_cast<double>(highest) - static_cast<double>(lowest),
          .kurtosis = moments.mean_fourth / (moments.mean_square * moments.mean_square)};
}

}  // namespace auscult::features
