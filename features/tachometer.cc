#include "features/tachometer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

// The levels are the third most extreme of eight blocks: neither two spikes nor pulses that only
// come in part of the record mislead.
constexpr size_t kBlocks = 8;
constexpr size_t kRank = 2;
constexpr float kHysteresis = 0.15f;  // of the swing, to either side of its middle
// A signal that is high for longer than this rests high, and its pulses point down.
constexpr double kRestingShare = 0.55;
constexpr size_t kFirstIntervals = 9;
constexpr double kWindow = 0.5;  // of an interval: a pulse is looked for so far around its time
constexpr double kBounce =
    0.15;  // by so much of it a later pulse must fit better than an earlier one
constexpr double kFollow = 0.4;  // how fast the expected interval follows the pulses
constexpr int kLongestGap = 3;   // pulses missing in a row
constexpr double kMostRepaired = 0.2;
constexpr double kMostChange = 0.33;  // from one turn to the next

struct Levels {
  float low = 0;
  float high = 0;
};

Levels LevelsOf(std::span<const float> samples) {
  std::array<float, kBlocks> lows;
  std::array<float, kBlocks> highs;
  for (size_t i = 0; i < kBlocks; ++i) {
    const size_t begin = samples.size() * i / kBlocks;
    const size_t end = samples.size() * (i + 1) / kBlocks;
    const auto [low, high] = std::minmax_element(samples.begin() + begin, samples.begin() + end);
    lows[i] = *low;
    highs[i] = *high;
  }
  std::nth_element(lows.begin(), lows.begin() + kRank, lows.end());
  std::nth_element(highs.begin(), highs.end() - 1 - kRank, highs.end());
  return {lows[kRank], highs[kBlocks - 1 - kRank]};
}

}  // namespace

// Where the signal passes the middle of its swing before it reaches the upper threshold, and not
// again before it was below the lower one.
bool Tachometer::FindPulses(std::span<const float> samples) {
  pulses_.clear();
  const Levels levels = LevelsOf(samples);
  const float swing = levels.high - levels.low;
  if (!(swing > 0)) return false;
  const float middle = levels.low + 0.5f * swing;
  const auto above = std::count_if(samples.begin(), samples.end(),
                                   [middle](float sample) { return sample > middle; });
  const bool rests_high =
      static_cast<double>(above) > kRestingShare * static_cast<double>(samples.size());
  const float sign = rests_high ? -1.0f : 1.0f;
  const float threshold = kHysteresis * swing;
  bool armed = false;
  double crossing = -1;
  float before = sign * (samples[0] - middle);
  for (size_t i = 0; i < samples.size(); ++i) {
    const float now = sign * (samples[i] - middle);
    if (before < 0 && now >= 0) {
      crossing = static_cast<double>(i) - static_cast<double>(now / (now - before));
    }
    if (now < -threshold) armed = true;
    if (armed && now > threshold) {
      pulses_.push_back(crossing);
      armed = false;
    }
    before = now;
  }
  return pulses_.size() > kFirstIntervals / 2;
}

// Walks from pulse to pulse by the interval expected.
bool Tachometer::Regularise() {
  const size_t first = std::min(kFirstIntervals, pulses_.size() - 1);
  intervals_.clear();
  for (size_t i = 0; i < first; ++i) intervals_.push_back(pulses_[i + 1] - pulses_[i]);
  std::nth_element(intervals_.begin(), intervals_.begin() + first / 2, intervals_.end());
  double expected = intervals_[first / 2];
  regular_.assign(1, pulses_[0]);
  size_t next = 1;
  int repaired = 0;
  int missing = 0;
  while (next < pulses_.size()) {
    const double due = regular_.back() + expected * (missing + 1);
    while (next < pulses_.size() && pulses_[next] < due - kWindow * expected) ++next, ++repaired;
    if (next == pulses_.size()) break;
    if (pulses_[next] > due + kWindow * expected) {
      if (++missing > kLongestGap) return false;
      continue;
    }
    while (next + 1 < pulses_.size() &&
           std::abs(pulses_[next + 1] - due) + kBounce * expected < std::abs(pulses_[next] - due)) {
      ++next, ++repaired;
    }
    const double from = regular_.back();
    const double interval = (pulses_[next] - from) / (missing + 1);
    for (int i = 1; i <= missing; ++i) regular_.push_back(from + interval * i);
    regular_.push_back(pulses_[next++]);
    repaired += missing;
    missing = 0;
    expected += kFollow * (interval - expected);
  }
  return repaired <= kMostRepaired * static_cast<double>(regular_.size());
}

bool Tachometer::Read(std::span<const float> samples, double sample_rate_hz, int pulses_per_turn,
                      ShaftAngle& angle) {
  assert(samples.size() >= kBlocks && sample_rate_hz > 0 && pulses_per_turn >= 1);
  angle.Clear();
  if (!FindPulses(samples) || !Regularise()) return false;
  const auto step = static_cast<size_t>(pulses_per_turn);
  if (regular_.size() < kMinTurns * step + 1) return false;
  for (size_t i = 0; i < regular_.size(); i += step) {
    angle.Add({regular_[i] / sample_rate_hz, static_cast<double>(i / step), 0});
  }
  const auto knots = angle.knots();
  for (size_t i = 2; i < knots.size(); ++i) {
    const double before = knots[i - 1].time_s - knots[i - 2].time_s;
    const double now = knots[i].time_s - knots[i - 1].time_s;
    if (std::abs(now - before) <= kMostChange * before) continue;
    angle.Clear();
    return false;
  }
  angle.SmoothSpeeds();
  return true;
}

}  // namespace auscult::features
