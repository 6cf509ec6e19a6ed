#include "cli/health_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace auscult::cli {
namespace {

// "CONDITION_NO_DATA" -> "no_data"
std::string WithoutPrefix(const std::string& name, size_t prefix) {
  return absl::AsciiStrToLower(name.size() > prefix ? name.substr(prefix) : name);
}

}  // namespace

std::string ConditionText(v1::Condition condition) {
  if (condition == v1::CONDITION_UNSPECIFIED) return "-";
  std::string text = WithoutPrefix(v1::Condition_Name(condition), sizeof("CONDITION_") - 1);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

Colour ColourOf(v1::Condition condition) {
  switch (condition) {
    case v1::CONDITION_ALARM:
      return Colour::kRed;
    case v1::CONDITION_ALERT:
    case v1::CONDITION_WATCH:
      return Colour::kYellow;
    case v1::CONDITION_NORMAL:
      return Colour::kGreen;
    case v1::CONDITION_LEARNING:
      return Colour::kBlue;
    default:
      return Colour::kDim;
  }
}

std::string FaultText(v1::Fault fault) {
  if (fault == v1::FAULT_UNSPECIFIED) return "";
  return WithoutPrefix(v1::Fault_Name(fault), sizeof("FAULT_") - 1);
}

std::string ShortName(const std::string& name) {
  std::string shown;
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  for (size_t i = 1; i < parts.size(); i += 2) {
    absl::StrAppend(&shown, shown.empty() ? "" : "/", parts[i]);
  }
  return shown;
}

std::string ZoneText(v1::Zone zone) {
  return zone == v1::ZONE_UNSPECIFIED ? "" : v1::Zone_Name(zone).substr(sizeof("ZONE_") - 1);
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1000));
  return timestamp;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

std::string TimeText(const google::protobuf::Timestamp& timestamp) {
  if (timestamp.seconds() == 0 && timestamp.nanos() == 0) return "";
  return TimeText(TimeOf(timestamp));
}

std::string AgeText(absl::Time time, absl::Time now) {
  const double seconds = absl::ToDoubleSeconds(now - time);
  if (seconds < 0) return "0 s";
  if (seconds < 90) return absl::StrCat(static_cast<int64_t>(seconds), " s");
  if (seconds < 90 * 60) return absl::StrCat(static_cast<int64_t>(seconds / 60 + 0.5), " min");
  if (seconds < 36 * 3600) return absl::StrCat(static_cast<int64_t>(seconds / 3600 + 0.5), " h");
  return absl::StrCat(static_cast<int64_t>(seconds / 86400 + 0.5), " d");
}

}  // namespace auscult::cli
