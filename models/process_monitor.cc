#include "models/process_monitor.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace auscult::models {
namespace {

constexpr int kShort = QuantityTrack::kWindows[0];
constexpr float kStandstill = 0.1f;    // of the level while running
constexpr float kSpeedMargin = 0.07f;  // of the speed learnt; as for records
constexpr float kLoadMargin = 10;      // points
constexpr size_t kContributions = 5;

bool TellsStandstill(const QuantityTrack& track) {
  const QuantityRole role = RoleOf(track.name);
  return (role == QuantityRole::kDrive || role == QuantityRole::kSpeed) && track.level > 0;
}

bool IsCondition(const QuantityTrack& track) {
  const QuantityRole role = RoleOf(track.name);
  return role == QuantityRole::kSpeed || role == QuantityRole::kLoad;
}

float ShortLevel(const QuantityTrack& track) {
  return static_cast<float>(std::abs(track.origin + track.Mean(kShort)));
}

// All that tell of a standstill tell of one.
bool StandsStill(const ProcessState& state, int64_t now_us) {
  bool any = false;
  for (const QuantityTrack& track : state.quantities) {
    if (!TellsStandstill(track) || track.filled < kShort || track.IsStale(now_us)) continue;
    if (ShortLevel(track) >= kStandstill * track.level) return false;
    any = true;
  }
  return any;
}

// One reading may be a slip, or the first of a standstill.
bool MayStandStill(const ProcessState& state, std::span<const ProcessValue> row) {
  return std::any_of(row.begin(), row.end(), [&](const ProcessValue& value) {
    const QuantityTrack& track = state.quantities[static_cast<size_t>(value.quantity)];
    return TellsStandstill(track) &&
           std::abs(value.value) < static_cast<double>(kStandstill * track.level);
  });
}

// What was learnt so far was a standstill.
bool WasStandingStill(const ProcessState& state, std::span<const ProcessValue> row) {
  return std::any_of(row.begin(), row.end(), [&](const ProcessValue& value) {
    const QuantityTrack& track = state.quantities[static_cast<size_t>(value.quantity)];
    const QuantityRole role = RoleOf(track.name);
    return (role == QuantityRole::kDrive || role == QuantityRole::kSpeed) && track.learnt > 0 &&
           track.filled >= kShort && kStandstill * ShortLevel(track) > track.level;
  });
}

bool IsOutside(const QuantityTrack& track) {
  if (!IsCondition(track) || !track.IsLearnt() || track.filled < kShort) return false;
  const auto now = static_cast<float>(track.Mean(kShort));
  const float margin =
      RoleOf(track.name) == QuantityRole::kSpeed ? kSpeedMargin * track.level : kLoadMargin;
  return now < track.low - margin || now > track.high + margin;
}

int Outside(const ProcessState& state, int64_t now_us) {
  for (size_t i = 0; i < state.quantities.size(); ++i) {
    if (IsOutside(state.quantities[i]) && !state.quantities[i].IsStale(now_us)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// Quantities that come much less often than others learn by themselves.
float Progress(const ProcessState& state) {
  int most = 0;
  for (const QuantityTrack& track : state.quantities) most = std::max(most, track.learnt);
  int least = most;
  for (const QuantityTrack& track : state.quantities) {
    if (4 * track.learnt >= most) least = std::min(least, track.learnt);
  }
  return static_cast<float>(least) / QuantityTrack::kLearning;
}

bool Speaks(const QuantityTrack& track, int64_t now_us) {
  return track.IsLearnt() && !IsCondition(track) && !track.IsStale(now_us);
}

// 100 at the reference, 50 where a departure begins, 0 at four times that.
float IndexOf(float deviation) {
  const float limits = deviation / QuantityTrack::kLimit;
  return 100 - 50 * std::min(1.0f, limits) - 50 * std::clamp((limits - 1) / 3, 0.0f, 1.0f);
}

}  // namespace

int ProcessState::IndexOf(std::string_view name) {
  const size_t count = quantities.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t at = (expected_ + i) % count;
    if (quantities[at].name != name) continue;
    expected_ = at + 1;
    return static_cast<int>(at);
  }
  if (count >= kMaxQuantities) return -1;
  quantities.emplace_back().name = name;
  expected_ = count + 1;
  return static_cast<int>(count);
}

void Advance(ProcessState& state, int64_t measured_at_us, std::span<const ProcessValue> row) {
  for (const ProcessValue& value : row) {
    state.quantities[static_cast<size_t>(value.quantity)].Push(value.value, measured_at_us);
  }
  if (WasStandingStill(state, row)) RestartLearning(state);
  const bool were_apart = state.stopped || state.apart;
  state.stopped = StandsStill(state, measured_at_us);
  state.apart = !state.stopped && Outside(state, measured_at_us) >= 0;
  if (state.stopped || state.apart) return;
  if (were_apart) {
    for (QuantityTrack& track : state.quantities) track.Interrupt();
    return;
  }
  if (MayStandStill(state, row)) return;
  if (state.learnt_from_us == 0) state.learnt_from_us = measured_at_us;
  for (const ProcessValue& value : row) {
    state.quantities[static_cast<size_t>(value.quantity)].Advance();
  }
  state.complete = state.complete || Progress(state) >= 1;
  const Condition condition = ConditionOf(state, measured_at_us);
  if (condition <= Condition::kAlarm) state.alerted = condition >= Condition::kAlert;
}

bool Departed(const ProcessState& state, int64_t measured_at_us) {
  return !state.stopped && std::any_of(state.quantities.begin(), state.quantities.end(),
                                       [&](const QuantityTrack& track) {
                                         return track.out && Speaks(track, measured_at_us);
                                       });
}

Condition ConditionOf(const ProcessState& state, int64_t now_us) {
  if (state.stopped) return Condition::kStopped;
  Condition worst = Condition::kNormal;
  bool starting = false;
  for (const QuantityTrack& track : state.quantities) {
    if (!Speaks(track, now_us)) continue;
    worst = std::max(worst, track.condition);
    starting |= track.filled < QuantityTrack::kLong;
  }
  if (worst > Condition::kNormal) return worst;
  if (!state.complete) return Condition::kLearning;
  return starting ? Condition::kStarting : Condition::kNormal;
}

ProcessHealth HealthOf(const ProcessState& state, int64_t measured_at_us) {
  ProcessHealth health;
  health.condition = ConditionOf(state, measured_at_us);
  health.departed = Departed(state, measured_at_us);
  health.learning_progress = state.complete ? 1 : Progress(state);
  health.outside = state.apart ? Outside(state, measured_at_us) : -1;
  float largest = std::numeric_limits<float>::quiet_NaN();
  for (size_t i = 0; i < state.quantities.size(); ++i) {
    const QuantityTrack& track = state.quantities[i];
    if (!Speaks(track, measured_at_us)) continue;
    largest = std::fmax(largest, std::abs(track.deviation));
    health.contributions.push_back(
        {static_cast<int>(i), track.deviation, track.rise, track.Expected()});
  }
  std::stable_sort(health.contributions.begin(), health.contributions.end(),
                   [](const ProcessContribution& a, const ProcessContribution& b) {
                     return std::abs(a.deviation) > std::abs(b.deviation);
                   });
  if (health.contributions.size() > kContributions) health.contributions.resize(kContributions);
  health.deviation = largest;
  health.index = std::isnan(largest) ? largest : IndexOf(largest);
  return health;
}

void RestartLearning(ProcessState& state) {
  for (QuantityTrack& track : state.quantities) track.Restart();
  state.stopped = state.apart = state.complete = state.alerted = false;
  state.learnt_from_us = 0;
}

}  // namespace auscult::models
