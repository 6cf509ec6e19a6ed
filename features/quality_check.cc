#include "features/quality_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "features/repeated_block.h"

namespace auscult::features {
namespace {

constexpr size_t kClipRun = 4;            // more than 3 equal extremes in a row
constexpr float kClipEdgeSteps = 4.0f;    // a smooth crest leaves its plateau by one or two steps
constexpr float kClipRangeSteps = 32.0f;  // below this the converter itself repeats its extremes
constexpr size_t kDropoutRun = 32;
constexpr size_t kGroup = 16;  // any run of kDropoutRun equal values covers one group of this size
constexpr float kLiveSteps = 6.0f;  // mean change beside a dropout, in converter steps
constexpr double kHeldShare = 0.8;  // of equal neighbours in a record that holds its values
constexpr float kHeldSteps = 4.0f;

// Counts that decide, in two passes that vectorise, whether a closer look is needed at all.
struct Repeats {
  int highest = 0;      // samples at the highest value
  int lowest = 0;       // samples at the lowest value
  int equal_pairs = 0;  // samples that equal the next one
  bool long_run = false;
};

Repeats CountRepeats(std::span<const float> x, const Range& range) {
  Repeats repeats;
  const float highest = range.highest;
  const float lowest = range.lowest;
  int at_highest = 0;
  int at_lowest = 0;
#pragma omp simd reduction(+ : at_highest, at_lowest)
  for (size_t i = 0; i < x.size(); ++i) {
    at_highest += x[i] == highest;
    at_lowest += x[i] == lowest;
  }
  size_t i = 0;
  for (; i + kGroup < x.size(); i += kGroup) {
    int equal = 0;
#pragma omp simd reduction(+ : equal)
    for (size_t j = 0; j < kGroup; ++j) equal += x[i + j] == x[i + j + 1];
    repeats.equal_pairs += equal;
    repeats.long_run |= equal == kGroup;
  }
  for (; i + 1 < x.size(); ++i) repeats.equal_pairs += x[i] == x[i + 1];
  repeats.highest = at_highest;
  repeats.lowest = at_lowest;
  return repeats;
}

// Smallest change between neighbours: the step of the converter, or less.
float ConverterStep(std::span<const float> x) {
  float step = std::numeric_limits<float>::infinity();
  for (size_t i = 0; i + 1 < x.size(); ++i) {
    const float change = std::abs(x[i + 1] - x[i]);
    if (change > 0) step = std::min(step, change);
  }
  return step;
}

// Calls visit(begin, end) for each run of equal values of at least `shortest`; stops at true.
template <typename Visit>
bool AnyRun(std::span<const float> x, size_t shortest, Visit visit) {
  for (size_t begin = 0; begin < x.size();) {
    size_t end = begin + 1;
    while (end < x.size() && x[end] == x[begin]) ++end;
    if (end - begin >= shortest && visit(begin, end)) return true;
    begin = end;
  }
  return false;
}

// A plateau at an extreme that the signal enters or leaves faster than a smooth crest would.
bool IsClipped(std::span<const float> x, const Range& range, float step) {
  if (range.highest - range.lowest < kClipRangeSteps * step) return false;
  return AnyRun(x, kClipRun, [&](size_t begin, size_t end) {
    if (x[begin] != range.highest && x[begin] != range.lowest) return false;
    const float before = begin > 0 ? std::abs(x[begin] - x[begin - 1]) : 0.0f;
    const float after = end < x.size() ? std::abs(x[begin] - x[end]) : 0.0f;
    return std::max(before, after) > kClipEdgeSteps * step;
  });
}

float MeanChange(std::span<const float> x) {
  if (x.size() < 2) return 0;
  float sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) sum += std::abs(x[i + 1] - x[i]);
  return sum / static_cast<float>(x.size() - 1);
}

// A repeated value with a live signal on either side, not the quiet between two impacts: that fades
// in or out through single steps of the converter.
bool HasDropout(std::span<const float> x, float step) {
  return AnyRun(x, kDropoutRun, [&](size_t begin, size_t end) {
    const size_t before = std::min(begin, kGroup);
    const size_t after = std::min(x.size() - end, kGroup);
    const bool live_before =
        before < kGroup || MeanChange(x.subspan(begin - before, before)) > kLiveSteps * step;
    const bool live_after = after < kGroup || MeanChange(x.subspan(end, after)) > kLiveSteps * step;
    return live_before && live_after;
  });
}

// Values that are repeated by a sender faster than its sensor: changes stand alone and are large.
bool IsHeld(std::span<const float> x, float step) {
  int changes = 0;
  int isolated = 0;
  double sum = 0;
  for (size_t i = 0; i + 2 < x.size(); ++i) {
    if (x[i + 1] == x[i]) continue;
    ++changes;
    isolated += x[i + 2] == x[i + 1];
    sum += static_cast<double>(std::abs(x[i + 1] - x[i]));
  }
  constexpr int kFewest = 4;
  return changes >= kFewest && isolated > 0.9 * changes &&
         sum > static_cast<double>(kHeldSteps * step) * changes;
}

// A step of the mean, found on the means of blocks: it explains nearly all of their scatter and
// is larger than the vibration around it.
bool HasOffsetJump(std::span<const float> x, double mean, double rms) {
  constexpr int kBlocks = 16;
  constexpr double kExplained = 0.95;
  std::array<double, kBlocks> means{};
  const size_t size = x.size() / kBlocks;
  double scatter = 0;
  for (int b = 0; b < kBlocks; ++b) {
    float sum = 0;
    const float* const block = x.data() + static_cast<size_t>(b) * size;
    const auto origin = static_cast<float>(mean);
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < size; ++i) sum += block[i] - origin;
    means[b] = static_cast<double>(sum) / static_cast<double>(size);
    scatter += means[b] * means[b];
  }
  double total = 0;
  for (const double m : means) total += m;
  scatter -= total * total / kBlocks;
  double left = 0;
  for (int split = 1; split < kBlocks; ++split) {
    left += means[split - 1];
    const double jump = (total - left) / (kBlocks - split) - left / split;
    const double share = static_cast<double>(split) * (kBlocks - split) / (kBlocks * kBlocks);
    const double explained = jump * jump * share;  // mean square that the step alone gives
    const double rest = rms * rms - explained;
    if (explained * kBlocks > kExplained * scatter && jump * jump > rest && rest >= 0) return true;
  }
  return false;
}

bool HasSkiSlope(const PowerSpectrum& spectrum, double shaft_hz) {
  constexpr double kSlopeHighHz = 5.0;
  constexpr double kLargestShare = 0.5;
  constexpr double kFewestBins = 4;
  const double high_hz =
      std::isnan(shaft_hz) ? kSlopeHighHz : std::min(kSlopeHighHz, 0.4 * shaft_hz);
  if (high_hz < kFewestBins * spectrum.resolution_hz) return false;
  const double lower = BandPower(spectrum, {0, high_hz / 2});
  const double upper = BandPower(spectrum, {high_hz / 2, high_hz});
  const double total = BandPower(spectrum, {0, spectrum.nyquist_hz()});
  return lower + upper > kLargestShare * total && lower > 2 * upper;
}

bool IsMainsPickup(const PowerSpectrum& spectrum, double mains_hz, double shaft_hz) {
  constexpr double kLargestShare = 0.5;
  constexpr double kHalfBins = 2.5;
  const double half_hz = std::max(kHalfBins * spectrum.resolution_hz, 0.005 * mains_hz);
  // A machine that turns at, or at a fraction of, mains frequency has lines of its own there.
  const double order = std::round(mains_hz / shaft_hz);
  if (std::abs(order * shaft_hz - mains_hz) < 2 * half_hz || 2 * half_hz > mains_hz / 2) {
    return false;
  }
  double lines = 0;
  double fundamental = 0;
  for (const int harmonic : {1, 2, 3, 5, 7}) {
    const double hz = harmonic * mains_hz;
    const double power = BandPower(spectrum, {hz - half_hz, hz + half_hz});
    lines += power;
    if (harmonic == 1) fundamental = power;
  }
  const double total = BandPower(spectrum, {0, spectrum.nyquist_hz()});
  // Twice line frequency alone is the stator of a motor, not the cable.
  return lines > kLargestShare * total && fundamental > 0.5 * lines;
}

}  // namespace

QualityFlags CheckSamples(std::span<const float> samples, const Range& range, double rms) {
  if (!(range.Peak() > 0)) return Bit(QualityFlag::kConstant);
  QualityFlags flags = 0;
  const Repeats repeats = CountRepeats(samples, range);
  const bool may_clip =
      repeats.highest >= static_cast<int>(kClipRun) || repeats.lowest >= static_cast<int>(kClipRun);
  const bool may_hold = repeats.equal_pairs > kHeldShare * static_cast<double>(samples.size());
  if (may_clip || may_hold || repeats.long_run) {
    const float step = ConverterStep(samples);
    // Where every value is repeated, so are the extremes: that is no clipping.
    const bool held = may_hold && IsHeld(samples, step);
    if (held || (repeats.long_run && HasDropout(samples, step))) {
      flags |= Bit(QualityFlag::kDropout);
    }
    if (may_clip && !held && IsClipped(samples, range, step)) flags |= Bit(QualityFlag::kClipped);
  }
  if (HasOffsetJump(samples, range.mean, rms)) flags |= Bit(QualityFlag::kOffsetJump);
  if (FindRepeatedBlock(samples).length > 0) flags |= Bit(QualityFlag::kRepeatedBlock);
  return flags;
}

QualityFlags CheckSpectrum(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz,
                           const Machine& machine) {
  QualityFlags flags = 0;
  if (quantity == Quantity::kAcceleration && HasSkiSlope(spectrum, shaft_hz)) {
    flags |= Bit(QualityFlag::kSkiSlope);
  }
  if (!std::isnan(shaft_hz)) {
    const bool known = machine.line_frequency_hz > 0;
    const bool pickup =
        known ? IsMainsPickup(spectrum, machine.line_frequency_hz, shaft_hz)
              : IsMainsPickup(spectrum, 50, shaft_hz) || IsMainsPickup(spectrum, 60, shaft_hz);
    if (pickup) flags |= Bit(QualityFlag::kMainsPickup);
  }
  return flags;
}

}  // namespace auscult::features
