#include "cli/send_records.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/ingest_tally.h"
#include "cli/progress.h"

namespace auscult::cli {
namespace {

absl::Status SendAll(RecordSource& source, WaveformSender& sender, IngestTally& tally,
                     int64_t& bytes, const Terminal& terminal) {
  Progress progress(terminal, source.record_count());
  while (true) {
    absl::StatusOr<std::optional<v1::Waveform>> waveform = source.Next();
    if (!waveform.ok()) {
      if (IsWrongUse(waveform.status())) return waveform.status();
      tally.AddUnreadable(std::string(waveform.status().message()));
      continue;
    }
    if (!waveform->has_value()) return sender.Finish();
    bytes += static_cast<int64_t>((*waveform)->ByteSizeLong());
    if (absl::Status status = sender.Send(**std::move(waveform)); !status.ok()) return status;
    progress.Show(tally.answered());
  }
}

}  // namespace

void AddSendingOptions(CLI::App& command, WaveformSender::Limits& limits, bool& json) {
  command.add_option("--in-flight", limits.records, "Records on their way at most")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_flag("--json", json, "Print the summary as one JSON object");
}

absl::Status SendRecords(RecordSource& source, const std::shared_ptr<grpc::Channel>& channel,
                         const ServerOptions& server, WaveformSender::Limits limits, bool json,
                         const Terminal& terminal) {
  IngestTally tally;
  IngestTally::Rates rates;
  const absl::Time start = absl::Now();
  WaveformSender sender(channel, server, limits,
                        [&tally](uint64_t /*key*/, const std::string& point,
                                 const v1::IngestResult& result) { tally.Add(point, result); });
  const absl::Status status = SendAll(source, sender, tally, rates.bytes, terminal);
  rates.elapsed_s = absl::ToDoubleSeconds(absl::Now() - start);
  rates.reconnects = sender.reconnects();
  rates.resends = sender.resends();
  if (status.ok() || tally.answered() > 0) {
    terminal.out << (json ? tally.Json(rates) : tally.Text(rates, terminal));
  }
  if (!status.ok()) return status;
  if (tally.failed() == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(tally.failed(), " of ", tally.total(), " records were not stored"));
}

}  // namespace auscult::cli
