#pragma once

#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "auscult/v1/health.pb.h"
#include "cli/table.h"

namespace auscult::cli {

// Health as a terminal shows it.

std::string ConditionText(v1::Condition condition);  // "alarm", "no data"
Colour ColourOf(v1::Condition condition);

// "inner_race", "" for none.
std::string FaultText(v1::Fault fault);

// "inner_race 0.97", without a number where there is none.
template <typename Health>
std::string VerdictText(const Health& health) {
  std::string fault = FaultText(health.verdict());
  if (fault.empty() || health.confidence() <= 0) return fault;
  return absl::StrFormat("%s %.2f", fault, health.confidence());
}

// "sites/demo/assets/pump-1" -> "demo/pump-1", as every command takes it.
std::string ShortName(const std::string& name);

// "B", "" for none.
std::string ZoneText(v1::Zone zone);

// "87", "-" where nothing can be said.
template <typename Health>
std::string IndexText(const Health& health) {
  return health.has_index() ? std::to_string(static_cast<int>(health.index() + 0.5f)) : "-";
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp TimestampOf(absl::Time time);  // cut to microseconds

// "2026-03-01 14:05:09" in the time zone of the terminal; "" for the zero timestamp.
std::string TimeText(absl::Time time);
std::string TimeText(const google::protobuf::Timestamp& timestamp);

// "3 d", "5 h", "12 min": how long ago.
std::string AgeText(absl::Time time, absl::Time now);

}  // namespace auscult::cli
