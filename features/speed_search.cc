#include "features/speed_search.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "features/line_level.h"

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr float kHarmonicWeights[] = {1.0f, 0.9f, 0.7f, 0.5f, 0.35f, 0.25f};
constexpr int kHighestOrder = 7;  // floor and harmonics are taken up to this shaft order
constexpr float kLowestLevel = -0.5f;
constexpr float kHighestLevel = 7.0f;
constexpr double kSegmentSeconds = 2;
constexpr double kSegmentTurns = 30;
constexpr float kStateStep = 0.0005f;
// Cost of a step of the path: 10 for 1 %, as the square, at most that of a jump.
constexpr float kDriftCost = 10.0f;
constexpr float kJumpCost = 8.0f;
// What a path must gain over a constant speed, for each segment and in all.
constexpr double kGainPerSegment = 0.5;
constexpr double kGain = 2.0;
// Speeds nearer than this to the best one are the same speed.
constexpr float kRivalDistance = 0.015f;
constexpr double kRefineShare = 0.012;
constexpr int kRefineSteps = 120;  // to each side
// Score that a speed 1 % away must gain; grows as the square. A sent speed is rarely worse, and
// plain noise gains less than this at the ends of the range.
constexpr float kRefineCost = 4.0f;

// From log power (in place) to levels above the floor, clipped.
void LevelsInPlace(FftVector<float>& log_power, FftVector<float>& floor, int block_bins) {
  const auto count = static_cast<Eigen::Index>(log_power.size());
  floor.resize(log_power.size());
  NoiseFloor(log_power, block_bins, floor);
  Array levels(log_power.data(), count);
  levels = (levels - ConstArray(floor.data(), count)).max(kLowestLevel).min(kHighestLevel);
}

// Sum of the weighted levels at the harmonics of `bin`, between bins by straight lines.
float HarmonicScore(std::span<const float> levels, double bin) {
  float score = 0;
  for (int k = 0; k < 6; ++k) {
    const double position = (k + 1) * bin;
    const auto below = static_cast<size_t>(position);
    if (below + 1 >= levels.size()) break;
    const float share = static_cast<float>(position - static_cast<double>(below));
    score += kHarmonicWeights[k] * (levels[below] + share * (levels[below + 1] - levels[below]));
  }
  return score;
}

void FillHannWindow(FftVector<float>& window, int length) {
  window.resize(length);
  for (int i = 0; i < length; ++i) {
    window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / length));
  }
}

// How sure the best constant speed is, by its lead over the best rival.
float Confidence(std::span<const float> scores, std::span<const float> deviations, int best,
                 int segments) {
  float rival = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (std::abs(deviations[i] - deviations[best]) > kRivalDistance) {
      rival = std::max(rival, scores[i]);
    }
  }
  const float lead = (scores[best] - rival) / static_cast<float>(segments);
  return 1 - std::exp(-0.5f * std::max(lead, 0.0f));
}

}  // namespace

SpeedSearch::SegmentTransform::SegmentTransform(int length) : fft(length) {
  FillHannWindow(window, length);
}

void SpeedSearch::ScoreSegment(const SegmentTransform& transform, std::span<const float> segment,
                               double sample_rate_hz, double nominal_hz) {
  const int length = static_cast<int>(segment.size());
  const auto count = static_cast<Eigen::Index>(length);
  const float mean = ConstArray(segment.data(), count).mean();
  segment_.resize(length);
  Array(segment_.data(), count) =
      (ConstArray(segment.data(), count) - mean) * ConstArray(transform.window.data(), count);
  bins_.resize(transform.fft.bin_count());
  transform.fft.Forward(segment_, bins_);
  const double bins_per_order = nominal_hz * length / sample_rate_hz;
  const double highest = bins_per_order * kHighestOrder * (1 - deviations_.front());
  const int bins = std::min(transform.fft.bin_count(), static_cast<int>(highest) + 2);
  log_power_.resize(bins);
  for (int i = 0; i < bins; ++i) log_power_[i] = std::norm(bins_[i]);
  Array log_power(log_power_.data(), bins);
  log_power = log_power.max(1e-30f).log();
  LevelsInPlace(log_power_, floor_, std::max(8, static_cast<int>(2 * bins_per_order)));
  for (const float deviation : deviations_) {
    scores_.push_back(HarmonicScore(log_power_, bins_per_order * (1 + deviation)));
  }
}

// Viterbi over the segments: fills states_, returns the score of the best path.
double SpeedSearch::FollowPath() {
  const int states = static_cast<int>(deviations_.size());
  const int segments = static_cast<int>(scores_.size()) / states;
  const float step_cost = kDriftCost * kStateStep * kStateStep * 1e4f;
  const int reach = static_cast<int>(std::sqrt(kJumpCost / step_cost));
  best_.assign(scores_.begin(), scores_.begin() + states);
  next_.resize(states);
  back_.assign(scores_.size(), 0);
  for (int segment = 1; segment < segments; ++segment) {
    const int top = static_cast<int>(std::max_element(best_.begin(), best_.end()) - best_.begin());
    for (int state = 0; state < states; ++state) {
      int from = top;
      float value = best_[top] - kJumpCost;
      for (int i = std::max(0, state - reach); i <= std::min(states - 1, state + reach); ++i) {
        const float distance = static_cast<float>(i - state);
        const float candidate = best_[i] - step_cost * distance * distance;
        if (candidate > value) {
          value = candidate;
          from = i;
        }
      }
      next_[state] = value + scores_[segment * states + state];
      back_[segment * states + state] = from;
    }
    best_.swap(next_);
  }
  const auto top = std::max_element(best_.begin(), best_.end());
  const double score = *top;
  states_.resize(segments);
  states_[segments - 1] = static_cast<int>(top - best_.begin());
  for (int segment = segments - 1; segment > 0; --segment) {
    states_[segment - 1] = back_[segment * states + states_[segment]];
  }
  return score;
}

std::optional<FoundSpeed> SpeedSearch::Find(std::span<const float> samples, double sample_rate_hz,
                                            double nominal_hz, double tolerance, SpeedPath& path) {
  assert(sample_rate_hz > 0 && nominal_hz > 0 && tolerance > 0 && tolerance < 1);
  const int count = static_cast<int>(samples.size());
  if (count * nominal_hz < kMinTurns * sample_rate_hz) return std::nullopt;
  const double wanted_s = std::max(kSegmentSeconds, kSegmentTurns / nominal_hz);
  const int length =
      SmoothLengthAtMost(static_cast<int>(std::min<double>(count, wanted_s * sample_rate_hz)));
  const SegmentTransform& transform = transforms_.For(length);
  const int half = std::max(1, static_cast<int>(tolerance / kStateStep));
  deviations_.resize(2 * half + 1);
  for (int i = -half; i <= half; ++i) deviations_[i + half] = kStateStep * static_cast<float>(i);

  const int hop = std::max(1, length / 2);
  scores_.clear();
  int segments = 0;
  for (int start = 0; start + length <= count; start += hop, ++segments) {
    ScoreSegment(transform, samples.subspan(start, length), sample_rate_hz, nominal_hz);
  }
  const size_t states = deviations_.size();
  constant_.assign(states, 0.0f);
  for (size_t i = 0; i < scores_.size(); ++i) constant_[i % states] += scores_[i];
  const int best =
      static_cast<int>(std::max_element(constant_.begin(), constant_.end()) - constant_.begin());
  FoundSpeed found;
  found.speed_hz = nominal_hz * (1 + deviations_[best]);
  found.confidence = Confidence(constant_, deviations_, best, segments);
  const double gain = FollowPath() - constant_[best];
  found.varies = gain > kGainPerSegment * segments + kGain;
  path.time_s.clear();
  path.speed_hz.clear();
  if (!found.varies) return found;
  for (int segment = 0; segment < segments; ++segment) {
    path.time_s.push_back((segment * hop + 0.5 * length) / sample_rate_hz);
    path.speed_hz.push_back(nominal_hz * (1 + deviations_[states_[segment]]));
  }
  return found;
}

void SpeedRefinement::AddScores(std::span<const float> power, float weight, double bins_per_order) {
  const double highest = bins_per_order * kHighestOrder;
  const auto bins =
      static_cast<Eigen::Index>(std::min(power.size(), static_cast<size_t>(highest) + 2));
  levels_.resize(bins);
  Array(levels_.data(), bins) = ConstArray(power.data(), bins).max(1e-30f).log();
  LevelsInPlace(levels_, floor_, std::max(16, static_cast<int>(2 * bins_per_order)));
  for (int i = -kRefineSteps; i <= kRefineSteps; ++i) {
    const double share = kRefineShare * i / kRefineSteps;
    scores_[i + kRefineSteps] += weight * HarmonicScore(levels_, bins_per_order * (1 + share));
  }
}

double SpeedRefinement::Refine(std::span<const float> raw_power,
                               std::span<const float> envelope_power, double bin_hz,
                               double speed_hz) {
  assert(!raw_power.empty() && !envelope_power.empty() && bin_hz > 0 && speed_hz > 0);
  const double bins_per_order = speed_hz / bin_hz;
  if (bins_per_order < SpeedSearch::kMinTurns) return speed_hz;
  scores_.resize(2 * kRefineSteps + 1);
  for (int i = -kRefineSteps; i <= kRefineSteps; ++i) {
    const auto percent = static_cast<float>(100 * kRefineShare * i / kRefineSteps);
    scores_[i + kRefineSteps] = -kRefineCost * percent * percent;
  }
  AddScores(raw_power, 1.0f, bins_per_order);
  AddScores(envelope_power, 0.5f, bins_per_order);
  const auto best = std::max_element(scores_.begin(), scores_.end());
  const auto step = static_cast<double>(best - scores_.begin()) - kRefineSteps;
  return speed_hz * (1 + kRefineShare * step / kRefineSteps);
}

}  // namespace auscult::features
