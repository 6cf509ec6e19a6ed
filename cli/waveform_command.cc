#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/spectrum_picture.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

constexpr size_t kPictureHeight = 12;

struct WaveformOptions {
  std::string point;
  std::string at;
  std::string channel;
  bool list = false;
  bool keep = false;
  int max_points = 0;
  bool json = false;
};

std::string ReasonText(v1::KeptFor kept_for) {
  switch (kept_for) {
    case v1::KEPT_FOR_BEING_RECENT:
      return "recent";
    case v1::KEPT_FOR_BEING_NTH:
      return "every n-th";
    case v1::KEPT_FOR_ALARM:
      return "alarm";
    case v1::KEPT_FOR_HISTORY_OF_ALARM:
      return "before an alarm";
    case v1::KEPT_FOR_NOVELTY:
      return "novelty";
    case v1::KEPT_FOR_REQUEST:
      return "request";
    default:
      return "";
  }
}

void PrintList(const v1::ListWaveformsResponse& response, const Terminal& terminal) {
  if (response.waveforms().empty()) {
    terminal.out << "No record of this point has its samples.\n";
    return;
  }
  Table table({{"measured"},
               {"kept for"},
               {"channels"},
               {"samples", Align::kRight},
               {"rate Hz", Align::kRight},
               {"bytes", Align::kRight},
               {"stored", Align::kRight}});
  for (const v1::StoredWaveform& stored : response.waveforms()) {
    table.AddRow({TimeText(stored.measured_at()), ReasonText(stored.kept_for()),
                  absl::StrJoin(stored.channels(), " "), ShownCount(stored.sample_count()),
                  Shown(stored.sample_rate_hz()), ShownCount(stored.size_bytes()),
                  ShownCount(stored.stored_bytes())});
  }
  terminal.out << table.Render();
  if (!response.next_page_token().empty()) terminal.out << "... and older ones\n";
}

absl::Status List(const WaveformOptions& options, const ServerOptions& server,
                  const Terminal& terminal) {
  v1::ListWaveformsRequest request;
  request.set_parent(ResourceName(options.point));
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::ListWaveformsResponse response;
  const grpc::Status status =
      v1::TrendService::NewStub(OpenChannel(server))->ListWaveforms(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.json) {
    terminal.out << MessageJson(response);
  } else {
    PrintList(response, terminal);
  }
  return absl::OkStatus();
}

absl::Status Keep(const WaveformOptions& options, const absl::Time at, const ServerOptions& server,
                  const Terminal& terminal) {
  v1::KeepWaveformRequest request;
  request.set_point(ResourceName(options.point));
  *request.mutable_measured_at() = TimestampOf(at);
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::StoredWaveform kept;
  const grpc::Status status =
      v1::TrendService::NewStub(OpenChannel(server))->KeepWaveform(&context, request, &kept);
  if (!status.ok()) return ErrorOf(status, server);
  terminal.out << (options.json ? MessageJson(kept) : "The samples stay.\n");
  return absl::OkStatus();
}

void PrintPicture(const v1::GetWaveformResponse& response, const Terminal& terminal) {
  const std::span<const float> min(response.min().data(), static_cast<size_t>(response.min_size()));
  const std::span<const float> max =
      response.max().empty()
          ? min
          : std::span(response.max().data(), static_cast<size_t>(response.max_size()));
  if (min.empty()) return;
  terminal.out << CurvePicture(min, max, static_cast<size_t>(terminal.width), kPictureHeight)
               << Shown(*std::min_element(min.begin(), min.end())) << " to "
               << Shown(*std::max_element(max.begin(), max.end())) << " " << response.unit()
               << " over " << Shown(response.seconds_per_value() * static_cast<double>(min.size()))
               << " s\n";
}

absl::Status Show(const WaveformOptions& options, std::optional<absl::Time> at,
                  const ServerOptions& server, const Terminal& terminal) {
  const auto trends = v1::TrendService::NewStub(OpenChannel(server));
  v1::GetWaveformRequest request;
  request.set_point(ResourceName(options.point));
  if (at) *request.mutable_measured_at() = TimestampOf(*at);
  request.set_channel(options.channel);
  request.set_max_points(options.max_points > 0 ? options.max_points
                         : options.json         ? 0
                                                : terminal.width);
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::GetWaveformResponse response;
  const grpc::Status status = trends->GetWaveform(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.json) {
    terminal.out << MessageJson(response);
    return absl::OkStatus();
  }
  v1::ListWaveformsResponse alone;
  *alone.add_waveforms() = response.stored();
  PrintList(alone, terminal);
  if (!options.channel.empty()) {
    terminal.out << "\n";
    PrintPicture(response, terminal);
  }
  return absl::OkStatus();
}

absl::Status Run(const WaveformOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  if (options.list) return List(options, server, terminal);
  std::optional<absl::Time> at;
  if (!options.at.empty()) {
    absl::StatusOr<absl::Time> given = ParseTimeOption("--at", options.at);
    if (!given.ok()) return given.status();
    at = *given;
  }
  if (!options.keep) return Show(options, at, server, terminal);
  if (!at) return WrongUse("--keep: say which record with --at");
  return Keep(options, *at, server, terminal);
}

}  // namespace

void AddWaveform(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<WaveformOptions>();
  CLI::App* command = app.add_subcommand("waveform",
                                         "Show a stored record of a point (demo/pump-1/de): with "
                                         "--channel its picture, with --json and "
                                         "without --channel the\nsamples as they were sent.");
  command->add_option("POINT", options->point, "Point")->required();
  command
      ->add_option("--at", options->at, "Record of this time; without it the newest with samples")
      ->type_name("TIME");
  command->add_option("--channel", options->channel, "Channel")->type_name("NAME");
  command->add_option("--max-points", options->max_points, "Pixels of the picture")
      ->check(CLI::Range(1, 100000));
  CLI::Option* list =
      command->add_flag("--list", options->list, "List the records that have their samples");
  command->add_flag("--keep", options->keep, "Keep the samples of the record for good")
      ->excludes(list);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
