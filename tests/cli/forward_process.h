#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace auscult::cli {

// A running `auscult forward`, with what it says in a file. Killed at the end of the scope.
class ForwardProcess {
 public:
  // `input` is what it reads as standard input, -1 for nothing.
  ForwardProcess(const std::string& server, const std::string& said,
                 std::vector<std::string> arguments, int input = -1) {
    arguments.insert(arguments.begin(),
                     {AUSCULT_BIN_DIR "/auscult", "--server", server, "forward"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    if (input >= 0) dup2(input, STDIN_FILENO);
    if (freopen(said.c_str(), "a", stderr) == nullptr) _exit(99);
    execv(argv[0], argv.data());
    _exit(99);
  }
  ~ForwardProcess() { End(SIGKILL); }
  ForwardProcess(const ForwardProcess&) = delete;
  ForwardProcess& operator=(const ForwardProcess&) = delete;

  // The exit code, 128 + signal where one ended it.
  int Wait() { return End(0); }
  int Stop() { return End(SIGTERM); }
  void Kill() { End(SIGKILL); }

 private:
  int End(int signal_number) {
    if (pid_ <= 0) return -1;
    if (signal_number != 0) kill(pid_, signal_number);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  pid_t pid_ = -1;
};

}  // namespace auscult::cli
