#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"

namespace auscult::cli {
namespace {

struct BackupOptions {
  std::string folder, data_dir, service_user, config;
};

// The server program beside this one, or else by PATH.
std::string ServerProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "auscultd";
  return !error && access(beside.c_str(), X_OK) == 0 ? beside.string() : "auscultd";
}

// PostgreSQL's programs have to run as the user of the database, which is the server's trade: it
// takes the place of this program.
absl::Status BecomeServer(const std::string& task, const BackupOptions& options,
                          const Terminal& terminal) {
  std::vector<std::string> arguments = {ServerProgram(), task, options.folder};
  const auto pass = [&](const char* flag, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
  };
  pass("--data-dir", options.data_dir);
  pass("--service-user", options.service_user);
  pass("--config", options.config);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  terminal.out.flush();
  execvp(argv[0], argv.data());
  return absl::NotFoundError(absl::StrCat("cannot run ", arguments[0], ": ", std::strerror(errno),
                                          "; install auscultd beside auscult"));
}

void Add(CLI::App& app, const char* task, const char* help, const char* folder, Action& chosen) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* command = app.add_subcommand(task, help);
  command->add_option("FOLDER", options->folder, folder)->required();
  command->add_option("--data-dir", options->data_dir, "The server's data folder");
  command->add_option("--service-user", options->service_user,
                      "The user that its database runs as, where this is run by root");
  command->add_option("--config", options->config, "The server's configuration file, for these");
  command->callback([options, task, &chosen] {
    chosen = [options, task](const Terminal& terminal) {
      return BecomeServer(task, *options, terminal);
    };
  });
}

}  // namespace

void AddBackup(CLI::App& app, Action& chosen) {
  Add(app, "backup", "Copy the database of a server that runs on this machine.",
      "Where to, a folder that is not there yet", chosen);
  Add(app, "restore", "Make the data folder of a new server from a backup.", "What backup wrote",
      chosen);
}

}  // namespace auscult::cli
