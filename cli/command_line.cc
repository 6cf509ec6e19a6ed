#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.h"
#include "cli/forward_command.h"
#include "cli/nearest_name.h"
#include "cli/server_key.h"
#include "cli/server_security.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Auscult listens to machines and says how they are. This program judges recordings offline and "
    "talks to a server (auscultd).";
constexpr char kFooter[] =
    "Exit codes: 0 done, 1 failed, 2 wrong use. \"auscult COMMAND --help\" shows the options of a "
    "command.";
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

void AddOfflineCommands(CLI::App& app, Action& chosen) {
  AddAnalyze(app, chosen);
  AddEvaluate(app, chosen);
  AddEvaluateProcess(app, chosen);
  AddTrain(app, chosen);
  AddFeatures(app, chosen);
  AddBearings(app, chosen);
}

void AddServerCommands(CLI::App& app, const ServerOptions& server, Action& chosen) {
  AddApply(app, server, chosen);
  AddAssets(app, server, chosen);
  AddPoints(app, server, chosen);
  AddTrend(app, server, chosen);
  AddSpectrum(app, server, chosen);
  AddWaveform(app, server, chosen);
  AddExport(app, server, chosen);
  AddImport(app, server, chosen);
  AddAlarms(app, server, chosen);
  AddHealth(app, server, chosen);
  AddDiagnose(app, server, chosen);
  AddExplain(app, server, chosen);
  AddMaintenance(app, server, chosen);
  AddLimits(app, server, chosen);
  AddBaselines(app, server, chosen);
  AddIngest(app, server, chosen);
  AddForward(app, server, chosen);
  AddReplay(app, server, chosen);
  AddModels(app, server, chosen);
  AddSchedules(app, server, chosen);
  AddRescore(app, server, chosen);
  AddOperations(app, server, chosen);
  AddRetention(app, server, chosen);
  AddQuotas(app, server, chosen);
  AddAudit(app, server, chosen);
  AddStorage(app, server, chosen);
  AddKeys(app, server, chosen);
}

void AddServerOptions(CLI::App& app, ServerOptions& server) {
  app.add_option("--server", server.address, "Where auscultd listens")
      ->envname("AUSCULT_SERVER")
      ->capture_default_str();
  app.add_option("--key-file", server.key_file,
                 "File of mode 600 with the key to show to it; else the variable AUSCULT_KEY");
  app.add_flag("--tls", server.tls, "Speak TLS to it; --ca and --cert do too")
      ->envname("AUSCULT_TLS");
  app.add_option("--ca", server.ca, "Who signs its certificate (PEM); else whom the system trusts")
      ->envname("AUSCULT_CA");
  app.add_option("--cert", server.cert, "Certificate to show to it (PEM), with --cert-key")
      ->envname("AUSCULT_CERT");
  app.add_option("--cert-key", server.cert_key, "Private key of --cert (PEM)")
      ->envname("AUSCULT_CERT_KEY");
  app.add_flag("--insecure", server.insecure, "Speak to another machine without TLS")
      ->envname("AUSCULT_INSECURE");
}

// What CLI11 says, and the command or option that was probably meant.
std::string Complaint(const CLI::App& app, const CLI::ParseError& error,
                      const std::vector<std::string>& arguments) {
  std::string text = error.what();
  const auto given = app.get_subcommands();
  std::vector<std::string> known;
  const CLI::App& level = given.empty() ? app : *given.front();
  for (const CLI::App* command : level.get_subcommands(nullptr))
    known.push_back(command->get_name());
  for (const CLI::Option* option : level.get_options()) known.push_back(option->get_name());
  for (const std::string& argument : arguments) {
    const std::string word = argument.substr(0, argument.find('='));
    if (text.find(word) == std::string::npos && !given.empty()) continue;
    const std::string nearest = NearestName(word, known);
    if (nearest.empty() || nearest == word) continue;
    return text + "\nDid you mean \"" + nearest + "\"?";
  }
  return text;
}

int Report(const absl::Status& status, const Terminal& terminal) {
  if (status.ok()) return 0;
  terminal.err << Coloured("auscult:", Colour::kRed, terminal.err_is_terminal) << " "
               << status.message() << "\n";
  return IsWrongUse(status) ? kWrongUse : kFailed;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, const Terminal& terminal) {
  CLI::App app(kDescription, "auscult");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", "auscult " AUSCULT_VERSION);
  ServerOptions server;
  AddServerOptions(app, server);
  Action offline, asking;
  AddOfflineCommands(app, offline);
  AddServerCommands(app, server, asking);
  AddBackup(app, offline);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    app.exit(request, terminal.out, terminal.err);
    return 0;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    terminal.err << "auscult: " << Complaint(app, error, arguments) << "\n"
                 << "\"auscult --help\" shows the commands.\n";
    return kWrongUse;
  }
  if (offline) return Report(offline(terminal), terminal);
  absl::Status usable = CheckServerOptions(server);
  if (usable.ok()) usable = FindKey(server);
  return Report(usable.ok() ? asking(terminal) : usable, terminal);
}

}  // namespace auscult::cli
