#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/read_recording.h"
#include "cli/send_flags.h"
#include "cli/server_channel.h"
#include "cli/waveform_message.h"

namespace auscult::cli {
namespace {

struct IngestOptions {
  std::string file;
  std::string sidecar;
  int64_t record = 0;
  std::string measured_at;
  SendOptions send;
  bool json = false;
};

absl::StatusOr<v1::Waveform> WaveformOfFile(const IngestOptions& options) {
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenRecordFile(options.file, options.sidecar);
  if (!file.ok()) return file.status();
  if (options.record >= (*file)->record_count()) {
    return WrongUse(absl::StrCat("--record: ", options.file, " holds ", (*file)->record_count(),
                                 " record(s), counted from 0"));
  }
  absl::StatusOr<Recording> recording = (*file)->Read(options.record);
  if (!recording.ok()) return recording.status();
  absl::Time measured_at = recording->measured_at.value_or(absl::Now());
  std::string error;
  if (!options.measured_at.empty() &&
      !absl::ParseTime(absl::RFC3339_full, options.measured_at, &measured_at, &error)) {
    return WrongUse(absl::StrCat("--measured-at: \"", options.measured_at,
                                 "\" is not a time like 2010-12-01T06:00:00Z"));
  }
  SendOptions send = options.send;
  send.point = ResourceName(send.point);
  return WaveformOf(*recording, send, measured_at);
}

void PrintResult(const v1::IngestResult& result, const Terminal& terminal) {
  const v1::PointHealth& health = result.health();
  const bool duplicate = result.outcome() == v1::IngestResult::OUTCOME_DUPLICATE;
  terminal.out << (duplicate ? "Stored before; nothing changed.\n" : "Stored.\n") << "condition  "
               << Coloured(ConditionText(health.condition()), ColourOf(health.condition()),
                           terminal.out_is_terminal)
               << "\nhealth     " << IndexText(health) << "\nverdict    "
               << FaultText(health.verdict()) << "\n";
  for (const std::string& flag : result.quality()) terminal.out << "quality    " << flag << "\n";
  for (const v1::Evidence& evidence : health.evidence()) {
    terminal.out << (evidence.supports() ? "         + " : "         - ") << evidence.text()
                 << "\n";
  }
}

absl::Status Run(const IngestOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  absl::StatusOr<v1::Waveform> waveform = WaveformOfFile(options);
  if (!waveform.ok()) return waveform.status();
  v1::IngestWaveformRequest request;
  *request.mutable_waveform() = *std::move(waveform);
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::IngestWaveformResponse response;
  const grpc::Status status =
      v1::IngestService::NewStub(OpenChannel(server))->IngestWaveform(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.json) {
    terminal.out << MessageJson(response);
  } else {
    PrintResult(response.result(), terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddIngest(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<IngestOptions>();
  CLI::App* command =
      app.add_subcommand("ingest", "Send one recording to a point and show what comes back.");
  command->add_option("FILE", options->file, "The recording")->required();
  command->add_option("--point", options->send.point, "Point, as demo/pump-1/de")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--measured-at", options->measured_at,
                   "Time of the first sample (RFC 3339); without it as the file says, else now")
      ->type_name("TIME");
  AddSendFlags(*command, options->send, options->sidecar);
  command->add_option("--record", options->record, "Which record of a file that holds many, from 0")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
