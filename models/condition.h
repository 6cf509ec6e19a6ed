#pragma once

#include <string_view>

namespace auscult::models {

// Stored with every score row: never reuse a number.
enum class Condition : unsigned char {
  kLearning = 0,
  kNormal = 1,
  kWatch = 2,
  kAlert = 3,
  kAlarm = 4,
  kStopped = 5,
  kUnscorable = 6,
  kStale = 7,     // no record for a while: found when reading, never stored
  kStarting = 8,  // speed or level still in transit after a standstill
};

std::string_view ConditionName(Condition condition);

// How bad a condition is, by its place: learning and normal 0, watch 1, alert 2, alarm 3.
inline constexpr int kWatchRank = 1;
inline constexpr int kAlertRank = 2;
inline constexpr int kAlarmRank = 3;

int RankOf(Condition condition);

// Rank 0 is normal, or learning as long as there is no baseline.
Condition ConditionOf(int rank, bool has_baseline);

}  // namespace auscult::models
