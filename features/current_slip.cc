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
constexpr float kKneeLevel = 6.0f;        // 26 dB above the noise a line is beyond doubt,
constexpr float kBeyondKnee = 0.1f;       // and only its peak must still be found
constexpr float kSeenLevel = 2.0f;        // 8.7 dB
constexpr float kNoiseMaximum = 0.6f;     // mean level that the best of many slips finds in noise
constexpr float kPriorPenalty = 1.0f;     // at the end of the tolerance
constexpr float kMarginScale = 2.0f;      // nats by which a slip must lead for confidence 1 - 1/e
constexpr float kLeastConfidence = 0.3f;  // to correct a measured speed

// Levels of the lines that one slip predicts.
class SlipEvidence {
 public:
  SlipEvidence(const SlipLevels& levels, const Machine& machine)
      : levels_(levels),
        supply_bin_(levels.supply_hz / levels.resolution_hz),
        pole_pairs_(machine.pole_pairs),
        rotor_bars_(machine.rotor_bars) {}

  struct Support {
    float score = 0;
    float noise = 0;   // what the same lines would score in noise
    int families = 0;  // that are seen
  };

  Support Of(double slip) const {
    const double shaft = (1 - slip) / pole_pairs_;
    Support support;
    Family bars;
    bars.Add(Level(levels_.phases, 1 - 2 * slip));
    bars.Add(Level(levels_.phases, 1 + 2 * slip));
    bars.Add(Level(levels_.park, 2 * slip));
    Add(bars.Mean(), 1.0f, support);
    Family third;
    third.Add(Level(levels_.phases, 3 - 2 * slip));
    third.Add(Level(levels_.phases, 3 - 4 * slip));
    Add(third.Mean(), 0.5f, support);
    Family eccentricity;
    eccentricity.Add(Level(levels_.phases, 1 - shaft));
    eccentricity.Add(Level(levels_.phases, 1 + shaft));
    Add(eccentricity.Mean(), 1.0f, support);
    if (rotor_bars_ > 0) {
      Family slots;
      for (const int order : {-3, -1, 1, 3})
        slots.Add(Level(levels_.phases, rotor_bars_ * shaft + order));
      Add(slots.TwoLargestMean(), 1.5f, support);
    }
    return support;
  }

 private:
  class Family {
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

  static void Add(float level, float weight, Support& support) {
    if (std::isnan(level)) return;
    support.score += weight * level;
    support.noise += weight * kNoiseMaximum;
    if (level >= kSeenLevel) ++support.families;
  }

  // At `order` times the supply frequency.
  float Level(std::span<const float> levels, double order) const {
    const double bin = order * supply_bin_;
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

  const SlipLevels& levels_;
  double supply_bin_;
  double pole_pairs_;
  int rotor_bars_;
};

}  // namespace

SlipPrior SlipPriorOf(const Machine& machine, const Conditions& conditions, double supply_hz) {
  constexpr SlipPrior kNothing = {0, -1, kUnknown, false};
  const double pole_pairs = machine.pole_pairs;
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
  const double supply_bin = levels.supply_hz / levels.resolution_hz;
  // The line that moves fastest with the slip moves by half a bin.
  const double fastest =
      std::max(4.0, static_cast<double>(machine.rotor_bars) / machine.pole_pairs);
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
  // The lines at 2s stand two bins off at the nearest slip that is another one.
  const int apart = static_cast<int>(std::ceil(1.0 / (supply_bin * step)));
  const double slip = prior.low + best * step;
  const SlipEvidence::Support support = evidence.Of(slip);
  float rival = support.noise;
  for (int i = 0; i < best - apart; ++i) rival = std::max(rival, scores_[i]);
  for (int i = best + apart + 1; i < count; ++i) rival = std::max(rival, scores_[i]);
  const float margin = std::max(0.0f, scores_[best] - rival);
  float confidence = 1 - std::exp(-margin / kMarginScale);
  if (support.families < 2) confidence *= 0.5f;  // one family alone may be something else's
  if (prior.measured && confidence < kLeastConfidence) return {prior.expected, confidence};
  return {prior.measured || confidence >= kConfidentSlip ? slip : kUnknown, confidence};
}

}  // namespace auscult::features
