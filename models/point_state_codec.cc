#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "models/advance.h"
#include "models/byte_codec.h"

namespace auscult::models {
namespace {

constexpr uint8_t kVersion = 1;
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
  return std::move(writer).Finish();
}

absl::StatusOr<PointState> PointState::Parse(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!reader.ok()) return Unreadable("its checksum is wrong");
  if (reader.Read<uint8_t>() != kVersion) return Unreadable("it is of another version");
  PointState state;
  state.condition = static_cast<Condition>(reader.Read<uint8_t>());
  state.pending = static_cast<Condition>(reader.Read<uint8_t>());
  if (!IsStorable(state.condition) || !IsStorable(state.pending)) {
    return Unreadable("its condition is unknown");
  }
  for (int* counter :
       {&state.records_learnt, &state.fit_attempts, &state.severe_records, &state.mild_records}) {
    *counter = reader.Read<int32_t>();
    // Far below overflow, so that counting on stays safe.
    if (*counter < 0 || *counter > (1 << 28)) return Unreadable("its counters are impossible");
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
  if (!reader.AtEnd()) return Unreadable("it ends too early or too late");
  return state;
}

}  // namespace auscult::models
