#include "models/process_quantity.h"

#include <algorithm>
#include <cmath>

namespace auscult::models {
namespace {

constexpr size_t kLongest = QuantityTrack::kWindows.size() - 1;

// A departure begins at kLimit scatters and ends below kGiveUp: the largest of three means over
// some ten quantities stays below, on a machine that is as it was. It also ends where it has come
// back four fifths of the way: after a large one the old level is rarely met exactly.
constexpr float kLimit = QuantityTrack::kLimit;
constexpr float kGiveUp = 0.85f * kLimit;
constexpr float kRecovered = 0.2f;
constexpr float kPeakMemory = 1000;

// The reference follows over half a learning window, so that what machines do over hours is
// followed and what they do over minutes is not; the scatter over two and a half. A departure is
// followed six times more slowly, by at most kHeldScatters and to kHeldGrowth times the scatter:
// small changes that stay become normal, large ones never do.
constexpr double kReferenceMemory = 200;
constexpr double kScatterMemory = 1000;
constexpr double kHeld = 6;
constexpr double kHeldScatters = 4;
constexpr float kHeldGrowth = 2;
constexpr float kGrowth = 20;
constexpr double kClip = 3;  // scatters; one reading moves nothing by more

// Floor of the scatter, of the level: what is smaller than that matters to nobody.
constexpr double kOfLevel = 5e-4;
constexpr float kSmallest = 1e-12f;

constexpr float kDrift = 60;  // scatters from the learnt level that are worth a watch
constexpr int kWatchRun = QuantityTrack::kWindows[0];
constexpr int kAlertRun = QuantityTrack::kWindows[1];
constexpr int kAlarmRun = QuantityTrack::kWindows[2];
constexpr int kCalmRun = kAlertRun;
constexpr float kAlarm = 2 * kLimit;

bool EndsWith(std::string_view name, std::string_view end) { return name.ends_with(end); }

}  // namespace

QuantityRole RoleOf(std::string_view quantity) {
  if (EndsWith(quantity, "_rpm")) return QuantityRole::kSpeed;
  if (quantity == "load_percent") return QuantityRole::kLoad;
  for (const std::string_view unit : {"_a", "_w", "_kw"}) {
    if (EndsWith(quantity, unit)) return QuantityRole::kDrive;
  }
  return QuantityRole::kSymptom;
}

bool QuantityTrack::IsStale(int64_t now_us) const {
  return static_cast<double>(now_us - last_us) > 60.0 * static_cast<double>(interval_us);
}

double QuantityTrack::Mean(int window) const {
  double total = 0;
  for (int i = 0, at = newest; i < window; ++i) {
    total += static_cast<double>(recent[static_cast<size_t>(at)]);
    at = at == 0 ? kLong - 1 : at - 1;
  }
  return total / window;
}

void QuantityTrack::Push(double value, int64_t measured_at_us) {
  if (last_us == 0) {
    origin = value;
  } else {
    const auto interval = static_cast<float>(measured_at_us - last_us);
    interval_us += interval_us <= 0 ? interval : (interval - interval_us) / 16;
  }
  last_us = measured_at_us;
  newest = newest + 1 == kLong ? 0 : newest + 1;
  recent[static_cast<size_t>(newest)] = static_cast<float>(value - origin);
  filled = std::min(filled + 1, kLong);
}

void QuantityTrack::Advance() {
  if (filled < kLong) return;
  if (!IsLearnt()) {
    Learn();
  } else {
    Judge();
  }
}

void QuantityTrack::Learn() {
  if (learnt == 0) {
    reference = Mean(kLong);
    for (const float offset : recent) {
      sum += static_cast<double>(offset);
      sum_of_squares += static_cast<double>(offset) * static_cast<double>(offset);
    }
    learnt = kLong;
    const double mean = Mean(kWindows[0]);
    low = high = static_cast<float>(mean);
  } else {
    const auto offset = static_cast<double>(recent[static_cast<size_t>(newest)]);
    sum += offset;
    sum_of_squares += offset * offset;
    double departure = 0;
    for (size_t i = 0; i < kWindows.size(); ++i) {
      departure = Mean(kWindows[i]) - reference;
      squares[i] += departure * departure;
      if (i == 0) {
        low = std::min(low, static_cast<float>(reference + departure));
        high = std::max(high, static_cast<float>(reference + departure));
      }
    }
    reference += departure / kReferenceMemory;
    ++learnt;
  }
  level = std::max(level, static_cast<float>(std::abs(origin + Mean(kLong))));
  if (IsLearnt()) FinishLearning();
}

void QuantityTrack::FinishLearning() {
  const double mean = sum / kLearning;
  const double single = std::max(0.0, sum_of_squares / kLearning - mean * mean);
  for (size_t i = 0; i < kWindows.size(); ++i) {
    // A few independent means may agree by chance: white noise is the least that is there.
    const double square = std::max(squares[i] / (kLearning - kLong), single / kWindows[i]);
    const double spread = std::max(std::sqrt(square), kOfLevel * std::abs(Expected()));
    scatter[i] = learnt_scatter[i] = std::max(static_cast<float>(spread), kSmallest);
  }
  learnt_location = reference;
  condition = Condition::kNormal;
}

void QuantityTrack::Judge() {
  float largest = -1;
  for (size_t i = 0; i < kWindows.size(); ++i) {
    const auto departure = static_cast<float>(Mean(kWindows[i]) - reference);
    const float scatters = std::clamp(departure / scatter[i], -kMaxDeviation, kMaxDeviation);
    if (std::abs(scatters) <= largest) continue;
    largest = std::abs(scatters);
    rise = departure;
    deviation = scatters;
  }
  peak = std::max(largest, peak * std::exp(-1 / kPeakMemory));
  const bool was_out = out;
  out = largest > std::max(was_out ? kGiveUp : kLimit, kRecovered * peak);
  if (settling > 0) {
    settling = largest <= kGiveUp ? 0 : settling - 1;
    out = out && settling == 0;
    if (settling > 0) return;
  }
  if (out && !was_out) {
    held_reference = reference;
    held_scatter = scatter[kLongest];
  }
  run = out == was_out ? std::min(run + 1, kLearning) : 1;
  Decide();
  Follow();
}

void QuantityTrack::Follow() {
  const double slower = out ? kHeld : 1;
  const auto unit = static_cast<double>(scatter[kLongest]);
  const double departure = Mean(kLong) - reference;
  for (size_t i = 0; i < kWindows.size(); ++i) {
    const double off = Mean(kWindows[i]) - reference;
    const auto spread = static_cast<double>(scatter[i]);
    const double square = std::min(off * off, kClip * kClip * spread * spread);
    const double next =
        std::sqrt(spread * spread + (square - spread * spread) / (kScatterMemory * slower));
    float most = kGrowth * learnt_scatter[i];
    if (out) {
      const float held = held_scatter / learnt_scatter[kLongest] * learnt_scatter[i];
      most = std::min(most, kHeldGrowth * held);
    }
    scatter[i] =
        std::max(learnt_scatter[i], std::min(static_cast<float>(next), std::max(most, scatter[i])));
  }
  reference += std::clamp(departure, -kClip * unit, kClip * unit) / (kReferenceMemory * slower);
  if (out) {
    const double reach = kHeldScatters * static_cast<double>(held_scatter);
    reference = std::clamp(reference, held_reference - reach, held_reference + reach);
  }
}

void QuantityTrack::Decide() {
  const bool drifted =
      std::abs(reference - learnt_location) > static_cast<double>(kDrift * scatter[kLongest]);
  if (!out) {
    if (condition > Condition::kNormal && run < kCalmRun) return;
    condition = drifted ? Condition::kWatch : Condition::kNormal;
    return;
  }
  Condition asked = Condition::kNormal;
  if (run >= kWatchRun) asked = Condition::kWatch;
  if (run >= kAlertRun) asked = Condition::kAlert;
  if (run >= kAlarmRun && std::abs(deviation) >= kAlarm) asked = Condition::kAlarm;
  condition = std::max(condition, asked);
}

void QuantityTrack::Interrupt() {
  filled = 0;
  out = false;
  peak = 0;
  run = 0;
  settling = IsLearnt() ? kLearning : 0;
}

void QuantityTrack::Restart() { *this = QuantityTrack{.name = std::move(name)}; }

}  // namespace auscult::models
