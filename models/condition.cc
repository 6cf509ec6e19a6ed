#include "models/condition.h"

#include <array>
#include <cstddef>

namespace auscult::models {

std::string_view ConditionName(Condition condition) {
  constexpr std::array<std::string_view, 9> kNames = {"learning",   "normal", "watch",
                                                      "alert",      "alarm",  "stopped",
                                                      "unscorable", "stale",  "starting"};
  return kNames[static_cast<size_t>(condition)];
}

int RankOf(Condition condition) {
  switch (condition) {
    case Condition::kWatch:
      return kWatchRank;
    case Condition::kAlert:
      return kAlertRank;
    case Condition::kAlarm:
      return kAlarmRank;
    default:
      return 0;
  }
}

Condition ConditionOf(int rank, bool has_baseline) {
  switch (rank) {
    case kWatchRank:
      return Condition::kWatch;
    case kAlertRank:
      return Condition::kAlert;
    case kAlarmRank:
      return Condition::kAlarm;
    default:
      return has_baseline ? Condition::kNormal : Condition::kLearning;
  }
}

}  // namespace auscult::models
