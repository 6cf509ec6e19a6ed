#include "features/speed_search.h"

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr double kSegmentSeconds = 2;
constexpr double kSegmentTurns = 30;
constexpr double kStateStep = 0.0005;  // from one speed to the next
// Weight of the whole record beside the mean over its segments: raw, and that of its envelope.
constexpr float kRawWeight = 1.0f;
constexpr float kEnvelopeWeight = 0.5f;
// Cost of a step of the path: 10 for 1 %, as the square, at most that of a jump.
constexpr float kDriftCost = 10.0f;
constexpr float kJumpCost = 8.0f;
// What a path must gain over a constant speed, for each segment and in all.
constexpr double kGainPerSegment = 0.5;
constexpr double kGain = 2.0;
// Speeds nearer than this to the best one are the same speed.
constexpr double kRivalDistance = 0.015;
// Share of the best score that half, a third or a quarter of its speed must reach to be taken for
// the speed. Without lines of its own half of it gets 0.45. Looked for within so many states.
constexpr float kFundamentalShare = 0.6f;
constexpr int kBeside = 4;
constexpr float kSummit = 0.5f;  // below its top
// Score by which the best speed must lead for a confidence of 1 - 1/e.
constexpr float kUsualLead = 8.0f;
constexpr double kRefineShare = 0.012;
constexpr int kRefineSteps = 120;  // to each side
// Score that a speed 1 % away must gain; grows as the square. A sent speed is rarely worse, and
// plain noise gains less than this at the ends of the range.
constexpr float kRefineCost = 4.0f;

int BlockBins(int least, double bins_per_order) {
  return std::max(least, static_cast<int>(2 * bins_per_order));
}

// The middle of the summit around `top`: plain lines reach the highest level before their middle.
double Summit(std::span<const float> scores, size_t top) {
  const float foot = scores[top] - kSummit;
  size_t first = top;
  while (first > 0 && scores[first - 1] > foot) --first;
  double sum = 0;
  double moment = 0;
  for (size_t i = first; i < scores.size() && scores[i] > foot; ++i) {
    const auto height = static_cast<double>(scores[i] - foot);
    sum += height;
    moment += height * static_cast<double>(i);
  }
  return moment / sum;
}

// Whether a speed has its lines where the other one has them anyway.
bool IsMultiple(double speed_hz, double of_hz) {
  const double ratio = speed_hz / of_hz;
  return std::abs(ratio - std::round(ratio)) <= kRivalDistance * ratio;
}

// By how much the best constant speed leads the best rival.
float Lead(std::span<const float> scores, std::span<const double> speeds, size_t best) {
  float rival = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!IsMultiple(speeds[i], speeds[best])) rival = std::max(rival, scores[i]);
  }
  return std::max(scores[best] - rival, 0.0f);
}

}  // namespace

SpeedSearch::SegmentTransform::SegmentTransform(int length) : fft(length) {
  window.resize(length);
  for (int i = 0; i < length; ++i) {
    window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / length));
  }
}

void SpeedSearch::ScoreSegment(const SegmentTransform& transform, std::span<const float> segment,
                               double bin_hz) {
  const auto count = static_cast<Eigen::Index>(segment.size());
  const float mean = ConstArray(segment.data(), count).mean();
  segment_.resize(segment.size());
  Array(segment_.data(), count) =
      (ConstArray(segment.data(), count) - mean) * ConstArray(transform.window.data(), count);
  bins_.resize(transform.fft.bin_count());
  transform.fft.Forward(segment_, bins_);
  power_.resize(bins_.size());
  for (size_t i = 0; i < bins_.size(); ++i) power_[i] = std::norm(bins_[i]);
  const int bins = static_cast<int>(HarmonicLevels::kHighestOrder * speeds_.back() / bin_hz) + 2;
  levels_.Load(power_, bins, BlockBins(8, std::sqrt(speeds_.front() * speeds_.back()) / bin_hz));
  for (const double speed_hz : speeds_) scores_.push_back(levels_.Score(speed_hz / bin_hz));
}

// A power of two, so that few plans serve all speeds.
void SpeedSearch::ScoreSegments(LowRecord low) {
  const double wanted_s =
      std::max(kSegmentSeconds, kSegmentTurns / std::sqrt(speeds_.front() * speeds_.back()));
  const auto wanted = static_cast<unsigned>(std::max(1.0, wanted_s * low.rate_hz * 1.41));
  length_ =
      static_cast<int>(std::min(std::bit_floor(wanted), static_cast<unsigned>(low.samples.size())));
  hop_ = std::max(1, length_ / 2);
  const SegmentTransform& transform = transforms_.For(length_);
  scores_.clear();
  segments_ = 0;
  const int count = static_cast<int>(low.samples.size());
  for (int start = 0; start + length_ <= count; start += hop_, ++segments_) {
    ScoreSegment(transform, low.samples.subspan(start, length_), low.rate_hz / length_);
  }
}

void SpeedSearch::AddScores(std::span<const float> power, double bin_hz, float weight) {
  const int bins = static_cast<int>(HarmonicLevels::kHighestOrder * speeds_.back() / bin_hz) + 2;
  levels_.Load(power, bins, BlockBins(16, std::sqrt(speeds_.front() * speeds_.back()) / bin_hz));
  for (size_t i = 0; i < speeds_.size(); ++i) {
    total_[i] += weight * levels_.Score(speeds_[i] / bin_hz, 0.5 * kStateStep);
  }
}

// Where every other line of a shaft stands out most, the best speed is a multiple of its speed.
size_t SpeedSearch::Fundamental(size_t best) const {
  for (int divisor = 4; divisor >= 2; --divisor) {
    const auto steps = static_cast<size_t>(std::lround(std::log(divisor) / kStateStep));
    if (steps + kBeside > best) continue;
    const auto begin = total_.begin() + static_cast<std::ptrdiff_t>(best - steps) - kBeside;
    const auto slower = std::max_element(begin, begin + 2 * kBeside + 1);
    if (*slower >= kFundamentalShare * total_[best]) {
      return static_cast<size_t>(slower - total_.begin());
    }
  }
  return best;
}

// Viterbi over the segments: fills states_, returns the score of the best path.
double SpeedSearch::FollowPath() {
  const int states = static_cast<int>(speeds_.size());
  const auto step_cost = static_cast<float>(kDriftCost * kStateStep * kStateStep * 1e4);
  const int reach = static_cast<int>(std::sqrt(kJumpCost / step_cost));
  best_.assign(scores_.begin(), scores_.begin() + states);
  next_.resize(states);
  back_.assign(scores_.size(), 0);
  for (int segment = 1; segment < segments_; ++segment) {
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
  states_.resize(segments_);
  states_[segments_ - 1] = static_cast<int>(top - best_.begin());
  for (int segment = segments_ - 1; segment > 0; --segment) {
    states_[segment - 1] = back_[segment * states + states_[segment]];
  }
  return score;
}

void SpeedSearch::FillPath(LowRecord low, ShaftAngle& path) const {
  const size_t states = speeds_.size();
  for (int segment = 0; segment < segments_; ++segment) {
    const auto scores = std::span<const float>(scores_).subspan(segment * states, states);
    const double middle = Summit(scores, static_cast<size_t>(states_[segment]));
    path.AddAtSpeed((segment * hop_ + 0.5 * length_) / low.rate_hz,
                    speeds_.front() * std::exp(kStateStep * middle));
  }
}

std::optional<FoundSpeed> SpeedSearch::Find(const SpeedView& view, double low_hz, double high_hz,
                                            ShaftAngle& path) {
  assert(low_hz > 0 && high_hz > low_hz && view.bin_hz > 0);
  path.Clear();
  if (low_hz < kMinTurns * view.bin_hz) return std::nullopt;
  const int steps = static_cast<int>(std::log(high_hz / low_hz) / kStateStep);
  speeds_.resize(steps + 1);
  for (int i = 0; i <= steps; ++i) speeds_[i] = low_hz * std::exp(kStateStep * i);
  ScoreSegments(view.low);
  const size_t states = speeds_.size();
  total_.assign(states, 0.0f);
  for (size_t i = 0; i < scores_.size(); ++i) total_[i % states] += scores_[i];
  const float best_constant = *std::max_element(total_.begin(), total_.end());
  for (float& score : total_) score /= static_cast<float>(segments_);
  AddScores(view.raw_power, view.bin_hz, kRawWeight);
  AddScores(view.envelope_power, view.bin_hz, kEnvelopeWeight);

  const size_t best = Fundamental(
      static_cast<size_t>(std::max_element(total_.begin(), total_.end()) - total_.begin()));
  FoundSpeed found;
  found.speed_hz = low_hz * std::exp(kStateStep * Summit(total_, best));
  float lead = Lead(total_, speeds_, best);
  const double gain = FollowPath() - best_constant;
  found.varies = gain > kGainPerSegment * segments_ + kGain;
  if (found.varies) {
    FillPath(view.low, path);
    lead += static_cast<float>(gain / segments_);
  }
  found.confidence = 1 - std::exp(-lead / kUsualLead);
  return found;
}

void SpeedRefinement::AddScores(std::span<const float> power, float weight, double bins_per_order) {
  const double highest = bins_per_order * HarmonicLevels::kHighestOrder;
  levels_.Load(power, static_cast<int>(highest) + 2, BlockBins(16, bins_per_order));
  for (int i = -kRefineSteps; i <= kRefineSteps; ++i) {
    const double share = kRefineShare * i / kRefineSteps;
    scores_[i + kRefineSteps] += weight * levels_.Score(bins_per_order * (1 + share));
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
  const double step = Summit(scores_, static_cast<size_t>(best - scores_.begin())) - kRefineSteps;
  return speed_hz * (1 + kRefineShare * step / kRefineSteps);
}

}  // namespace auscult::features
