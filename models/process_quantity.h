#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/advance.h"

namespace auscult::models {

class ByteReader;
class ByteWriter;

// What a process quantity tells, by its name (the unit stands last).
enum class QuantityRole : unsigned char {
  kSymptom,  // is compared with what was learnt
  kDrive,    // current (_a) or power (_w, _kw): compared, and near zero where the machine stands
  kSpeed,    // _rpm: a condition of running; near zero where the machine stands
  kLoad,     // load_percent: a condition of running
};
QuantityRole RoleOf(std::string_view quantity);

// What one process quantity of an asset did lately and what it learnt of itself: means of its last
// 5, 20 and 60 readings against a reference that follows slowly, in scatters learnt from the first
// 400 readings (docs/models.md, Process readings). Counts readings, never time, so that any cadence
// will do. A value; offsets are from the first reading, in the quantity's own unit.
struct QuantityTrack {
  static constexpr std::array<int, 3> kWindows = {5, 20, 60};
  static constexpr int kLong = kWindows.back();
  static constexpr int kLearning = 400;  // readings that learning takes
  static constexpr float kMaxDeviation = 1e6f;
  static constexpr float kLimit = 4.7f;  // scatters at which a departure begins

  std::string name;
  double origin = 0;  // first reading
  std::array<float, kLong> recent{};
  int newest = kLong - 1;  // position in `recent`
  int filled = 0;          // readings in `recent` since the last interruption, at most kLong
  int64_t last_us = 0;
  float interval_us = 0;  // smoothed

  int learnt = 0;  // readings that learning has had, at most kLearning
  std::array<double, 3> squares{};
  double sum = 0, sum_of_squares = 0;
  double reference = 0;
  std::array<float, 3> scatter{}, learnt_scatter{};
  double learnt_location = 0;
  float low = 0, high = 0;  // of the short means while learning
  float level = 0;          // largest magnitude of the long mean while learning, not an offset

  bool out = false;  // has left what was learnt
  double held_reference = 0;
  float held_scatter = 0;
  float peak = 0;       // of the deviation, fading
  int run = 0;          // readings in a row that were `out`, or were not
  int settling = 0;     // readings after an interruption in which it may still come back
  float deviation = 0;  // in scatters, signed, of the window that shows most
  float rise = 0;       // the same in the quantity's unit
  Condition condition = Condition::kLearning;  // kLearning, kNormal .. kAlarm

  bool IsLearnt() const { return learnt >= kLearning; }
  // No reading for 60 of its usual intervals.
  bool IsStale(int64_t now_us) const;
  double Mean(int window) const;  // of the last `window` readings, an offset
  double Expected() const { return origin + reference; }

  // Takes a reading in, judged or not.
  void Push(double value, int64_t measured_at_us);
  // Learns from the reading just pushed, or judges it. Does nothing until `recent` is full again.
  void Advance();
  // The readings before and after do not belong together: a standstill, another way of running.
  void Interrupt();
  // Forgets everything but the name.
  void Restart();

  void Write(ByteWriter& writer) const;
  // False for what cannot be trusted.
  static bool Read(ByteReader& reader, QuantityTrack& track);

 private:
  void Learn();
  void FinishLearning();
  void Judge();
  void Follow();
  void Decide();
};

}  // namespace auscult::models
