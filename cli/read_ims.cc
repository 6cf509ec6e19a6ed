#include "cli/read_ims.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace auscult::cli {

std::optional<absl::Time> TimeOfImsName(std::string_view file_name) {
  const std::string name(file_name);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const int fields = std::sscanf(name.c_str(), "%4d.%2d.%2d.%2d.%2d.%2d%n", &year, &month, &day,
                                 &hour, &minute, &second, &used);
  if (fields != 6 || static_cast<size_t>(used) != name.size()) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  if (civil.month() != month || civil.day() != day || civil.hour() != hour) return std::nullopt;
  return absl::FromCivil(civil, absl::UTCTimeZone());
}

bool IsImsTable(const NumberTable& table, std::string_view file_name) {
  if (table.has_header || !TimeOfImsName(file_name)) return false;
  if (table.columns.size() != 4 && table.columns.size() != 8) return false;
  for (const NumberTable::Column& column : table.columns) {
    if (column.is_text || column.is_clock) return false;
  }
  return true;
}

Recording RecordingOfImsTable(NumberTable table, std::string_view file_name) {
  Recording recording;
  recording.sample_rate_hz = 20000;
  recording.speed_rpm = 2000;
  recording.speed_is_nominal = true;
  recording.measured_at = TimeOfImsName(file_name);
  const bool two_axes = table.columns.size() == 8;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const size_t bearing = two_axes ? i / 2 + 1 : i + 1;
    RecordedChannel channel;
    channel.name = absl::StrCat("B", bearing, two_axes ? (i % 2 == 0 ? "x" : "y") : "");
    channel.unit = "g";
    channel.samples.assign(table.columns[i].values.begin(), table.columns[i].values.end());
    recording.channels.push_back(std::move(channel));
  }
  return recording;
}

}  // namespace auscult::cli
