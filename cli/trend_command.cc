#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/export_table.h"
#include "cli/health_text.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/sparkline.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

constexpr int kTableRows = 24;
constexpr size_t kSparklineWidth = 60;

struct TrendOptions {
  std::vector<std::string> names;
  std::vector<std::string> series;
  std::string resolution, rescore;
  double days = 30;
  std::string start, end;
  int max_points = 0;
  bool json = false;
  bool csv = false;
  bool lttb = false;
  bool watch = false;
};

// Several names are asked for by their site.
void SetNames(const TrendOptions& options, v1::QueryTrendRequest& request) {
  const std::string first = ResourceName(options.names.front());
  request.set_name(first);
  if (options.names.size() == 1) return;
  const std::vector<std::string> parts = absl::StrSplit(first, absl::MaxSplits('/', 2));
  request.set_name(absl::StrCat(parts[0], "/", parts[1]));
  for (const std::string& name : options.names) request.add_names(ResourceName(name));
}

template <typename Request>
void AddSeries(const TrendOptions& options, Request& request) {
  for (const std::string& list : options.series) {
    for (const auto& name : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
      request.add_series(std::string(name));
    }
  }
}

absl::StatusOr<v1::QueryTrendRequest> RequestOf(const TrendOptions& options) {
  v1::QueryTrendRequest request;
  SetNames(options, request);
  AddSeries(options, request);
  if (options.lttb) request.set_decimation(v1::DECIMATION_LTTB);
  if (!options.rescore.empty()) {
    request.set_rescore(absl::StartsWith(options.rescore, "rescores/")
                            ? options.rescore
                            : absl::StrCat("rescores/", options.rescore));
  }
  v1::Resolution resolution = v1::RESOLUTION_UNSPECIFIED;
  if (!options.resolution.empty()) {
    v1::Resolution_Parse(absl::StrCat("RESOLUTION_", absl::AsciiStrToUpper(options.resolution)),
                         &resolution);
  }
  request.set_resolution(resolution);
  absl::Time end = absl::Now();
  if (!options.end.empty()) {
    absl::StatusOr<absl::Time> given = ParseTimeOption("--end", options.end);
    if (!given.ok()) return given.status();
    end = *given;
  }
  absl::Time start = end - absl::Hours(24) * options.days;
  if (!options.start.empty()) {
    absl::StatusOr<absl::Time> given = ParseTimeOption("--start", options.start);
    if (!given.ok()) return given.status();
    start = *given;
  }
  *request.mutable_start_time() = TimestampOf(start);
  *request.mutable_end_time() = TimestampOf(end);
  request.set_max_points(options.max_points > 0        ? options.max_points
                         : options.json || options.csv ? 0
                                                       : static_cast<int>(kSparklineWidth) * 4);
  return request;
}

// Values of all series by time; NaN where a series has none.
struct Rows {
  std::vector<std::string> columns;
  std::map<int64_t, std::vector<float>> by_time_us;
};

// "pump-1/de" of "sites/demo/assets/pump-1/points/de".
std::string ShortName(const std::string& source) {
  const std::vector<std::string> parts = absl::StrSplit(source, '/');
  std::string name = parts.size() > 3 ? parts[3] : source;
  if (parts.size() > 5) absl::StrAppend(&name, "/", parts[5]);
  return name;
}

// The series by its name, and where there are several sources, theirs.
std::string TitleOf(const v1::Series& series, const v1::QueryTrendResponse& response) {
  const bool one = std::all_of(
      response.series().begin(), response.series().end(),
      [&](const v1::Series& other) { return other.source() == response.series(0).source(); });
  return one ? series.name() : absl::StrCat(ShortName(series.source()), " ", series.name());
}

Rows RowsOf(const v1::QueryTrendResponse& response, bool with_extremes) {
  Rows rows;
  for (const v1::Series& series : response.series()) {
    const std::string title = TitleOf(series, response);
    rows.columns.push_back(title);
    if (with_extremes && !series.min().empty()) {
      rows.columns.push_back(title + " min");
      rows.columns.push_back(title + " max");
    }
  }
  size_t column = 0;
  for (const v1::Series& series : response.series()) {
    const bool extremes = with_extremes && !series.min().empty();
    for (int i = 0; i < std::min(series.time_us_size(), series.value_size()); ++i) {
      std::vector<float>& row = rows.by_time_us[series.time_us(i)];
      row.resize(rows.columns.size(), std::nanf(""));
      row[column] = series.value(i);
      if (extremes && i < series.min_size() && i < series.max_size()) {
        row[column + 1] = series.min(i);
        row[column + 2] = series.max(i);
      }
    }
    column += extremes ? 3 : 1;
  }
  return rows;
}

std::string RfcTime(int64_t time_us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(time_us),
                          absl::UTCTimeZone());
}

void PrintCsv(const v1::QueryTrendResponse& response, const Terminal& terminal) {
  const Rows rows = RowsOf(response, true);
  terminal.out << "time";
  for (const std::string& column : rows.columns) terminal.out << "," << CsvCell(column);
  terminal.out << "\n";
  for (const auto& [time_us, values] : rows.by_time_us) {
    terminal.out << RfcTime(time_us);
    for (const float value : values) {
      terminal.out << ",";
      if (std::isfinite(value)) terminal.out << absl::StrFormat("%.9g", Shortest(value));
    }
    terminal.out << "\n";
  }
}

nlohmann::ordered_json NumberOrNull(float value) {
  return std::isfinite(value) ? nlohmann::ordered_json(Shortest(value))
                              : nlohmann::ordered_json(nullptr);
}

std::string ResolutionText(v1::Resolution resolution) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::Resolution_Name(resolution), "RESOLUTION_"));
}

std::string TrendJson(const std::string& name, const v1::QueryTrendResponse& response) {
  using Json = nlohmann::ordered_json;
  Json json = {{"name", name}, {"series", Json::array()}, {"changes", Json::array()}};
  for (const v1::Series& series : response.series()) {
    Json points = Json::array();
    for (int i = 0; i < std::min(series.time_us_size(), series.value_size()); ++i) {
      Json point = {{"time", RfcTime(series.time_us(i))}, {"value", NumberOrNull(series.value(i))}};
      if (i < series.min_size() && i < series.max_size()) {
        point["min"] = NumberOrNull(series.min(i));
        point["max"] = NumberOrNull(series.max(i));
      }
      points.push_back(std::move(point));
    }
    json["series"].push_back({{"source", series.source()},
                              {"name", series.name()},
                              {"unit", series.unit()},
                              {"resolution", ResolutionText(series.resolution())},
                              {"record_count", series.record_count()},
                              {"points", std::move(points)}});
  }
  for (const v1::ConditionChange& change : response.changes()) {
    json["changes"].push_back({{"time", RfcTime(absl::ToUnixMicros(TimeOf(change.time())))},
                               {"from", ConditionText(change.from())},
                               {"to", ConditionText(change.to())},
                               {"verdict", FaultText(change.verdict())},
                               {"summary", change.summary()}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Means over at most kTableRows equal runs of rows, so that a table shows the whole period.
void PrintRows(const v1::QueryTrendResponse& response, const Terminal& terminal) {
  const Rows rows = RowsOf(response, false);
  std::vector<Table::Column> columns = {{"from"}};
  for (const v1::Series& series : response.series()) {
    columns.push_back({absl::StrCat(TitleOf(series, response),
                                    series.unit().empty() ? "" : absl::StrCat(" ", series.unit())),
                       Align::kRight});
  }
  Table table(std::move(columns));
  const std::vector<std::pair<int64_t, std::vector<float>>> list(rows.by_time_us.begin(),
                                                                 rows.by_time_us.end());
  const size_t count = std::min<size_t>(kTableRows, list.size());
  for (size_t r = 0; r < count; ++r) {
    const size_t begin = r * list.size() / count;
    const size_t end = (r + 1) * list.size() / count;
    std::vector<std::string> cells = {TimeText(absl::FromUnixMicros(list[begin].first))};
    for (size_t c = 0; c < rows.columns.size(); ++c) {
      double sum = 0;
      int known = 0;
      for (size_t i = begin; i < end; ++i) {
        if (std::isnan(list[i].second[c])) continue;
        sum += list[i].second[c];
        ++known;
      }
      cells.push_back(known == 0 ? "-" : Shown(sum / known));
    }
    table.AddRow(std::move(cells));
  }
  terminal.out << table.Render();
}

void PrintSparklines(const v1::QueryTrendResponse& response, const Terminal& terminal) {
  Table table({{""}, {""}, {"", Align::kRight}, {""}, {""}});
  for (const v1::Series& series : response.series()) {
    const std::vector<float> values(series.value().begin(), series.value().end());
    if (values.empty()) continue;
    table.AddRow({Coloured(TitleOf(series, response), Colour::kBold, terminal.out_is_terminal),
                  series.unit(), Shown(values.front()), Sparkline(values, kSparklineWidth),
                  absl::StrCat(Shown(values.back()), "  (", ShownCount(series.record_count()),
                               " records)")});
  }
  terminal.out << table.Render() << "\n";
}

void PrintTrend(const v1::QueryTrendRequest& request, const v1::QueryTrendResponse& response,
                const Terminal& terminal) {
  const bool empty = std::all_of(response.series().begin(), response.series().end(),
                                 [](const v1::Series& series) { return series.value().empty(); });
  if (empty) {
    terminal.out << "No records of " << request.name() << " from " << TimeText(request.start_time())
                 << " to " << TimeText(request.end_time())
                 << "; --days or --start looks further back.\n";
    return;
  }
  PrintSparklines(response, terminal);
  PrintRows(response, terminal);
  if (response.changes().empty()) return;
  terminal.out << "\n";
  for (const v1::ConditionChange& change : response.changes()) {
    terminal.out << TimeText(change.time()) << "  " << ConditionText(change.from()) << " -> "
                 << Coloured(ConditionText(change.to()), ColourOf(change.to()),
                             terminal.out_is_terminal)
                 << (change.summary().empty() ? "" : "  ") << change.summary() << "\n";
  }
}

// A line for each value, until it is stopped.
absl::Status Watch(const TrendOptions& options, const ServerOptions& server,
                   const Terminal& terminal) {
  if (options.names.size() > 1) {
    return absl::InvalidArgumentError(
        "--watch follows one point, or with - all of a machine (demo/pump-1/-)");
  }
  v1::WatchTrendRequest request;
  request.set_name(ResourceName(options.names.front()));
  AddSeries(options, request);
  if (!options.start.empty()) {
    const absl::StatusOr<absl::Time> start = ParseTimeOption("--start", options.start);
    if (!start.ok()) return start.status();
    *request.mutable_after_time() = TimestampOf(*start);
  }
  grpc::ClientContext context;
  const auto stub = v1::TrendService::NewStub(OpenChannel(server));
  const auto stream = stub->WatchTrend(&context, request);
  v1::WatchTrendResponse news;
  if (options.csv) terminal.out << "time,source,series,value,unit\n";
  while (stream->Read(&news)) {
    for (const v1::Series& series : news.series()) {
      for (int i = 0; i < std::min(series.time_us_size(), series.value_size()); ++i) {
        const std::string value = absl::StrFormat("%.9g", Shortest(series.value(i)));
        terminal.out << absl::StrJoin({RfcTime(series.time_us(i)), ShortName(series.source()),
                                       series.name(), value, series.unit()},
                                      options.csv ? "," : "  ")
                     << "\n";
      }
    }
    terminal.out.flush();
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? absl::OkStatus() : ErrorOf(status, server);
}

absl::Status Run(const TrendOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  if (options.watch) return Watch(options, server, terminal);
  absl::StatusOr<v1::QueryTrendRequest> request = RequestOf(options);
  if (!request.ok()) return request.status();
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::QueryTrendResponse response;
  const grpc::Status status =
      v1::TrendService::NewStub(OpenChannel(server))->QueryTrend(&context, *request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.json) {
    terminal.out << TrendJson(request->name(), response);
  } else if (options.csv) {
    PrintCsv(response, terminal);
  } else {
    PrintTrend(*request, response, terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddTrend(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<TrendOptions>();
  CLI::App* command = app.add_subcommand(
      "trend",
      "Show health and features of points (demo/pump-1/de) over time, or the readings "
      "of machines.");
  command
      ->add_option("NAME", options->names,
                   "Points, assets for readings, or with - every one (demo/-/-)")
      ->required();
  command
      ->add_option("--series", options->series,
                   "health, severity, features (H/kurtosis names the channel), * for all of these, "
                   "or readings, separated by commas")
      ->type_name("A,B");
  command->add_option("--days", options->days, "How far back from --end")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--start", options->start, "From this time on")->type_name("TIME");
  command->add_option("--end", options->end, "Up to this time; without it, now")->type_name("TIME");
  command
      ->add_option("--max-points", options->max_points,
                   "Ask for at most so many; the server averages what is more")
      ->check(CLI::Range(1, 100000));
  command
      ->add_option("--resolution", options->resolution,
                   "Made from records, hours or days; without it what the period needs")
      ->check(CLI::IsMember({"records", "hours", "days"}));
  command->add_flag("--lttb", options->lttb, "Single values that keep the shape, not averages");
  command->add_option("--rescore", options->rescore, "What this re-scoring found")
      ->type_name("NUMBER");
  command->add_flag("--watch", options->watch, "Print new values as they come, until stopped");
  CLI::Option* json = command->add_flag("--json", options->json, "Print one JSON object");
  command->add_flag("--csv", options->csv, "Print a table for other programs")->excludes(json);
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
