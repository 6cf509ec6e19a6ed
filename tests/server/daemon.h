#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/data_folder.h"

namespace auscult::server {

// A running auscultd, the real program. It is killed at the end, where it has not ended by itself.
class Daemon {
 public:
  // `variables` are added to the environment: "AUSCULT_WORKERS=1".
  explicit Daemon(std::vector<std::string> arguments,
                  const std::vector<std::string>& variables = {}) {
    arguments.insert(arguments.begin(), AUSCULT_BIN_DIR "/auscultd");
    std::vector<std::string> environment = variables;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&files, 1, (words_.path() + ".out").c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&files, 2, (words_.path() + ".err").c_str(), flags, 0600);
    // Of a shell, what runs in the background inherits that SIGINT is ignored; the server must not.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    posix_spawnattr_setsigdefault(&attributes, &interrupt);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    const std::vector<char*> argv = Pointers(arguments), envp = Pointers(environment);
    if (posix_spawn(&pid_, argv[0], &files, &attributes, argv.data(), envp.data()) != 0) {
      std::abort();
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Daemon() {
    Signal(SIGKILL);
    Wait(std::chrono::seconds(10));
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // With its own PostgreSQL in `folder`, on free ports.
  static std::vector<std::string> Arguments(const DataFolder& folder) {
    std::vector<std::string> arguments = {"--data-dir",  folder.path(),   "--listen",
                                          "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"};
    if (!ServiceUser().empty())
      arguments.insert(arguments.end(), {"--service-user", ServiceUser()});
    return arguments;
  }

  // Address once it says that it listens; "" if it ends before, or does not in time.
  std::string AwaitAddress() {
    const std::regex said("listens on (\\S+)");
    for (int i = 0; i < 3000; ++i) {
      const std::string text = Out();
      std::smatch match;
      if (std::regex_search(text, match, said)) return match[1];
      if (Wait(std::chrono::milliseconds(10))) return "";
    }
    return "";
  }

  // Exit code, 128 + signal where one ended it; nothing while it still runs.
  std::optional<int> Wait(std::chrono::milliseconds patience) {
    const auto begin = std::chrono::steady_clock::now();
    while (!exit_code_) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      } else if (std::chrono::steady_clock::now() - begin >= patience) {
        break;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    return exit_code_;
  }

  void Signal(int signal) {
    if (!exit_code_) kill(pid_, signal);
  }
  std::string Out() const { return Read(".out"); }
  std::string Err() const { return Read(".err"); }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }
  std::string Read(const std::string& stream) const {
    std::ifstream file(words_.path() + stream);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  DataFolder words_;
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace auscult::server
