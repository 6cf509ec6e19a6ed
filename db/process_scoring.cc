#include "db/process_scoring.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace auscult::db {
namespace {

using models::Condition;

// With float as its number, so that 0.1f is written 0.1.
using Json =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, float>;

// From here on the largest contribution is worth a word.
constexpr float kNotableDeviation = 3;

const std::string& NameOf(const models::ProcessState& state, int quantity) {
  return state.quantities[static_cast<size_t>(quantity)].name;
}

std::string WhatIsSaid(const models::ProcessState& state, const models::ProcessHealth& health) {
  if (health.condition == Condition::kStopped) return "the machine stands still";
  if (health.outside >= 0) {
    return NameOf(state, health.outside) + " lies outside what was learnt; nothing is compared";
  }
  if (health.condition == Condition::kStarting) return "the machine has just started";
  if (health.condition == Condition::kLearning) {
    return absl::StrFormat("%.0f %% of %d readings of each quantity",
                           std::floor(100 * health.learning_progress),
                           models::QuantityTrack::kLearning);
  }
  if (health.contributions.empty()) return "nothing is compared";
  const models::ProcessContribution& worst = health.contributions.front();
  if (std::abs(worst.deviation) < kNotableDeviation) return "nothing departs from what was learnt";
  return absl::StrFormat("%s is %.4g %s the %.4g that were learnt (%.1f scatters)",
                         NameOf(state, worst.quantity), std::abs(worst.rise),
                         worst.rise < 0 ? "below" : "above", worst.expected,
                         std::abs(worst.deviation));
}

std::string DetailOf(const models::ProcessState& state, const models::ProcessHealth& health,
                     const std::string& said) {
  Json list = Json::array();
  for (const models::ProcessContribution& item : health.contributions) {
    Json object = {{"feature", NameOf(state, item.quantity)}};
    if (std::isfinite(item.deviation)) object["deviation"] = item.deviation;
    if (std::isfinite(item.rise)) object["rise"] = item.rise;
    list.push_back(std::move(object));
  }
  std::string head(models::ConditionName(health.condition));
  head.front() = absl::ascii_toupper(static_cast<unsigned char>(head.front()));
  const Json detail = {{"contributions", std::move(list)}, {"summary", head + ": " + said}};
  return detail.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Readings sorted by time, as values of one instant after the other.
class Instants {
 public:
  Instants(std::span<const Reading> readings, int64_t from_us) {
    in_order_.reserve(readings.size());
    for (const Reading& reading : readings) {
      if (reading.measured_at_us >= from_us) in_order_.push_back(&reading);
    }
    const auto by_time = [](const Reading* a, const Reading* b) {
      return a->measured_at_us < b->measured_at_us;
    };
    if (!std::is_sorted(in_order_.begin(), in_order_.end(), by_time)) {
      std::stable_sort(in_order_.begin(), in_order_.end(), by_time);
    }
  }

  // The next instant that holds anything new; false after the last.
  bool Next(models::ProcessState& state) {
    values_.clear();
    while (values_.empty() && next_ < in_order_.size()) {
      now_us_ = in_order_[next_]->measured_at_us;
      for (; next_ < in_order_.size() && in_order_[next_]->measured_at_us == now_us_; ++next_) {
        const int at = state.IndexOf(in_order_[next_]->quantity);
        if (at < 0 || state.quantities[static_cast<size_t>(at)].last_us >= now_us_) continue;
        const bool twice = std::any_of(values_.begin(), values_.end(),
                                       [at](const auto& value) { return value.quantity == at; });
        if (!twice) values_.push_back({at, in_order_[next_]->value});
      }
    }
    return !values_.empty();
  }
  int64_t now_us() const { return now_us_; }
  std::span<const models::ProcessValue> values() const { return values_; }

 private:
  std::vector<const Reading*> in_order_;
  size_t next_ = 0;
  int64_t now_us_ = 0;
  std::vector<models::ProcessValue> values_;
};

// What the row says after its last instant.
void Describe(ProcessRow& row) {
  const models::ProcessHealth health = HealthOf(row.state, row.latest.last_measured_at_us);
  row.latest.health = health.index;
  row.latest.learning_progress = health.learning_progress;
  row.latest.detail = DetailOf(row.state, health, WhatIsSaid(row.state, health));
}

ProcessTurn TurnAt(const models::ProcessState& state, int64_t now_us) {
  const models::ProcessHealth health = HealthOf(state, now_us);
  ProcessTurn turn;
  turn.condition = health.condition;
  turn.measured_at_us = now_us;
  if (health.condition < Condition::kAlert) return turn;
  turn.summary = WhatIsSaid(state, health);
  turn.detail = DetailOf(state, health, turn.summary);
  return turn;
}

}  // namespace

ProcessAdvance AdvanceReadings(ProcessRow& row, std::span<const Reading> readings) {
  ProcessAdvance advance;
  models::ProcessState& state = row.state;
  // Learning begins anew: whatever was said before holds no longer.
  bool anew = state.quantities.empty() && row.latest.condition.has_value();
  bool any = false;
  for (Instants instants(readings, row.learn_since_us); instants.Next(state); any = true) {
    const bool alerted = state.alerted, complete = state.complete;
    const int64_t now_us = instants.now_us();
    if (anew) {
      ProcessTurn& turn = advance.turns.emplace_back();
      turn.condition = Condition::kLearning;
      turn.measured_at_us = now_us;
      anew = false;
    }
    Advance(state, now_us, instants.values());
    advance.learnt |= state.complete && !complete;
    const Condition condition = ConditionOf(state, now_us);
    const bool worse = condition == Condition::kAlarm && row.latest.condition != condition;
    if (state.alerted != alerted || (worse && alerted)) {
      advance.turns.push_back(TurnAt(state, now_us));
    }
    if (row.latest.condition != condition) row.latest.since_us = now_us;
    row.latest.condition = condition;
    row.latest.last_measured_at_us = std::max(row.latest.last_measured_at_us, now_us);
  }
  if (!state.complete) row.latest.model_version = 0;
  if (any) Describe(row);
  return advance;
}

}  // namespace auscult::db
