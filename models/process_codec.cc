#include <cmath>

#include "absl/status/status.h"
#include "models/byte_codec.h"
#include "models/process_monitor.h"

namespace auscult::models {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kLongestName = 63;
// A difference of two readings of at most 1e30, with room for rounding.
constexpr double kLargestOffset = 2.1e30;

enum Flag : uint8_t { kStopped = 1, kApart = 2, kComplete = 4, kAlerted = 8, kAllFlags = 15 };

absl::Status Unreadable(std::string_view why) {
  return absl::DataLossError(std::string("stored state of process readings cannot be used: ")
                                 .append(why)
                                 .append("; restart learning of the asset"));
}

bool ReadName(ByteReader& reader, std::string& name) {
  const auto length = reader.Read<uint8_t>();
  if (length == 0 || length > kLongestName || !reader.Holds(length, 1)) return false;
  for (int i = 0; i < length; ++i) {
    const char c = reader.Read<char>();
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    name.push_back(c);
  }
  return true;
}

bool Within(double value, double limit) { return std::abs(value) <= limit; }  // false for NaN

bool ReadCount(ByteReader& reader, int limit, int& count) {
  count = reader.Read<int16_t>();
  return count >= 0 && count <= limit;
}

// Scatters are at least a tiny positive number once they are learnt, and never below the learnt.
bool AreScatters(const QuantityTrack& track) {
  for (size_t i = 0; i < track.scatter.size(); ++i) {
    if (!(track.scatter[i] >= track.learnt_scatter[i]) || !Within(track.scatter[i], 1e33)) {
      return false;
    }
    if (track.learnt_scatter[i] < 0 || (track.IsLearnt() && !(track.learnt_scatter[i] > 0))) {
      return false;
    }
  }
  return track.held_scatter >= 0 && Within(track.held_scatter, 1e33);
}

bool IsSound(const QuantityTrack& track) {
  bool sound = Within(track.origin, 1e30) && track.last_us >= 0 && track.interval_us >= 0 &&
               Within(track.interval_us, 1e19) && AreScatters(track);
  for (const float offset : track.recent) sound &= Within(offset, kLargestOffset);
  for (const double square : track.squares) sound &= square >= 0 && Within(square, 1e65);
  for (const double offset : {track.reference, track.held_reference, track.learnt_location}) {
    sound &= Within(offset, 2 * kLargestOffset);
  }
  sound &=
      Within(track.sum, 1e33) && track.sum_of_squares >= 0 && Within(track.sum_of_squares, 1e65);
  for (const float offset : {track.low, track.high, track.level, track.rise}) {
    sound &= Within(offset, 2 * kLargestOffset);
  }
  const auto most = static_cast<double>(QuantityTrack::kMaxDeviation);
  return sound && Within(track.deviation, most) && Within(track.peak, most) && track.peak >= 0;
}

}  // namespace

void QuantityTrack::Write(ByteWriter& writer) const {
  writer.Write(static_cast<uint8_t>(name.size()));
  for (const char c : name) writer.Write(c);
  writer.Write(origin);
  for (const float offset : recent) writer.Write(offset);
  for (const int count : {newest, filled, learnt, run, settling}) {
    writer.Write(static_cast<int16_t>(count));
  }
  writer.Write(last_us);
  writer.Write(interval_us);
  for (const double square : squares) writer.Write(square);
  for (const double number : {sum, sum_of_squares, reference, held_reference, learnt_location}) {
    writer.Write(number);
  }
  for (const float one : scatter) writer.Write(one);
  for (const float one : learnt_scatter) writer.Write(one);
  for (const float number : {low, high, level, held_scatter, peak, deviation, rise}) {
    writer.Write(number);
  }
  writer.Write(static_cast<uint8_t>(out));
  writer.Write(static_cast<uint8_t>(condition));
}

bool QuantityTrack::Read(ByteReader& reader, QuantityTrack& track) {
  if (!ReadName(reader, track.name)) return false;
  track.origin = reader.Read<double>();
  for (float& offset : track.recent) offset = reader.Read<float>();
  if (!ReadCount(reader, kLong - 1, track.newest) || !ReadCount(reader, kLong, track.filled) ||
      !ReadCount(reader, kLearning, track.learnt) || !ReadCount(reader, kLearning, track.run) ||
      !ReadCount(reader, kLearning, track.settling)) {
    return false;
  }
  track.last_us = reader.Read<int64_t>();
  track.interval_us = reader.Read<float>();
  for (double& square : track.squares) square = reader.Read<double>();
  for (double* number : {&track.sum, &track.sum_of_squares, &track.reference, &track.held_reference,
                         &track.learnt_location}) {
    *number = reader.Read<double>();
  }
  for (float& one : track.scatter) one = reader.Read<float>();
  for (float& one : track.learnt_scatter) one = reader.Read<float>();
  for (float* number : {&track.low, &track.high, &track.level, &track.held_scatter, &track.peak,
                        &track.deviation, &track.rise}) {
    *number = reader.Read<float>();
  }
  const auto out = reader.Read<uint8_t>();
  const auto condition = reader.Read<uint8_t>();
  if (out > 1 || condition > static_cast<uint8_t>(Condition::kAlarm)) return false;
  track.out = out == 1;
  track.condition = static_cast<Condition>(condition);
  return reader.ok() && IsSound(track);
}

std::string ProcessState::Serialize() const {
  ByteWriter writer;
  writer.Write(kVersion);
  writer.Write(static_cast<uint8_t>((stopped ? kStopped : 0) | (apart ? kApart : 0) |
                                    (complete ? kComplete : 0) | (alerted ? kAlerted : 0)));
  writer.Write(learnt_from_us);
  writer.Write(static_cast<uint8_t>(quantities.size()));
  for (const QuantityTrack& track : quantities) track.Write(writer);
  return std::move(writer).Finish();
}

absl::StatusOr<ProcessState> ProcessState::Parse(std::string_view bytes) {
  ByteReader reader(bytes);
  if (!reader.ok()) return Unreadable("its checksum does not fit");
  if (reader.Read<uint8_t>() != kVersion) return Unreadable("it is of another version");
  ProcessState state;
  const auto flags = reader.Read<uint8_t>();
  state.learnt_from_us = reader.Read<int64_t>();
  const auto count = reader.Read<uint8_t>();
  if (flags > kAllFlags || state.learnt_from_us < 0 || count > kMaxQuantities)
    return Unreadable("a count is out of range");
  state.stopped = (flags & kStopped) != 0;
  state.apart = (flags & kApart) != 0;
  state.complete = (flags & kComplete) != 0;
  state.alerted = (flags & kAlerted) != 0;
  for (int i = 0; i < count; ++i) {
    if (!QuantityTrack::Read(reader, state.quantities.emplace_back())) {
      return Unreadable("a quantity is out of range");
    }
    for (int j = 0; j < i; ++j) {
      if (state.quantities[static_cast<size_t>(j)].name == state.quantities.back().name) {
        return Unreadable("a quantity stands twice");
      }
    }
  }
  if (!reader.AtEnd()) return Unreadable("it is longer or shorter than it says");
  return state;
}

}  // namespace auscult::models
