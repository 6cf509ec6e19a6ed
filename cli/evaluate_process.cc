#include "cli/evaluate_process.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/file_bytes.h"
#include "cli/number_table.h"
#include "cli/table.h"
#include "models/process_monitor.h"

namespace auscult::cli {
namespace {

// "Volume Flow (m3/h)" -> "volume_flow_m3_h", as a quantity is named.
std::string QuantityName(const NumberTable::Column& column, size_t place) {
  std::string name;
  for (const char c : absl::AsciiStrToLower(absl::StrCat(column.name, " ", column.unit))) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      name.push_back(c);
    } else if (!name.empty() && name.back() != '_') {
      name.push_back('_');
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name.empty() ? absl::StrCat("column_", place + 1) : name.substr(0, 63);
}

struct ProcessColumns {
  std::vector<const NumberTable::Column*> quantities;
  std::vector<std::string> names;
  const NumberTable::Column* label = nullptr;
  const NumberTable::Column* clock = nullptr;
};

ProcessColumns ColumnsOf(const NumberTable& table, const ProcessTable& layout) {
  ProcessColumns columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const NumberTable::Column& column = table.columns[i];
    if (column.is_clock) {
      if (columns.clock == nullptr) columns.clock = &column;
    } else if (column.name == layout.label) {
      columns.label = &column;
    } else if (!column.is_text && std::find(layout.ignored.begin(), layout.ignored.end(),
                                            column.name) == layout.ignored.end()) {
      columns.quantities.push_back(&column);
      columns.names.push_back(QuantityName(column, i));
    }
  }
  return columns;
}

// Clocks that stand still or go back, at midnight for one, go on by a second.
int64_t InstantOf(const ProcessColumns& columns, size_t row, int64_t before_us) {
  const double seconds = columns.clock == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                                  : columns.clock->values[row];
  const int64_t next_us = before_us + 1'000'000;
  if (!(std::abs(seconds) < 1e11)) return next_us;
  const auto at_us = static_cast<int64_t>(std::llround(seconds * 1e6));
  return at_us > before_us ? at_us : next_us;
}

void Count(bool ill, bool departed, ProcessVerdicts& verdicts) {
  (ill ? verdicts.faulty : verdicts.healthy) += 1;
  if (ill && !departed) ++verdicts.missed;
  if (!ill && departed) ++verdicts.false_alarms;
}

double Percent(int part, int whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN() : 100.0 * part / whole;
}

std::string Shown(double value, const char* digits) {
  if (std::isnan(value)) return "-";
  return *digits == '1' ? absl::StrFormat("%.1f", value) : absl::StrFormat("%.3f", value);
}

ProcessVerdicts TotalOf(const std::vector<ProcessVerdicts>& files) {
  ProcessVerdicts total;
  total.file = "all";
  for (const ProcessVerdicts& file : files) total.Add(file);
  return total;
}

nlohmann::json JsonOf(const ProcessVerdicts& verdicts) {
  nlohmann::json object = {{"file", verdicts.file},
                           {"learnt_rows", verdicts.learnt},
                           {"healthy_rows", verdicts.healthy},
                           {"false_alarm_rows", verdicts.false_alarms},
                           {"faulty_rows", verdicts.faulty},
                           {"missed_rows", verdicts.missed}};
  const auto put = [&](const char* key, double value) {
    if (std::isfinite(value)) object[key] = value;
  };
  put("false_alarm_percent", verdicts.FalseAlarmPercent());
  put("missed_percent", verdicts.MissedPercent());
  put("f1", verdicts.F1());
  return object;
}

}  // namespace

void ProcessVerdicts::Add(const ProcessVerdicts& other) {
  learnt += other.learnt;
  healthy += other.healthy;
  false_alarms += other.false_alarms;
  faulty += other.faulty;
  missed += other.missed;
}

double ProcessVerdicts::FalseAlarmPercent() const { return Percent(false_alarms, healthy); }

double ProcessVerdicts::MissedPercent() const { return Percent(missed, faulty); }

double ProcessVerdicts::F1() const {
  const int found = faulty - missed;
  return Percent(2 * found, 2 * found + missed + false_alarms) *
         (faulty == 0 ? std::numeric_limits<double>::quiet_NaN() : 0.01);
}

absl::StatusOr<ProcessVerdicts> JudgeProcessFile(const std::string& path,
                                                 const ProcessTable& layout) {
  absl::StatusOr<std::string> bytes = ReadFileBytes(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<NumberTable> table = ReadNumberTable(*bytes);
  if (!table.ok()) {
    return absl::Status(table.status().code(), absl::StrCat(path, ": ", table.status().message()));
  }
  const ProcessColumns columns = ColumnsOf(*table, layout);
  ProcessVerdicts verdicts;
  verdicts.file = path;
  models::ProcessState state;
  std::vector<models::ProcessValue> values;
  int64_t at_us = 0;
  for (size_t row = 0; row < table->row_count(); ++row) {
    at_us = InstantOf(columns, row, at_us);
    values.clear();
    for (size_t i = 0; i < columns.quantities.size(); ++i) {
      const double value = columns.quantities[i]->values[row];
      const int quantity = state.IndexOf(columns.names[i]);
      if (std::abs(value) <= 1e30 && quantity >= 0) values.push_back({quantity, value});
    }
    const bool learning = !state.complete;
    Advance(state, at_us, values);
    const double label = columns.label == nullptr ? 0 : columns.label->values[row];
    if (learning) {
      ++verdicts.learnt;
    } else if (!std::isnan(label)) {
      Count(label > 0, Departed(state, at_us), verdicts);
    }
  }
  if (!state.complete) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " has ", table->row_count(), " rows of ", columns.quantities.size(),
                     " quantities; learning takes ", models::QuantityTrack::kLearning, " of each"));
  }
  return verdicts;
}

std::string ProcessText(const std::vector<ProcessVerdicts>& files) {
  Table table({{"file", Align::kLeft},
               {"learnt", Align::kRight},
               {"healthy rows", Align::kRight},
               {"false alarms %", Align::kRight},
               {"faulty rows", Align::kRight},
               {"missed %", Align::kRight},
               {"F1", Align::kRight}});
  const auto add = [&](const ProcessVerdicts& one) {
    table.AddRow({one.file, absl::StrCat(one.learnt), absl::StrCat(one.healthy),
                  Shown(one.FalseAlarmPercent(), "1"), absl::StrCat(one.faulty),
                  Shown(one.MissedPercent(), "1"), Shown(one.F1(), "3")});
  };
  for (const ProcessVerdicts& file : files) add(file);
  add(TotalOf(files));
  return table.Render();
}

std::string ProcessJson(const std::vector<ProcessVerdicts>& files) {
  nlohmann::json list = nlohmann::json::array();
  for (const ProcessVerdicts& file : files) list.push_back(JsonOf(file));
  const nlohmann::json object = {{"files", std::move(list)}, {"all", JsonOf(TotalOf(files))}};
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace auscult::cli
