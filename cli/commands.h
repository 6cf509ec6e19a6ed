#pragma once

#include <string>

#include "cli/command.h"

namespace CLI {
class App;
}

namespace auscult::cli {

// What every command that asks a server knows.
struct ServerOptions {
  std::string address = "127.0.0.1:7070";
  std::string key_file;   // holds the key or token to show to it
  std::string key;        // what it holds, or the variable AUSCULT_KEY; "": none is shown
  bool tls = false;       // also with any of the files; who signs is known to the system, or in:
  std::string ca;         // PEM
  std::string cert;       // PEM of the client's own, with `cert_key`
  std::string cert_key;   // PEM of its private key, which nobody else may read
  bool insecure = false;  // another machine is spoken to without TLS
};

// Each adds one subcommand with its options to `app`, and sets `chosen` when the command line names
// it. `app`, `chosen` and `server` outlive the parse and the action.
void AddAnalyze(CLI::App& app, Action& chosen);
void AddEvaluate(CLI::App& app, Action& chosen);
void AddEvaluateProcess(CLI::App& app, Action& chosen);
void AddTrain(CLI::App& app, Action& chosen);
void AddFeatures(CLI::App& app, Action& chosen);
void AddBearings(CLI::App& app, Action& chosen);
void AddApply(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddIngest(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddReplay(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddExport(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddImport(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddSpectrum(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddWaveform(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddAssets(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddAlarms(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddPoints(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddTrend(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddHealth(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddDiagnose(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddExplain(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddMaintenance(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddLimits(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddBaselines(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddModels(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddRetention(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddQuotas(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddAudit(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddStorage(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddBackup(CLI::App& app, Action& chosen);
void AddSchedules(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddRescore(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddOperations(CLI::App& app, const ServerOptions& server, Action& chosen);
void AddKeys(CLI::App& app, const ServerOptions& server, Action& chosen);

}  // namespace auscult::cli
