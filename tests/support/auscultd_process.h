#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auscult::support {

// A running auscultd on a free port of 127.0.0.1 (or where --listen says), with what it prints in
// `log`. Ends the program with a message where it does not start; killed at the end of the scope
// unless it was stopped.
class AuscultdProcess {
 public:
  AuscultdProcess(const std::string& program, std::vector<std::string> arguments,
                  const std::string& log) {
    if (std::find(arguments.begin(), arguments.end(), "--listen") == arguments.end()) {
      arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
    }
    arguments.insert(arguments.begin(), {program, "--rest-listen", "127.0.0.1:0"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    // Settings come from the arguments alone.
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      if (!std::string_view(*entry).starts_with("AUSCULT_")) environment.push_back(*entry);
    }
    environment.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) Die("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    const int failed =
        posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed != 0) Die("cannot start " + program);
    out_ = ends[0];
    const std::string said = ReadDescription();
    port_ = NumberAfter("listens on 127.0.0.1:", said);
    http_port_ = NumberAfter("http://127.0.0.1:", said);
    if (port_ + http_port_ == 0) Die(program + " did not start: see " + log);
  }
  ~AuscultdProcess() {
    Kill();
    close(out_);
  }
  AuscultdProcess(const AuscultdProcess&) = delete;
  AuscultdProcess& operator=(const AuscultdProcess&) = delete;

  int port() const { return port_; }            // of gRPC; 0: it serves none
  int http_port() const { return http_port_; }  // 0: it serves none
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  pid_t pid() const { return pid_; }

  // kill -9.
  void Kill() { End(SIGKILL); }
  // SIGTERM; the exit code, or -1 where a signal ended it.
  int Stop() { return End(SIGTERM); }

 private:
  [[noreturn]] static void Die(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::_Exit(1);
  }

  // What it prints at its start, to its last line; less where the program ends before.
  std::string ReadDescription() const {
    std::string text;
    char byte = 0;
    while (read(out_, &byte, 1) == 1) {
      text += byte;
      const bool is_last = text.find("\njudges by") != std::string::npos ||
                           text.find("\nasks ") != std::string::npos;
      if (byte == '\n' && is_last) break;
    }
    return text;
  }
  static int NumberAfter(const std::string& mark, const std::string& text) {
    const size_t at = text.find(mark);
    return at == std::string::npos ? 0 : std::atoi(&text[at + mark.size()]);
  }

  int End(int signal_number) {
    if (pid_ <= 0) return -1;
    kill(pid_, signal_number);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  pid_t pid_ = -1;
  int out_ = -1;
  int port_ = 0, http_port_ = 0;
};

}  // namespace auscult::support
