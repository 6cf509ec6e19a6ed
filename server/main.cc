#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "server/backup.h"
#include "server/config.h"
#include "server/log.h"
#include "server/server.h"
#include "server/service_notice.h"
#include "server/stop_signals.h"
#include "server/version.h"

namespace {

constexpr int kFailed = 1, kWrongUse = 2;

int Complain(const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "auscultd: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

int Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : kFailed;
}

int Serve(const auscult::server::Config& config) {
  using namespace auscult::server;
  if (absl::Status status = SetUpLog(config.log_level, config.log_format); !status.ok()) {
    return Complain(status, kWrongUse);
  }
  std::signal(SIGPIPE, SIG_IGN);
  // Beyond the grace for calls: commits under way and the stop of the database.
  StopSignals signals(std::chrono::seconds(config.shutdown_grace_s + 60));
  auto server = Server::Start(config);
  if (!server.ok()) return Complain(server.status(), kFailed);
  Print((*server)->Description());
  NotifyServiceManager("READY=1");
  signals.Wait();
  NotifyServiceManager("STOPPING=1");
  (*server)->Shutdown();
  LogInfo("stopped");
  return 0;
}

int CopyDatabase(const auscult::server::Invocation& invocation) {
  using auscult::server::Invocation;
  const auscult::server::Config& config = invocation.config;
  const auscult::server::EmbeddedPostgresOptions options{config.data_dir, config.postgres_bin_dir,
                                                         config.service_user};
  const bool restores = invocation.task == Invocation::Task::kRestore;
  const std::string& folder = invocation.backup_folder;
  const absl::Status status = restores ? auscult::server::Restore(options, folder)
                                       : auscult::server::BackUp(options, folder);
  if (!status.ok()) return Complain(status, kFailed);
  return Print(restores ? config.data_dir + " is made of the backup " + folder + "\n"
                        : folder + " holds a backup of " + config.data_dir + "\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto invocation = auscult::server::ParseInvocation(argc, argv, environment);
  if (!invocation.ok()) return Complain(invocation.status(), kWrongUse);
  if (invocation->show_help) return Print(invocation->help);
  if (invocation->show_version) {
    return Print(std::string("auscultd ") + auscult::server::kVersion + "\n");
  }
  if (invocation->check_config) return Print(invocation->effective + "OK\n");
  return invocation->task == auscult::server::Invocation::Task::kServe ? Serve(invocation->config)
                                                                       : CopyDatabase(*invocation);
}
