#include "features/current_slip.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace auscult::features {
namespace {

constexpr double kSmallestSlip = 0.002;
constexpr double kLargestSlip = 0.3;
constexpr double kLargestUnknownSlip = 0.1;
constexpr double kMeasuredTolerance = 0.005;
constexpr double kUnknown = static_cast<double>(kNotKnown);

constexpr float kLowestLevel = -1.0f;
constexpr float kKneeLevel = 6.0f;   // 26 dB above the noise a line is beyond doubt,
constexpr float kBeyondKnee = 0.1f;  // and only its peak must still be found
constexpr float kSeenLevel = 2.0f;   // 8.7 dB
constexpr float kSureLevel = 3.0f;
constexpr int kRefinements = 2;
constexpr float kNoiseMaximum = 0.6f;  // mean level that the best of many slips finds in noise
constexpr double kOtherSlipBins = 5;
constexpr float kPriorPenalty = 1.0f;     // at the end of the tolerance
constexpr float kMarginScale = 2.0f;      // nats by which a slip must lead for confidence 1 - 1/e
constexpr float kLeastConfidence = 0.3f;  // to correct a measured speed

enum Family { kBars, kThird, kEccentricity, kSlots, kFamilies };
constexpr std::array<float, kFamilies> kWeights = {1.0f, 0.5f, 1.0f, 1.5f};

// A line at (intercept + gradient x slip) times the supply frequency.
struct PredictedLine {
  double intercept;
  double gradient;
  Family family;
  bool of_park = false;

  double Order(double slip) const { return intercept + gradient * slip; }
};

// The lines that one slip predicts, and their levels.
class SlipEvidence {
 public:
  SlipEvidence(const SlipLevels& levels, const Machine& machine)
      : levels_(levels), supply_bin_(levels.supply_hz / levels.resolution_hz) {
    const double shaft = 1.0 / PolePairs(machine);
    lines_ = {{{1, -2, kBars},
               {1, 2, kBars},
               {0, 2, kBars, true},
               {3, -2, kThird},
               {3, -4, kThird},
               {1 - shaft, shaft, kEccentricity},
               {1 + shaft, -shaft, kEccentricity}}};
    count_ = 7;
    if (RotorBars(machine) <= 0) return;
    for (const int order : {-3, -1, 1, 3}) {
      lines_[count_++] = {RotorBars(machine) * shaft + order, -RotorBars(machine) * shaft, kSlots};
    }
  }

  struct Support {
    float score = 0;
    float noise = 0;   // what the same lines would score in noise
    int families = 0;  // that are seen
  };

  Support Of(double slip) const {
    std::array<Levels, kFamilies> families;
    for (int i = 0; i < count_; ++i) families[lines_[i].family].Add(Level(lines_[i], slip));
    Support support;
    for (int family = 0; family < kFamilies; ++family) {
      const float level =
          family == kSlots ? families[family].TwoLargestMean() : families[family].Mean();
      if (std::isnan(level)) continue;
      support.score += kWeights[family] * level;
      support.noise += kWeights[family] * kNoiseMaximum;
      if (level >= kSeenLevel) ++support.families;
    }
    return support;
  }

  // Moves the slip to where it fits the peaks of the lines that are seen, by least squares.
  double Refine(double slip) const {
    for (int pass = 0; pass < kRefinements; ++pass) {
      double product = 0;
      double square = 0;
      for (int i = 0; i < count_; ++i) {
        const float level = Level(lines_[i], slip);
        if (!(level >= kSureLevel)) continue;
        const double bins_per_slip = lines_[i].gradient * supply_bin_;
        const double bin = lines_[i].Order(slip) * supply_bin_;
        product += bins_per_slip * (PeakNear(LevelsOf(lines_[i]), bin) - bin);
        square += bins_per_slip * bins_per_slip;
      }
      if (square > 0) slip += product / square;
    }
    return slip;
  }

  double supply_bin() const { return supply_bin_; }

 private:
  class Levels {
   public:
    void Add(float level) {
      if (std::isnan(level)) return;
      sum_ += level;
      if (level > largest_) std::swap(level, largest_);
      second_ = std::max(second_, level);
      ++count_;
    }
    float Mean() const { return count_ > 0 ? sum_ / static_cast<float>(count_) : kNotKnown; }
    // Bars and poles decide which of the slot harmonics a machine has.
    float TwoLargestMean() const { return count_ > 1 ? 0.5f * (largest_ + second_) : Mean(); }

   private:
    float sum_ = 0;
    float largest_ = kLowestLevel;
    float second_ = kLowestLevel;
    int count_ = 0;
  };

  std::span<const float> LevelsOf(const PredictedLine& line) const {
    return line.of_park ? levels_.park : levels_.phases;
  }

  float Level(const PredictedLine& line, double slip) const {
    const std::span<const float> levels = LevelsOf(line);
    const double bin = line.Order(slip) * supply_bin_;
    if (!(bin >= 1) || bin + 2 > static_cast<double>(levels.size()) ||
        !IsClearOfSupply(bin, supply_bin_)) {
      return kNotKnown;
    }
    const auto k = static_cast<size_t>(bin);
    const auto share = static_cast<float>(bin - static_cast<double>(k));
    const float level = levels[k] + share * (levels[k + 1] - levels[k]);
    if (level > kKneeLevel) return kKneeLevel + kBeyondKnee * (level - kKneeLevel);
    return std::max(level, kLowestLevel);
  }

  // The highest point within two bins of `bin`, by a parabola; `bin` where the levels only rise.
  static double PeakNear(std::span<const float> levels, double bin) {
    const int centre = static_cast<int>(std::lround(bin));
    const int last = static_cast<int>(levels.size()) - 2;
    int best = std::clamp(centre, 1, last);
    for (int k = std::max(1, centre - 2); k <= std::min(last, centre + 2); ++k) {
      if (levels[k] > levels[best]) best = k;
    }
    const float below = levels[best - 1];
    const float above = levels[best + 1];
    const float curvature = below - 2 * levels[best] + above;
    if (levels[best] < below || levels[best] < above || !(curvature < 0)) return bin;
    return best + static_cast<double>(0.5f * (below - above) / curvature);
  }

  const SlipLevels& levels_;
  double supply_bin_;
  std::array<PredictedLine, 11> lines_;
  int count_;
};

}  // namespace

SlipPrior SlipPriorOf(const Machine& machine, const Conditions& conditions, double supply_hz) {
  constexpr SlipPrior kNothing = {0, -1, kUnknown, false};
  const double pole_pairs = PolePairs(machine);
  if (!(pole_pairs > 0) || !(supply_hz > 0)) return kNothing;
  const auto slip_at = [&](double speed_rpm) {
    return 1 - speed_rpm / 60 * pole_pairs / supply_hz;
  };
  const auto within = [](double low, double high) {
    return std::pair(std::max(low, kSmallestSlip), std::min(high, kLargestSlip));
  };
  if (!std::isnan(conditions.speed_rpm)) {
    const double expected = slip_at(static_cast<double>(conditions.speed_rpm));
    const bool measured = conditions.speed_tolerance == 0;
    if (measured && !(expected >= kSmallestSlip && expected <= kLargestSlip)) return kNothing;
    const double half = (1 - expected) * std::max(static_cast<double>(conditions.speed_tolerance),
                                                  kMeasuredTolerance);
    const auto [low, high] = within(expected - half, expected + half);
    return {low, high, expected, measured};
  }
  const double rated = slip_at(static_cast<double>(machine.rated_speed_rpm));
  const bool rated_known = rated >= kSmallestSlip && rated <= kLargestSlip;
  const auto [low, high] = within(kSmallestSlip, rated_known ? 2 * rated : kLargestUnknownSlip);
  return {low, high, kUnknown, false};
}

RotorSlip RotorSlipSearch::Find(const SlipLevels& levels, const Machine& machine,
                                const SlipPrior& prior) {
  const RotorSlip unseen = {prior.measured ? prior.expected : kUnknown, kNotKnown};
  if (prior.high < prior.low || levels.phases.empty()) return unseen;
  const SlipEvidence evidence(levels, machine);
  const double supply_bin = evidence.supply_bin();
  // The line that moves fastest with the slip moves by half a bin.
  const double fastest =
      std::max(4.0, static_cast<double>(RotorBars(machine)) / PolePairs(machine));
  const double step = 0.5 / (supply_bin * fastest);
  const int count = static_cast<int>((prior.high - prior.low) / step) + 1;
  scores_.resize(static_cast<size_t>(count));
  const double half = std::max(prior.expected - prior.low, prior.high - prior.expected);
  for (int i = 0; i < count; ++i) {
    const double slip = prior.low + i * step;
    float score = evidence.Of(slip).score;
    if (half > 0) {
      const auto distance = static_cast<float>((slip - prior.expected) / half);
      score -= kPriorPenalty * distance * distance;
    }
    scores_[i] = score;
  }
  const int best =
      static_cast<int>(std::max_element(scores_.begin(), scores_.end()) - scores_.begin());
  // At the nearest slip that is another one the lines at 2s lie beyond each other's main lobe.
  const double apart = kOtherSlipBins / (2 * supply_bin);
  const double slip = evidence.Refine(prior.low + best * step);
  const SlipEvidence::Support support = evidence.Of(slip);
  float rival = support.noise;
  for (int i = 0; i < count; ++i) {
    if (std::abs(prior.low + i * step - slip) > apart) rival = std::max(rival, scores_[i]);
  }
  const float margin = std::max(0.0f, scores_[best] - rival);
  float confidence = 1 - std::exp(-margin / kMarginScale);
  if (support.families < 2) confidence *= 0.5f;  // one family alone may be something else's
  if (prior.measured && confidence < kLeastConfidence) return {prior.expected, confidence};
  return {prior.measured || confidence >= kConfidentSlip ? slip : kUnknown, confidence};
}

}  // namespace auscult::features
