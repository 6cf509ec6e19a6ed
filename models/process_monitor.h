#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "models/process_quantity.h"

namespace auscult::models {

// A quantity of ProcessState and what was measured of it; |value| <= 1e30.
struct ProcessValue {
  int quantity = 0;
  double value = 0;
};

// How far a quantity is from its reference.
struct ProcessContribution {
  int quantity = 0;
  float deviation = 0;  // in scatters, signed
  float rise = 0;       // in the quantity's own unit
  double expected = 0;  // the reference
};

// What is known of the process readings of an asset after a row.
struct ProcessHealth {
  Condition condition = Condition::kLearning;  // kLearning .. kStopped, kStarting
  float index = 0;        // 0..100: 50 where a departure begins; NaN while nothing is learnt
  float deviation = 0;    // the largest, in scatters; NaN while nothing is learnt
  bool departed = false;  // some quantity has left what was learnt: the decision on this row
  float learning_progress = 0;
  // The speed or load that lies outside what was learnt, so that nothing is compared; -1: none.
  int outside = -1;
  std::vector<ProcessContribution> contributions;  // largest first, at most five
};

// Everything of the past that judging the next process readings of an asset needs, what was learnt
// included. A value: read out of the database, advanced, written back in one transaction.
struct ProcessState {
  static constexpr int kMaxQuantities = 64;

  std::vector<QuantityTrack> quantities;
  bool stopped = false;        // the drive stands still
  bool apart = false;          // speed or load outside what was learnt
  bool complete = false;       // learning has been complete
  int64_t learnt_from_us = 0;  // first instant since learning began
  bool alerted = false;        // alert or alarm, also while a standstill hides it

  // Of `name`, added if new; -1 once there are kMaxQuantities others. Fastest where names are asked
  // for in the order in which they were added.
  int IndexOf(std::string_view name);

  // Compact binary form with a version byte; DATA_LOSS for what cannot be trusted.
  std::string Serialize() const;
  static absl::StatusOr<ProcessState> Parse(std::string_view bytes);

 private:
  size_t expected_ = 0;  // where the next name is likely to be
};

// Takes the next readings of an asset, all of one instant and each quantity at most once, in time
// order. Learns by itself, without labels. Where current, power or speed say that the machine
// stands still (below a tenth of what they were), or speed or load lie outside what was learnt,
// nothing is learnt or judged; after that the windows are filled anew first. Allocates nothing.
void Advance(ProcessState& state, int64_t measured_at_us, std::span<const ProcessValue> row);

// Whether some quantity has left what was learnt: the bare decision after a row.
bool Departed(const ProcessState& state, int64_t measured_at_us);

// The condition alone.
Condition ConditionOf(const ProcessState& state, int64_t measured_at_us);

// What to say after the last row, measured at `measured_at_us`.
ProcessHealth HealthOf(const ProcessState& state, int64_t measured_at_us);

// Starts learning again; quantities keep their names.
void RestartLearning(ProcessState& state);

}  // namespace auscult::models
