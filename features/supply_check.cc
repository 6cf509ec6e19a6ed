#include "features/supply_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace auscult::features {
namespace {

constexpr double kRateTolerance = 0.03;  // supplies keep within 1 %, those of islands within 2 %
constexpr double kLineHalfBins = 2.5;
constexpr double kStandsOut = 4;        // power of a line over that beside it
constexpr double kSmallestLine = 1e-5;  // power of a line over that of the strongest one
constexpr double kInverterSlipLow = -0.005;
constexpr double kInverterSlipHigh = 0.05;

constexpr double kCyclesOfBlock = 2;
constexpr double kFewestOfCycle = 4;   // samples
constexpr size_t kFewestOfBlock = 16;  // samples
constexpr size_t kFewestBlocks = 8;
constexpr size_t kMostBlocks = 1024;  // compared with each other
constexpr size_t kMostPoints = 64;    // a block is averaged to at least that many, where longer
constexpr double kSmallestJump = std::numbers::pi / 4;
constexpr double kNoiseSigmas = 6;

// The line is in the spectrum although another one is stronger: a harmonic, as of a rectifier.
bool HasLineAt(const PowerSpectrum& spectrum, double line_hz, double strongest) {
  const double half_hz = kLineHalfBins * spectrum.resolution_hz;
  const double power = BandPower(spectrum, {line_hz - half_hz, line_hz + half_hz});
  const double below = BandPower(spectrum, {line_hz - 3 * half_hz, line_hz - half_hz});
  const double above = BandPower(spectrum, {line_hz + half_hz, line_hz + 3 * half_hz});
  return power > kStandsOut * std::max(below, above) && power > kSmallestLine * strongest;
}

double Wrapped(double angle) { return std::remainder(angle, 2 * std::numbers::pi); }

// Phase of the line in blocks of two cycles: block by block the inner product with a Hann-windowed
// exponential, of the samples or, where a cycle has many, of their averages.
class LinePhase {
 public:
  LinePhase(std::span<const float> samples, double cycle);

  size_t block_count() const { return block_count_; }
  size_t block_samples() const { return points_ * stride_; }
  // Relative to a line of exactly the given frequency that runs through the whole record.
  double Of(size_t block) const;

 private:
  std::span<const float> samples_;
  double cycle_;
  double block_;  // samples
  size_t block_count_;
  size_t stride_;
  size_t points_;
  std::array<float, 2 * kMostPoints> cosine_;
  std::array<float, 2 * kMostPoints> sine_;
};

LinePhase::LinePhase(std::span<const float> samples, double cycle)
    : samples_(samples), cycle_(cycle) {
  const double cycles =
      std::max(kCyclesOfBlock, std::ceil(static_cast<double>(kFewestOfBlock) / cycle));
  block_ = cycles * cycle;
  block_count_ = static_cast<size_t>(static_cast<double>(samples.size()) / block_);
  const auto length = static_cast<size_t>(block_);
  stride_ = std::max<size_t>(1, length / kMostPoints);
  points_ = length / stride_;
  const double turn = 2 * std::numbers::pi / static_cast<double>(points_);
  const double advance = 2 * std::numbers::pi * static_cast<double>(stride_) / cycle;
  for (size_t i = 0; i < points_; ++i) {
    const auto point = static_cast<double>(i);
    const double hann = 1 - std::cos(turn * (point + 0.5));
    cosine_[i] = static_cast<float>(hann * std::cos(advance * point));
    sine_[i] = static_cast<float>(hann * std::sin(advance * point));
  }
}

double LinePhase::Of(size_t block) const {
  const auto begin = static_cast<size_t>(block_ * static_cast<double>(block));
  const float* x = samples_.data() + begin;
  float in_phase = 0;
  float quadrature = 0;
  for (size_t i = 0; i < points_; ++i, x += stride_) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < stride_; ++j) sum += x[j];
    in_phase += sum * cosine_[i];
    quadrature -= sum * sine_[i];
  }
  const double start = std::fmod(static_cast<double>(begin), cycle_) / cycle_;
  return std::atan2(static_cast<double>(quadrature), static_cast<double>(in_phase)) -
         2 * std::numbers::pi * start;
}

// The largest deviation of the phase over two blocks from its usual advance, which is that of the
// supply's deviation from `line_hz`.
double LargestJump(std::span<const double> phases) {
  std::array<double, kMostBlocks> advances;
  const size_t count = phases.size() - 1;
  for (size_t i = 0; i < count; ++i) advances[i] = Wrapped(phases[i + 1] - phases[i]);
  const auto middle = advances.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(advances.begin(), middle, advances.begin() + static_cast<std::ptrdiff_t>(count));
  const double usual = *middle;
  double largest = 0;
  for (size_t i = 0; i + 2 < phases.size(); ++i) {
    largest = std::max(largest, std::abs(Wrapped(phases[i + 2] - phases[i] - 2 * usual)));
  }
  return largest;
}

}  // namespace

QualityFlags CheckRate(const PowerSpectrum& spectrum, double line_hz, const Machine& machine,
                       double speed_hz) {
  const double claimed_hz = static_cast<double>(machine.line_frequency_hz);
  const double tolerance_hz = std::max(kRateTolerance * claimed_hz, spectrum.resolution_hz);
  if (!(std::abs(line_hz - claimed_hz) > tolerance_hz)) return 0;
  const double slip = 1 - speed_hz * machine.pole_pairs / line_hz;
  if (machine.pole_pairs > 0 && slip >= kInverterSlipLow && slip <= kInverterSlipHigh) return 0;
  const double half_hz = kLineHalfBins * spectrum.resolution_hz;
  const double strongest = BandPower(spectrum, {line_hz - half_hz, line_hz + half_hz});
  return HasLineAt(spectrum, claimed_hz, strongest) ? 0 : Bit(QualityFlag::kRateSuspect);
}

QualityFlags CheckLinePhase(std::span<const float> samples, double sample_rate_hz,
                            const PowerSpectrum& spectrum, double line_hz) {
  const double cycle = sample_rate_hz / line_hz;
  if (!(cycle >= kFewestOfCycle)) return 0;
  const LinePhase phase(samples, cycle);
  if (phase.block_count() < kFewestBlocks) return 0;
  const double half_hz = kLineHalfBins * spectrum.resolution_hz;
  const double line = BandPower(spectrum, {line_hz - half_hz, line_hz + half_hz});
  const double rest = std::max(0.0, BandPower(spectrum, {0, spectrum.nyquist_hz()}) / line - 1);
  // Phase noise of a Hann line, 1.5 bins wide, in white noise; two such differ by root 2 more.
  const double noise = std::sqrt(2 * 1.5 * rest / static_cast<double>(phase.block_samples()));
  const double limit = std::max(kSmallestJump, kNoiseSigmas * noise);
  if (limit >= std::numbers::pi) return 0;
  std::array<double, kMostBlocks> phases;
  // Stretches overlap by what a jump spans.
  for (size_t begin = 0; begin + kFewestBlocks <= phase.block_count(); begin += kMostBlocks - 2) {
    const size_t count = std::min(kMostBlocks, phase.block_count() - begin);
    for (size_t i = 0; i < count; ++i) phases[i] = phase.Of(begin + i);
    if (LargestJump(std::span(phases).first(count)) > limit) {
      return Bit(QualityFlag::kLostSamples);
    }
  }
  return 0;
}

}  // namespace auscult::features
