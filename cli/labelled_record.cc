#include "cli/labelled_record.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/cell.h"
#include "cli/manifest.h"
#include "cli/read_raw.h"
#include "cli/read_recording.h"
#include "features/waveform.h"

namespace auscult::cli {
namespace {

constexpr float kStandstillRpm = 0;

absl::Status NotANumber(const std::string& column, const std::string& text,
                        const std::string& instead) {
  return absl::InvalidArgumentError(
      absl::StrCat(column, " \"", text, "\" is no number that can be used; ", instead));
}

// "~1790 (no load)" -> 1790: good enough for a nominal speed, which is searched around.
std::optional<double> ApproximateNumber(std::string_view text) {
  if (text.starts_with('~')) text.remove_prefix(1);
  return ParseNumber(text.substr(0, text.find_first_of(" (")));
}

// "12000", "12000 Hz", "48 kHz", "12k".
std::optional<double> RateOf(const std::string& text) {
  const size_t end = text.find_first_not_of("0123456789.");
  const std::optional<double> number = ParseNumber(text.substr(0, end));
  if (!number || end == std::string::npos) return ParseNumber(text);
  const std::string unit = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(end)));
  if (unit == "hz") return *number;
  if (unit == "khz" || unit == "k") return 1000 * *number;
  return ParseNumber(text);
}

absl::Status TakeSpeed(const NamedRow& row, const LabelledDefaults& defaults,
                       LabelledRecord& record) {
  const std::string measured = row.Text("speed_rpm"), nominal = row.Text("rpm");
  const std::string& text = measured.empty() ? nominal : measured;
  record.analysis.exact_speed = defaults.analysis.exact_speed || !measured.empty();
  record.analysis.speed_rpm = defaults.analysis.speed_rpm;
  if (text.empty() || !std::isnan(defaults.analysis.speed_rpm)) return absl::OkStatus();
  const std::optional<double> exact = ParseNumber(text);
  const std::optional<double> speed_rpm = exact ? exact : ApproximateNumber(text);
  if (!speed_rpm) return absl::OkStatus();  // words: the record is judged without a speed
  if (!(*speed_rpm >= kStandstillRpm && *speed_rpm <= features::Waveform::kMaxSpeedRpm)) {
    return NotANumber("rpm", text, "give the speed of the shaft, or leave it empty");
  }
  // What is only about right is good for a search, not as the speed of the record.
  if (exact) {
    record.analysis.speed_rpm = static_cast<float>(*exact);
  } else {
    record.machine.rated_speed_rpm = static_cast<float>(*speed_rpm);
  }
  return absl::OkStatus();
}

absl::Status TakeBearing(const NamedRow& row, const BearingTable& bearings,
                         LabelledRecord& record) {
  if (!record.machine.bearings.empty()) return absl::OkStatus();
  absl::StatusOr<std::optional<features::BearingOrders>> orders = OrdersOfRow(row);
  if (!orders.ok()) return orders.status();
  const std::string model = row.Text("bearing_model");
  if (*orders) {
    record.machine.bearings.push_back({"bearing", model, **orders});
  } else if (auto bearing = bearings.Find(model, record.dataset)) {
    record.machine.bearings.push_back(*std::move(bearing));
  }
  return absl::OkStatus();
}

absl::Status TakeMachine(const NamedRow& row, LabelledRecord& record) {
  if (const std::string text = row.Text("supply_hz"); !text.empty()) {
    const double supply_hz = ParseNumber(text).value_or(0);
    if (!(supply_hz > 0)) return NotANumber("supply_hz", text, "give hertz, as 50");
    record.machine.line_frequency_hz = static_cast<float>(supply_hz);
  }
  if (const std::string text = row.Text("pole_pairs"); !text.empty()) {
    const double pole_pairs = ParseNumber(text).value_or(0);
    if (!(pole_pairs >= 1 && pole_pairs <= 100)) {
      return NotANumber("pole_pairs", text, "a motor has 1 to 100");
    }
    record.machine.pole_pairs = static_cast<int>(pole_pairs);
  }
  return absl::OkStatus();
}

absl::Status TakeRecording(const NamedRow& row, const LabelledDefaults& defaults,
                           LabelledRecord& record) {
  record.analysis.classifier = defaults.analysis.classifier;
  record.analysis.rate_hz = defaults.analysis.rate_hz;
  if (const std::string text = row.Text("sampling_hz");
      !text.empty() && defaults.analysis.rate_hz == 0) {
    const std::optional<double> rate_hz = RateOf(text);
    if (rate_hz && !(*rate_hz > 0 && *rate_hz < features::Waveform::kMaxRateHz)) {
      return NotANumber("sampling_hz", text, "give samples a second");
    }
    record.analysis.rate_hz = rate_hz.value_or(0);
    if (!rate_hz) record.rate_text = text;
  }
  if (const auto load = row.Number("load_percent")) {
    record.analysis.load_percent = static_cast<float>(*load);
  }
  record.analysis.unit = row.Text("unit");
  const std::string beside_channel = SplitUnit(record.channel).unit;
  record.unit_elsewhere = beside_channel.empty() ? defaults.analysis.unit : beside_channel;
  if (const auto interval_s = row.Number("interval_s")) record.interval_s = *interval_s;
  return absl::OkStatus();
}

// Raw samples as columns describe them: encoding, and any of scale, offset, record_samples,
// records.
absl::Status TakeLayout(const NamedRow& row, LabelledRecord& record) {
  const std::string encoding = row.Text("encoding");
  if (encoding.empty()) return absl::OkStatus();
  Sidecar layout;
  const std::optional<features::Encoding> known = ParseEncoding(encoding);
  if (!known) return NotANumber("encoding", encoding, "write int16_le, int32_le or float32_le");
  layout.encoding = *known;
  layout.rate_hz = record.analysis.rate_hz;
  layout.calibration.scale = row.Number("scale").value_or(1);
  layout.calibration.offset = row.Number("offset").value_or(0);
  layout.unit = record.analysis.unit;
  layout.record_interval_s = record.interval_s;
  layout.record_samples = static_cast<int64_t>(row.Number("record_samples").value_or(0));
  layout.records = static_cast<int64_t>(row.Number("records").value_or(0));
  if (layout.record_samples < 0 || layout.records < 0) {
    return absl::InvalidArgumentError("record_samples and records must not be negative");
  }
  if (!record.channel.empty()) layout.channels = absl::StrSplit(record.channel, ';');
  record.layout = std::move(layout);
  return absl::OkStatus();
}

}  // namespace

std::string LabelledRecord::Name() const {
  std::string name = record_id;
  if (name.empty()) name = std::filesystem::path(file).filename().string();
  if (!dataset.empty()) name = absl::StrCat(dataset, " ", name);
  const bool is_name = channel.find_first_of(" ;(") == std::string::npos;
  return channel.empty() || !is_name ? name : absl::StrCat(name, " ", channel);
}

absl::StatusOr<LabelledRecord> LabelledRecordOf(const NamedTable& manifest, const NamedRow& row,
                                                const BearingTable& bearings,
                                                const LabelledDefaults& defaults) {
  if (!row.problem.empty()) return absl::InvalidArgumentError(row.problem);
  if (row.Text("file").empty()) return absl::InvalidArgumentError("names no file");
  LabelledRecord record;
  record.manifest = manifest.path;
  record.line = row.line;
  record.file = FileOfRow(manifest, row);
  record.sidecar = defaults.sidecar;
  record.dataset = row.Text("dataset");
  record.record_id = row.Text("record_id");
  record.channel = row.Text("channel");
  record.fault_size = row.Text("fault_size");
  for (const auto& [column, cell] : row.cells) record.columns[column] = row.Text(column);
  record.machine = defaults.machine;
  absl::StatusOr<Truth> truth = ParseTruth(row.Text("label"));
  if (!truth.ok()) return truth.status();
  record.truth = *std::move(truth);
  absl::Status status = TakeRecording(row, defaults, record);
  if (status.ok()) status = TakeSpeed(row, defaults, record);
  if (status.ok()) status = TakeBearing(row, bearings, record);
  if (status.ok()) status = TakeMachine(row, record);
  if (status.ok()) status = TakeLayout(row, record);
  if (!status.ok()) return status;
  return record;
}

absl::StatusOr<std::unique_ptr<RecordFile>> OpenLabelled(const LabelledRecord& record) {
  if (record.layout) return OpenRaw(record.file, *record.layout);
  return OpenRecordFile(record.file, IsRaw(record.file) ? record.sidecar : "");
}

absl::StatusOr<AnalysisOptions> OptionsFor(const LabelledRecord& record,
                                           const Recording& recording) {
  AnalysisOptions options = record.analysis;
  std::vector<std::string> known;
  for (const RecordedChannel& channel : recording.channels) known.push_back(channel.name);
  const auto is_known = [&](const std::string& name) {
    return std::any_of(known.begin(), known.end(), [&](const std::string& channel) {
      return absl::EqualsIgnoreCase(channel, name);
    });
  };
  std::vector<std::string> named;
  const std::vector<std::string> parts = absl::StrSplit(SplitUnit(record.channel).name, ';');
  for (const std::string& part : parts) named.push_back(SplitUnit(part).name);
  if (std::all_of(named.begin(), named.end(), is_known)) options.channels = named;
  const bool is_one_name =
      !record.channel.empty() && record.channel.find_first_of(" ;,(.") == std::string::npos;
  if (is_one_name && options.channels.empty() && known.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(recording.source, " has no channel \"",
                                                   record.channel, "\"; it has ",
                                                   absl::StrJoin(known, ", ")));
  }
  const bool file_says = std::any_of(recording.channels.begin(), recording.channels.end(),
                                     [](const auto& channel) { return !channel.unit.empty(); });
  if (options.unit.empty() && !file_says) options.unit = record.unit_elsewhere;
  if (!(options.rate_hz > 0) && !(recording.sample_rate_hz > 0) &&
      recording.clock_problem.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(recording.source, ": neither the file nor the row says its sampling rate",
                     record.rate_text.empty() ? "" : absl::StrCat(" (\"", record.rate_text, "\")"),
                     "; write samples a second in the column sampling_hz, or give --rate-hz"));
  }
  return options;
}

}  // namespace auscult::cli
