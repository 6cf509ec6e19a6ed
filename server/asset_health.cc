#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "server/advice_view.h"
#include "server/concat.h"
#include "server/health_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// From here on the largest contribution is worth a word.
constexpr float kNotableDeviation = 3;

bool IsUrgent(v1::Condition condition) {
  return condition == v1::CONDITION_ALARM || condition == v1::CONDITION_ALERT ||
         condition == v1::CONDITION_WATCH;
}

bool IsStale(v1::Condition condition) {
  return condition == v1::CONDITION_STALE || condition == v1::CONDITION_NO_DATA;
}

// Which point decides: smaller decides first.
int PlaceOf(const v1::PointHealth& health) {
  const bool bad_zone = health.zone() == v1::ZONE_C || health.zone() == v1::ZONE_D;
  switch (health.condition()) {
    case v1::CONDITION_ALARM:
      return 0;
    case v1::CONDITION_ALERT:
      return 1;
    case v1::CONDITION_WATCH:
      return 2;
    case v1::CONDITION_NORMAL:
      return 4;
    case v1::CONDITION_LEARNING:
      return bad_zone ? 3 : 5;
    case v1::CONDITION_STOPPED:
    case v1::CONDITION_STARTING:
      return 6;
    case v1::CONDITION_UNSCORABLE:
      return 7;
    case v1::CONDITION_STALE:
      return 8;
    default:
      return 9;
  }
}

bool DecidesBefore(const NamedPointHealth& a, const NamedPointHealth& b) {
  const auto key = [](const NamedPointHealth& point) {
    return std::tuple(PlaceOf(point.health), point.health.has_index()
                                                 ? point.health.index()
                                                 : std::numeric_limits<float>::infinity());
  };
  return key(a) < key(b);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC",
                          absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(time)),
                          absl::UTCTimeZone());
}

bool NamesFault(v1::Fault verdict) {
  return verdict > v1::FAULT_HEALTHY && verdict < v1::FAULT_ABSTAIN;
}

std::string_view FaultText(v1::Fault fault) {
  static constexpr std::array<std::string_view, v1::FAULT_ABSTAIN> kTexts = {
      "",
      "",
      "Inner-race damage",
      "Outer-race damage",
      "Rolling-element damage",
      "Cage damage",
      "Unbalance",
      "Misalignment",
      "Looseness",
      "Gear damage",
      "Broken rotor bar",
      "Rotor eccentricity",
      "Stator winding fault",
      "Electrical fault",
      "Departs from its baseline in a way that no rule names"};
  return kTexts[static_cast<size_t>(fault)];
}

std::string ConditionText(v1::Condition condition) {
  std::string text = v1::Condition_Name(condition).substr(sizeof("CONDITION_") - 1);
  absl::AsciiStrToLower(&text);
  return text;
}

// What was stored, without the condition it begins with ("Alarm: ...").
std::string_view StoredWords(const NamedPointHealth& point) {
  std::string_view text = point.health.summary();
  const size_t colon = text.find(": ");
  if (colon != std::string_view::npos && text.find(' ') > colon) text.remove_prefix(colon + 2);
  return text;
}

// "Inner-race damage: BPFI of drive end at 162.2 Hz ...; H/kurtosis 9.1 scatters above its
// baseline".
std::string FaultWithReason(const NamedPointHealth& point) {
  const v1::PointHealth& health = point.health;
  std::string text;
  if (NamesFault(health.verdict())) {
    text = FaultText(health.verdict());
    const auto reason = std::find_if(health.evidence().begin(), health.evidence().end(),
                                     [](const v1::Evidence& evidence) {
                                       return evidence.supports() && !evidence.text().empty();
                                     });
    if (reason != health.evidence().end()) text += ": " + reason->text();
  } else if (health.zone() == v1::ZONE_C || health.zone() == v1::ZONE_D) {
    text = Concat("Vibration in zone ", health.zone() == v1::ZONE_C ? "C" : "D", " of ISO 20816-3");
  }
  if (!health.contributions().empty() && health.contributions(0).deviation() >= kNotableDeviation) {
    const v1::Contribution& largest = health.contributions(0);
    text += Concat(text.empty() ? "Departs from its baseline: " : "; ", largest.feature(),
                   absl::StrFormat(" is %.1f scatters above its baseline (%+.1f dB)",
                                   largest.deviation(), largest.rise()));
  }
  if (text.empty()) text = StoredWords(point);
  return text.empty() ? "Departs from its baseline" : text;
}

std::string WhatIsWrong(const NamedPointHealth& point) {
  const v1::PointHealth& health = point.health;
  switch (health.condition()) {
    case v1::CONDITION_ALARM:
    case v1::CONDITION_ALERT:
    case v1::CONDITION_WATCH:
      return FaultWithReason(point);
    case v1::CONDITION_NORMAL:
      return health.verdict() == v1::FAULT_ABSTAIN ? "Within its baseline" : "No fault found";
    case v1::CONDITION_LEARNING: {
      const std::string progress = absl::StrFormat("Learning its baseline, %.0f %% done",
                                                   std::floor(100 * health.learning_progress()));
      // Physics speaks before there is a baseline.
      return NamesFault(health.verdict()) ? Concat(progress, "; ", FaultWithReason(point))
                                          : progress;
    }
    case v1::CONDITION_STOPPED:
      return "The machine stands still";
    case v1::CONDITION_STARTING:
      return "The machine is starting or changes its speed";
    case v1::CONDITION_UNSCORABLE: {
      if (!point.health.summary().empty()) return std::string(StoredWords(point));
      std::string flags;
      for (const std::string& flag : health.quality()) {
        flags += (flags.empty() ? ": " : ", ") + flag;
      }
      return Concat("The last record cannot be judged", flags);
    }
    case v1::CONDITION_STALE:
      return Concat("No record since ", TimeText(health.last_measured_at()),
                    NamesFault(health.verdict()) ? "; before that: " + FaultWithReason(point) : "");
    default:
      return "No record yet";
  }
}

// "; 2 of 3 points stale, 1 learning": what does not speak, unless it is all there is.
std::string SilentPoints(const v1::AssetHealth& health) {
  std::string text;
  const std::tuple<int, const char*, bool> counts[] = {
      {health.stale_point_count(), "stale", IsStale(health.condition())},
      {health.unscorable_point_count(), "unscorable",
       health.condition() == v1::CONDITION_UNSCORABLE},
      {health.learning_point_count(), "learning", health.condition() == v1::CONDITION_LEARNING}};
  for (const auto& [count, what, said] : counts) {
    if (count == 0 || (said && count == health.point_count())) continue;
    text += text.empty() ? Concat("; ", count, " of ", health.point_count(), " points ", what)
                         : Concat(", ", count, " ", what);
  }
  return text;
}

std::string Sentence(const NamedPointHealth& worst, const v1::AssetHealth& health) {
  std::string text = WhatIsWrong(worst);
  text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  if (text.ends_with('.')) text.pop_back();
  if (health.has_index()) text += absl::StrFormat("; health %.0f", health.index());
  if (IsUrgent(health.condition())) {
    text += Concat(health.has_index() ? ", " : "; ", ConditionText(health.condition()));
    if (health.has_since()) text += " since " + TimeText(health.since());
  }
  return text + SilentPoints(health);
}

}  // namespace

v1::AssetHealth AssetHealthOf(const std::vector<NamedPointHealth>& points) {
  v1::AssetHealth health;
  health.set_point_count(static_cast<int>(points.size()));
  if (points.empty()) {
    health.set_condition(v1::CONDITION_NO_DATA);
    health.set_summary("No measurement point");
    return health;
  }
  int stale = 0, unscorable = 0, learning = 0;
  for (const NamedPointHealth& point : points) {
    stale += IsStale(point.health.condition());
    unscorable += point.health.condition() == v1::CONDITION_UNSCORABLE;
    learning += point.health.condition() == v1::CONDITION_LEARNING;
  }
  health.set_stale_point_count(stale);
  health.set_unscorable_point_count(unscorable);
  health.set_learning_point_count(learning);
  const NamedPointHealth& worst = *std::min_element(points.begin(), points.end(), DecidesBefore);
  health.set_condition(worst.health.condition());
  // What a stale point said last is no longer the health of the machine.
  if (worst.health.has_index() && !IsStale(worst.health.condition())) {
    health.set_index(worst.health.index());
  }
  health.set_verdict(worst.health.verdict());
  health.set_confidence(worst.health.confidence());
  health.set_zone(worst.health.zone());
  if (worst.health.has_since()) *health.mutable_since() = worst.health.since();
  health.set_worst_point(worst.name);
  *health.mutable_evidence() = worst.health.evidence();
  if (worst.health.has_fault_severity()) {
    health.set_fault_severity(worst.health.fault_severity());
  }
  health.set_summary(Sentence(worst, health));
  if (const auto advice =
          AdviceOn(health.verdict(), health.condition(), models::Language::kEnglish)) {
    health.set_recommended_action(advice->action());
  }
  return health;
}

}  // namespace auscult::server
