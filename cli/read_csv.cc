#include "cli/read_csv.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/cell.h"
#include "cli/number_table.h"
#include "cli/read_ims.h"
#include "cli/time_column.h"

namespace auscult::cli {
namespace {

constexpr double kFemtoRateHz = 25600;

using Column = NumberTable::Column;

bool IsWholeWithin(const Column& column, double low, double high) {
  return !column.is_text && !column.is_clock &&
         std::all_of(column.values.begin(), column.values.end(), [&](double value) {
           return value >= low && value <= high && value == std::floor(value);
         });
}

// Hour, minute, second, microsecond, horizontal, vertical.
bool IsFemtoTable(const NumberTable& table) {
  if (table.has_header || table.columns.size() != 6) return false;
  if (table.columns[4].is_text || table.columns[5].is_text) return false;
  return IsWholeWithin(table.columns[0], 0, 23) && IsWholeWithin(table.columns[1], 0, 59) &&
         IsWholeWithin(table.columns[2], 0, 59) && IsWholeWithin(table.columns[3], 0, 1e6) &&
         table.columns[3].values.front() != table.columns[3].values.back();
}

Recording RecordingOfFemtoTable(NumberTable table) {
  std::vector<double> times(table.row_count());
  for (size_t i = 0; i < times.size(); ++i) {
    times[i] = 3600 * table.columns[0].values[i] + 60 * table.columns[1].values[i] +
               table.columns[2].values[i] + 1e-6 * table.columns[3].values[i];
  }
  const Sampling sampling = SamplingOf(times);
  Recording recording;
  recording.sample_rate_hz = sampling.sample_rate_hz;
  recording.clock_problem = sampling.problem;
  // The times are rounded to 10 us, a quarter of a step.
  if (std::abs(sampling.sample_rate_hz / kFemtoRateHz - 1) < 0.01) {
    recording.sample_rate_hz = kFemtoRateHz;
  }
  recording.channels.resize(2);
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<double>& values = table.columns[4 + i].values;
    recording.channels[i].name = i == 0 ? "H" : "V";
    recording.channels[i].unit = "g";
    recording.channels[i].samples.assign(values.begin(), values.end());
  }
  return recording;
}

bool CountsRows(const Column& column) {
  if (column.is_text || column.is_clock || column.values.size() < 2) return false;
  for (size_t i = 1; i < column.values.size(); ++i) {
    if (column.values[i] - column.values[i - 1] != 1) return false;
  }
  return true;
}

bool IsNamedTime(const Column& column) {
  const std::string name = absl::AsciiStrToLower(column.name);
  for (const char* word : {"time", "t", "timestamp", "datetime", "date", "zeit", "uhrzeit"}) {
    if (name == word) return true;
  }
  return absl::StartsWith(name, "time ") || absl::StartsWith(name, "time_") ||
         SecondsPerUnit(column.unit).has_value();
}

// Rises in steps that hardly differ, as no signal does.
bool RisesEvenly(const Column& column) {
  if (column.is_text || column.values.size() < 8) return false;
  const std::vector<double>& values = column.values;
  const double mean = (values.back() - values.front()) / static_cast<double>(values.size() - 1);
  if (!(mean > 0)) return false;
  for (size_t i = 1; i < values.size(); ++i) {
    if (std::abs(values[i] - values[i - 1] - mean) > 0.01 * mean) return false;
  }
  return true;
}

// The unit of the times, in seconds; a name like "time_ms" says it too.
double SecondsPerStep(const Column& column) {
  if (column.is_clock) return 1;
  if (const auto seconds = SecondsPerUnit(column.unit)) return *seconds;
  const size_t underscore = column.name.rfind('_');
  if (underscore != std::string::npos) {
    if (const auto seconds = SecondsPerUnit(column.name.substr(underscore + 1))) return *seconds;
  }
  return 1;
}

// Index of the column of times, -1 without one.
int FindTimeColumn(const NumberTable& table) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!column.is_text && (column.is_clock || IsNamedTime(column))) return static_cast<int>(i);
  }
  const Column& first = table.columns.front();
  const bool may_be_time = table.columns.size() > 1 && (!table.has_header || first.name.empty());
  return may_be_time && !CountsRows(first) && RisesEvenly(first) ? 0 : -1;
}

void TakeTimes(const Column& column, Recording& recording) {
  std::vector<double> times = column.values;
  const double unit_s = SecondsPerStep(column);
  for (double& time : times) time *= unit_s;
  const Sampling sampling = SamplingOf(times);
  recording.sample_rate_hz = sampling.sample_rate_hz;
  recording.clock_problem = sampling.problem;
  constexpr double kYear2000 = 946684800;
  if (column.is_clock && !times.empty() && times.front() > kYear2000) {
    recording.measured_at = absl::UnixEpoch() + absl::Seconds(times.front());
  }
}

bool IsRowCounter(const NumberTable& table, size_t index) {
  const Column& column = table.columns[index];
  const std::string name = absl::AsciiStrToLower(column.name);
  const bool unnamed = name.empty() || name == "index" || name == "sample" || name == "n";
  return index == 0 && table.columns.size() > 1 && unnamed && CountsRows(column);
}

}  // namespace

absl::StatusOr<Recording> ReadCsv(std::string_view text, std::string_view file_name) {
  absl::StatusOr<NumberTable> table = ReadNumberTable(text);
  if (!table.ok()) return table.status();
  if (IsImsTable(*table, file_name)) return RecordingOfImsTable(*std::move(table), file_name);
  if (IsFemtoTable(*table)) return RecordingOfFemtoTable(*std::move(table));

  Recording recording;
  const int time_column = FindTimeColumn(*table);
  if (time_column >= 0) TakeTimes(table->columns[static_cast<size_t>(time_column)], recording);
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const Column& column = table->columns[i];
    if (static_cast<int>(i) == time_column || column.is_text || column.is_clock) continue;
    if (IsRowCounter(*table, i)) continue;
    RecordedChannel channel;
    channel.name = column.name;
    channel.unit = column.unit;
    if (channel.name.empty() && table->columns.size() > 1) channel.name = absl::StrCat(i + 1);
    channel.samples.assign(column.values.begin(), column.values.end());
    recording.channels.push_back(std::move(channel));
  }
  if (recording.channels.empty()) {
    return absl::InvalidArgumentError(
        "the table has no column of samples, only times, counters or words");
  }
  return recording;
}

}  // namespace auscult::cli
