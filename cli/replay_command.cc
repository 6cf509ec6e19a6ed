#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/file_source.h"
#include "cli/manifest.h"
#include "cli/plant_file.h"
#include "cli/replay_files.h"
#include "cli/send_flags.h"
#include "cli/send_records.h"
#include "cli/server_channel.h"
#include "cli/simulated_source.h"
#include "cli/waveform_sender.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Stream recordings to a server: a folder, a file of one or many records, a manifest (CSV with "
    "a "
    "column\n\"file\"), or the simulated machines of a site. Records carry the time of their file, "
    "of --start and\n--interval-s, or end now. Sending the same twice changes nothing.";

struct ReplayOptions {
  std::string source;
  bool simulate = false;
  std::string site;
  std::string sidecar;
  std::vector<std::string> where;
  SendOptions send;
  std::string start;
  double interval_s = 0;
  bool file_times = false;
  double days = 30;
  int samples = 16384;
  std::vector<std::string> faults;
  uint64_t seed = 1;
  WaveformSender::Limits limits;
  bool json = false;
};

absl::StatusOr<std::unique_ptr<RecordSource>> OpenSimulation(
    const ReplayOptions& options, const std::shared_ptr<grpc::Channel>& channel,
    const ServerOptions& server) {
  SimulationOptions simulation;
  if (options.site.empty()) return WrongUse("--site: say which site is simulated");
  simulation.site = ResourceName(options.site);
  simulation.days = options.days;
  if (options.interval_s > 0) simulation.interval_s = options.interval_s;
  simulation.samples = options.samples;
  simulation.seed = options.seed;
  for (const std::string& text : options.faults) {
    absl::StatusOr<GrowingFault> fault = ParseGrowingFault(text, simulation.site);
    if (!fault.ok()) return fault.status();
    simulation.faults.push_back(*std::move(fault));
  }
  return SimulatedSource::Create(channel, server, simulation);
}

absl::StatusOr<ReplayClock> ClockOf(const ReplayOptions& options) {
  ReplayClock clock;
  clock.interval_s = options.interval_s;
  clock.file_times = options.file_times;
  if (options.start.empty()) return clock;
  absl::Time start;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, options.start, &start, &error)) {
    return WrongUse(
        absl::StrCat("--start: \"", options.start, "\" is not a time like 2010-12-01T06:00:00Z"));
  }
  clock.start = start;
  return clock;
}

absl::StatusOr<std::unique_ptr<RecordSource>> OpenFiles(const ReplayOptions& options) {
  absl::StatusOr<ReplayClock> clock = ClockOf(options);
  if (!clock.ok()) return clock.status();
  SendOptions send = options.send;
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(options.source, error);
  absl::StatusOr<std::vector<ReplayFile>> files;
  if (!is_folder && IsManifest(options.source)) {
    files = ReplayFilesOf(options.source, send, options.where);
    for (size_t i = 0; files.ok() && i < files->size(); ++i) {
      (*files)[i].send.point = ResourceName((*files)[i].send.point);
    }
  } else {
    if (send.point.empty()) return WrongUse("--point: say which point the records belong to");
    send.point = ResourceName(send.point);
    if (is_folder) {
      files = FilesOfFolder(options.source, send);
    } else {
      files = std::vector<ReplayFile>{{options.source, send, std::nullopt}};
    }
  }
  if (!files.ok()) return files.status();
  return std::make_unique<FileSource>(*std::move(files), options.sidecar, *clock);
}

absl::Status Run(const ReplayOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  if (options.source.empty() == !options.simulate) {
    return WrongUse("name either a SOURCE of recordings or --simulate");
  }
  const std::shared_ptr<grpc::Channel> channel = OpenChannel(server);
  absl::StatusOr<std::unique_ptr<RecordSource>> source =
      options.simulate ? OpenSimulation(options, channel, server) : OpenFiles(options);
  if (!source.ok()) return source.status();
  return SendRecords(**source, channel, server, options.limits, options.json, terminal);
}

void AddSourceOptions(CLI::App& command, ReplayOptions& options) {
  const std::string group = "Recordings";
  command
      .add_option("--point", options.send.point,
                  "Point that the records belong to (demo/pump-1/de); for a manifest, names of "
                  "columns in braces are replaced: lab/{dataset}/{record_id}")
      ->group(group)
      ->type_name("NAME");
  command.add_option("--where", options.where, "Only rows of the manifest in which COLUMN is TEXT")
      ->group(group)
      ->type_name("COLUMN=TEXT");
  AddSendFlags(command, options.send, options.sidecar, group);
  command.add_option("--start", options.start, "Time of the first record (RFC 3339)")
      ->group(group)
      ->type_name("TIME");
  command
      .add_option("--interval-s", options.interval_s,
                  "Time between records that carry none; 3600 where the file says nothing")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_flag("--file-times", options.file_times, "Take the time of last change of each file")
      ->group(group);
}

void AddSimulationOptions(CLI::App& command, ReplayOptions& options) {
  const std::string group = "Simulation";
  command
      .add_flag("--simulate", options.simulate,
                "Simulate every acceleration and current point of a site")
      ->group(group);
  command.add_option("--site", options.site, "The site to simulate")->group(group);
  command.add_option("--days", options.days, "Length of the period, which ends now")
      ->check(CLI::PositiveNumber)
      ->group(group)
      ->capture_default_str();
  command
      .add_option(
          "--fault", options.faults,
          "A fault that grows: demo/pump-2:inner_race, or with the share of the period where "
          "it begins and the severity at its end, demo/pump-2:inner_race:0.35:1")
      ->group(group)
      ->type_name("ASSET:FAULT");
  command.add_option("--samples", options.samples, "Samples of each record")
      ->check(CLI::Range(256, 4 << 20))
      ->group(group)
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Other seeds give other machines")
      ->group(group)
      ->capture_default_str();
}

}  // namespace

void AddReplay(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = app.add_subcommand("replay", kDescription);
  command->add_option("SOURCE", options->source, "Folder, recording or manifest");
  AddSourceOptions(*command, *options);
  AddSimulationOptions(*command, *options);
  AddSendingOptions(*command, options->limits, options->json);
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
