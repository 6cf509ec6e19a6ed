#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "models/byte_codec.h"
#include "models/point_state.h"

namespace auscult::models {
namespace {

// 1 had no operating state, cadence and evidence.
constexpr uint8_t kVersion = 2;
constexpr int kMostCounted = 1 << 28;  // far below overflow, so that counting on stays safe
constexpr int16_t kNotKnownSteps = std::numeric_limits<int16_t>::min();
constexpr auto kMaxSteps =
    static_cast<int16_t>(PointState::kMaxDeviation / PointState::kDeviationStep);

// Deviations and rises are kept in steps, so nothing is lost here.
int16_t StepsOf(float value) {
  return std::isnan(value) ? kNotKnownSteps
                           : static_cast<int16_t>(std::lround(value / PointState::kDeviationStep));
}

bool IsStorable(Condition condition) { return condition <= Condition::kAlarm; }

absl::Status Unreadable(std::string_view why) {
  return absl::DataLossError(std::string("stored state of a point cannot be used: ")
                                 .append(why)
                                 .append("; restart learning of the point"));
}

// Appends `count` values; false for a value that is out of range.
bool ReadSteps(ByteReader& reader, size_t count, std::vector<float>& values) {
  if (!reader.Holds(count, sizeof(int16_t))) return false;
  for (size_t i = 0; i < count; ++i) {
    const auto steps = reader.Read<int16_t>();
    if (steps != kNotKnownSteps && (steps > kMaxSteps || steps < -kMaxSteps)) return false;
    values.push_back(steps == kNotKnownSteps
                         ? features::kNotKnown
                         : static_cast<float>(steps) * PointState::kDeviationStep);
  }
  return true;
}

bool IsCount(int value) { return value >= 0 && value <= kMostCounted; }

// Healthy severities lie in 0..kMostSeverity, so whatever is made of them has limits, too.
bool IsPossible(const SeverityMoments& healthy) {
  constexpr float kMostSeverity = 4;
  const float most = kMostSeverity * kMostSeverity * static_cast<float>(healthy.count) + 1;
  return IsCount(healthy.count) && healthy.mean >= 0 && healthy.mean <= kMostSeverity &&
         healthy.squares >= 0 && healthy.squares <= most && std::abs(healthy.products) <= most &&
         std::abs(healthy.last) <= kMostSeverity;
}

bool IsModest(float value) { return std::abs(value) <= 1e9f; }

void WriteHistory(const PointState& state, ByteWriter& writer) {
  writer.Write(static_cast<uint8_t>(state.operation.records_since_stop));
  writer.Write(state.operation.last_level_db);
  writer.Write(static_cast<uint8_t>(state.unsteady_us.size()));
  for (const int64_t time_us : state.unsteady_us) writer.Write(time_us);
  writer.Write(state.cadence.last_us);
  writer.Write(state.cadence.log_interval_s);
  writer.Write(static_cast<int32_t>(state.cadence.intervals));
  writer.Write(state.evidence.log_sum);
  writer.Write(static_cast<int32_t>(state.evidence.records_since_decision));
  const SeverityMoments& healthy = state.healthy;
  writer.Write(static_cast<int32_t>(healthy.count));
  for (const float value : {healthy.mean, healthy.squares, healthy.products, healthy.last}) {
    writer.Write(value);
  }
  for (const int counter :
       {state.evidence_records, state.records_scored, state.refine_from, state.quiet_records}) {
    writer.Write(static_cast<int32_t>(counter));
  }
  const InputDrift& drift = state.drift;
  for (const float value :
       {drift.outside_share, drift.speed_shift_octaves, drift.load_shift_percent}) {
    writer.Write(value);
  }
}

// False for numbers that cannot be.
bool ReadHistory(ByteReader& reader, PointState& state) {
  state.operation.records_since_stop = reader.Read<uint8_t>();
  state.operation.last_level_db = reader.Read<float>();
  const auto unsteady = reader.Read<uint8_t>();
  if (unsteady > PointState::kUnsteadyKept || !reader.Holds(unsteady, sizeof(int64_t))) {
    return false;
  }
  for (int i = 0; i < unsteady; ++i) state.unsteady_us.push_back(reader.Read<int64_t>());
  state.cadence.last_us = reader.Read<int64_t>();
  state.cadence.log_interval_s = reader.Read<float>();
  state.cadence.intervals = reader.Read<int32_t>();
  state.evidence.log_sum = reader.Read<float>();
  state.evidence.records_since_decision = reader.Read<int32_t>();
  SeverityMoments& healthy = state.healthy;
  healthy.count = reader.Read<int32_t>();
  for (float* value : {&healthy.mean, &healthy.squares, &healthy.products, &healthy.last}) {
    *value = reader.Read<float>();
  }
  if (!IsPossible(healthy)) return false;
  for (int* counter :
       {&state.evidence_records, &state.records_scored, &state.refine_from, &state.quiet_records}) {
    *counter = reader.Read<int32_t>();
    if (!IsCount(*counter)) return false;
  }
  InputDrift& drift = state.drift;
  for (float* value :
       {&drift.outside_share, &drift.speed_shift_octaves, &drift.load_shift_percent}) {
    *value = reader.Read<float>();
    if (!IsModest(*value)) return false;
  }
  constexpr float kMostLogInterval = 30;
  constexpr float kMostLogEvidence = 1000;
  constexpr int64_t kFarthestUs = int64_t{1} << 61;  // differences stay safe
  return state.operation.records_since_stop <= OperatingState::kSettled &&
         std::abs(state.cadence.log_interval_s) <= kMostLogInterval &&
         state.cadence.last_us >= -kFarthestUs && state.cadence.last_us <= kFarthestUs &&
         IsCount(state.cadence.intervals) && std::abs(state.evidence.log_sum) <= kMostLogEvidence &&
         IsCount(state.evidence.records_since_decision);
}

}  // namespace

std::string PointState::Serialize() const {
  ByteWriter writer;
  writer.Write(kVersion);
  writer.Write(static_cast<uint8_t>(condition));
  writer.Write(static_cast<uint8_t>(pending));
  writer.Write(static_cast<int32_t>(records_learnt));
  writer.Write(static_cast<int32_t>(fit_attempts));
  writer.Write(static_cast<int32_t>(severe_records));
  writer.Write(static_cast<int32_t>(mild_records));
  writer.Write(static_cast<uint8_t>(recent_verdicts.size()));
  for (const Fault verdict : recent_verdicts) writer.Write(static_cast<uint8_t>(verdict));
  const size_t count = recent_peak_rise.size();
  writer.Write(static_cast<uint8_t>(count));
  writer.Write(static_cast<uint16_t>(count == 0 ? 0 : recent.size() / count));
  for (const float rise : recent_peak_rise) writer.Write(StepsOf(rise));
  for (const float deviation : recent) writer.Write(StepsOf(deviation));
  WriteHistory(*this, writer);
  return std::move(writer).Finish();
}

absl::StatusOr<PointState> PointState::Parse(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!reader.ok()) return Unreadable("its checksum is wrong");
  const auto version = reader.Read<uint8_t>();
  if (version < 1 || version > kVersion) return Unreadable("it is of another version");
  PointState state;
  state.condition = static_cast<Condition>(reader.Read<uint8_t>());
  state.pending = static_cast<Condition>(reader.Read<uint8_t>());
  if (!IsStorable(state.condition) || !IsStorable(state.pending)) {
    return Unreadable("its condition is unknown");
  }
  for (int* counter :
       {&state.records_learnt, &state.fit_attempts, &state.severe_records, &state.mild_records}) {
    *counter = reader.Read<int32_t>();
    if (!IsCount(*counter)) return Unreadable("its counters are impossible");
  }
  const auto verdicts = reader.Read<uint8_t>();
  if (verdicts > kMedianRecords) return Unreadable("it remembers too many verdicts");
  for (int i = 0; i < verdicts; ++i) {
    const auto verdict = reader.Read<uint8_t>();
    if (verdict >= kFaultCount) return Unreadable("it remembers an unknown verdict");
    state.recent_verdicts.push_back(static_cast<Fault>(verdict));
  }
  const auto count = reader.Read<uint8_t>();
  const auto width = reader.Read<uint16_t>();
  if (count > kMedianRecords || (count == 0) != (width == 0)) {
    return Unreadable("it remembers too many records");
  }
  if (!ReadSteps(reader, count, state.recent_peak_rise) ||
      !ReadSteps(reader, static_cast<size_t>(count) * width, state.recent)) {
    return Unreadable("its deviations are impossible");
  }
  if (version > 1 && !ReadHistory(reader, state)) return Unreadable("its history is impossible");
  if (!reader.AtEnd()) return Unreadable("it ends too early or too late");
  return state;
}

}  // namespace auscult::models
