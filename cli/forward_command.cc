#include "cli/forward_command.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/feature_forwarder.h"
#include "cli/forward_folder.h"
#include "cli/forward_intake.h"
#include "cli/forward_status.h"
#include "cli/forward_stream.h"
#include "cli/forwarder.h"
#include "cli/send_flags.h"
#include "cli/spool.h"
#include "cli/waveform_sender.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Send the recordings of a site as they come, from a folder or from standard input (-). They "
    "wait\nin a spool on disk while the server is away, and are stored once.";

struct ForwardOptions {
  ForwardFolderOptions folder;
  std::string spool;
  Spool::Limits limits;
  ForwardIntake::WhenFull when_full = ForwardIntake::WhenFull::kStop;
  std::string rejects;
  std::string input = "json";
  WaveformSender::Limits sending;
  size_t on_way_of_point = 1;
  bool features_only = false;
  int samples_every = 24;
  int status_every_s = 60;
  bool json = false;
};

std::atomic<bool> signalled{false};

void TakeSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int /*signal_number*/) { signalled = true; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// Looks for signals, keeps the status of the spool up to date, and says a line now and then.
void Attend(ForwardState& state, const ForwardOptions& options, const ServerOptions& server,
            const std::atomic<bool>& ended) {
  absl::Time next_status = absl::InfinitePast();
  absl::Time next_line = absl::Now() + absl::Seconds(options.status_every_s);
  while (!ended) {
    if (signalled && !state.stopping()) state.Stop();
    if (absl::Now() >= next_status) {
      (void)state.spool().SyncRemovals();
      WriteForwardStatus(options.spool, state.Json(server.address, options.limits.bytes));
      next_status = absl::Now() + absl::Seconds(1);
    }
    if (options.status_every_s > 0 && absl::Now() >= next_line) {
      state.Say(state.Line());
      next_line = absl::Now() + absl::Seconds(options.status_every_s);
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
  (void)state.spool().SyncRemovals();
  WriteForwardStatus(options.spool, state.Json(server.address, options.limits.bytes));
}

absl::StatusOr<std::unique_ptr<ForwardInput>> OpenInput(const ForwardOptions& options) {
  if (options.folder.folder == "-") {
    return OpenForwardStream(0, options.input == "json" ? ForwardStreamFormat::kJsonLines
                                                        : ForwardStreamFormat::kDelimited);
  }
  std::error_code error;
  if (!std::filesystem::is_directory(options.folder.folder, error)) {
    return WrongUse(absl::StrCat(options.folder.folder, " is no folder"));
  }
  ForwardFolderOptions folder = options.folder;
  folder.journal = options.spool + "/taken";
  using Done = ForwardFolderOptions::Done;
  if (!folder.done_folder.empty()) folder.done = Done::kMove;
  if (folder.done == Done::kMove) {
    std::filesystem::create_directories(folder.done_folder, error);
    if (error) return absl::ErrnoToStatus(error.value(), folder.done_folder);
  }
  for (const std::string& inside : {folder.done_folder, options.spool, options.rejects}) {
    if (inside.empty()) continue;
    folder.excluded.push_back(std::filesystem::weakly_canonical(inside, error).string());
  }
  return std::make_unique<ForwardFolder>(std::move(folder));
}

std::unique_ptr<Forwarder> OpenForwarder(ForwardState& state, const ForwardOptions& options,
                                         const ServerOptions& server) {
  if (!options.features_only) {
    return std::make_unique<Forwarder>(state, server, options.sending);
  }
  return std::make_unique<FeatureForwarder>(state, server, options.sending, options.samples_every);
}

// Runs what takes in beside what sends.
absl::Status Forward(ForwardState& state, const ForwardOptions& options,
                     const ServerOptions& server) {
  absl::StatusOr<std::unique_ptr<ForwardInput>> input = OpenInput(options);
  if (!input.ok()) return input.status();
  std::atomic<bool> ended{false};
  std::thread attending([&] { Attend(state, options, server, ended); });
  absl::Status taken;
  std::thread taking([&] {
    ForwardIntake intake(state, options.when_full);
    taken = (*input)->Run(intake);
    state.EndInput();
  });
  OpenForwarder(state, options, server)->Run();
  taking.join();
  ended = true;
  attending.join();
  return taken;
}

absl::Status Run(ForwardOptions options, const ServerOptions& server, const Terminal& terminal) {
  if (options.folder.folder.empty()) return WrongUse("name a FOLDER, or - for standard input");
  if (options.spool.empty()) return WrongUse("--spool: say where records wait");
  if (options.rejects.empty()) options.rejects = options.spool + "/rejects";
  if (options.folder.folder != "-" && options.folder.send.point.empty()) {
    return WrongUse("--point: say which point the recordings belong to, as demo/{folder}");
  }
  options.limits.segment_bytes =
      std::min(options.limits.segment_bytes, std::max<int64_t>(1, options.limits.bytes / 8));
  std::mutex speaking;
  const auto say = [&](const std::string& line) {
    const std::lock_guard lock(speaking);
    terminal.err << "auscult forward: " << line << std::endl;
  };
  absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options.spool, options.limits, say);
  if (!spool.ok()) return spool.status();
  ForwardState state(**spool, options.on_way_of_point, options.rejects, say);
  TakeSignals();
  const absl::Status status = Forward(state, options, server);
  say(absl::StrCat("ended: ", state.Line()));
  if (options.json) terminal.out << state.Json(server.address, options.limits.bytes);
  if (!status.ok() || state.stopping()) return status;
  const int64_t failed = state.counts().rejected + state.counts().unreadable;
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(failed, " records or files were not stored; they are in ", options.rejects));
}

void AddFolderOptions(CLI::App& command, ForwardFolderOptions& options) {
  const std::string group = "Recordings of a folder";
  command
      .add_option("--point", options.send.point,
                  "Point that they belong to (demo/pump-1/de); {folder} is the folder of the file "
                  "within FOLDER, {name} its name up to the first dot: demo/{folder}")
      ->group(group)
      ->type_name("NAME");
  AddSendFlags(command, options.send, options.sidecar, group);
  command
      .add_option("--settle-s", options.settle_s,
                  "A file is taken when it has not changed for so long")
      ->check(CLI::NonNegativeNumber)
      ->group(group)
      ->capture_default_str();
  const std::map<std::string, ForwardFolderOptions::Done> done = {
      {"remove", ForwardFolderOptions::Done::kRemove}, {"keep", ForwardFolderOptions::Done::kKeep}};
  command.add_option("--done", options.done, "What becomes of files that were taken: remove, keep")
      ->transform(CLI::CheckedTransformer(done))
      ->group(group);
  command.add_option("--move-to", options.done_folder, "Move files that were taken to this folder")
      ->group(group)
      ->type_name("FOLDER");
  command.add_flag("--once", options.once, "Send what is there, and end when it is stored")
      ->group(group);
}

void AddSpoolOptions(CLI::App& command, ForwardOptions& options) {
  const std::string group = "Spool";
  command.add_option("--spool", options.spool, "Folder of the spool")
      ->group(group)
      ->type_name("FOLDER");
  command.add_option("--spool-size", options.limits.bytes, "What it takes of the disk; 10GB")
      ->transform(CLI::AsSizeValue(true))
      ->group(group)
      ->type_name("SIZE");
  const std::map<std::string, ForwardIntake::WhenFull> when = {
      {"stop", ForwardIntake::WhenFull::kStop},
      {"drop-oldest", ForwardIntake::WhenFull::kDropOldest}};
  command
      .add_option("--when-full", options.when_full,
                  "stop: let files and standard input wait; drop-oldest: forget the oldest record")
      ->transform(CLI::CheckedTransformer(when))
      ->group(group);
  command.add_option("--rejects", options.rejects, "Where refused records go; SPOOL/rejects")
      ->group(group)
      ->type_name("FOLDER");
}

}  // namespace

void AddForward(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ForwardOptions>();
  CLI::App* group = app.add_subcommand("forward", kDescription);
  group->require_subcommand(0, 1);
  AddForwardStatus(*group, chosen);
  group->add_option("FOLDER", options->folder.folder,
                    "Folder that is watched, or - for standard input");
  AddFolderOptions(*group, options->folder);
  AddSpoolOptions(*group, *options);
  group
      ->add_option("--input", options->input,
                   "Form of standard input: json, a record a line, or delimited, protobuf messages "
                   "behind their sizes")
      ->check(CLI::IsMember({"json", "delimited"}))
      ->capture_default_str();
  group->add_option("--in-flight", options->sending.records, "Records on their way at most")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  group
      ->add_option("--in-flight-of-point", options->on_way_of_point,
                   "Of one point; more than one is faster for few points, but an overloaded server "
                   "may then take them out of order")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  group->add_flag("--features-only", options->features_only,
                  "Extract features here and send them; samples follow where they are of interest");
  group
      ->add_option(
          "--samples-every", options->samples_every,
          "With --features-only, send the samples of every n-th record of a point; 0 = none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  group
      ->add_option("--status-every-s", options->status_every_s,
                   "A line about it so often; 0 = none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  group->add_flag("--json", options->json, "At the end, print the status as one JSON object");
  group->callback([options, &server, &chosen] {
    if (chosen) return;
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
