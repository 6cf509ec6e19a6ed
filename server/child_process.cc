#include "server/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace auscult::server {
namespace {

constexpr int kCannotExecute = 127;

// Runs in the child between fork and exec: nothing that allocates or takes a lock.
[[noreturn]] void BecomeProgram(char* const* argv, char* const* environment, const RunAs& user,
                                int output_fd) {
  setsid();
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY);
  bool ready = null >= 0 && dup2(null, 0) == 0 && dup2(output_fd, 1) == 1 && dup2(1, 2) == 2;
  ready = ready && close_range(3, ~0u, 0) == 0 && chdir("/") == 0;
  if (user.changes_identity) {
    ready = ready && setgroups(user.groups.size(), user.groups.data()) == 0 &&
            setgid(user.gid) == 0 && setuid(user.uid) == 0;
  }
  umask(077);
  if (ready) execve(argv[0], argv, environment);
  const char* reason = strerrordesc_np(errno);
  for (const char* text :
       {"cannot execute ", static_cast<const char*>(argv[0]), ": ", reason, "\n"}) {
    if (write(2, text, std::strlen(text)) < 0) break;
  }
  _exit(kCannotExecute);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Reads until the writers are gone or the time is up; false in the latter case.
bool ReadUntil(std::chrono::steady_clock::time_point deadline, int fd, std::string& output) {
  char block[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wanted{fd, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = read(fd, block, sizeof(block));
    if (got == 0) return true;
    if (got > 0) output.append(block, static_cast<size_t>(got));
  }
}

}  // namespace

absl::StatusOr<RunAs> ResolveRunAs(const std::string& service_user) {
  const bool root = geteuid() == 0;
  if (root && service_user.empty()) {
    return absl::FailedPreconditionError(
        "PostgreSQL does not run as root; start auscultd as an ordinary user, or name the user its "
        "database is to run as: --service-user NAME (`adduser --system --group auscult` makes "
        "one)");
  }
  const passwd* entry = service_user.empty() ? getpwuid(geteuid()) : getpwnam(service_user.c_str());
  RunAs user{service_user, geteuid(), getegid(), {}, false};
  if (service_user.empty()) {
    // Containers run users that have no name.
    user.name = entry != nullptr ? entry->pw_name : absl::StrCat("user ", user.uid);
    return user;
  }
  if (entry == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("there is no user \"", service_user,
                                                      "\" (service_user); `adduser --system ",
                                                      "--group ", service_user, "` makes it"));
  }
  if (entry->pw_uid == 0) {
    return absl::FailedPreconditionError(absl::StrCat("service_user is \"", service_user,
                                                      "\", which is root; PostgreSQL does not ",
                                                      "run as root, name an ordinary user"));
  }
  if (!root && entry->pw_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat("service_user is \"", service_user, "\", and only root may start programs as ",
                     "another user; leave service_user out or start auscultd as that user"));
  }
  user.uid = entry->pw_uid;
  user.gid = entry->pw_gid;
  user.changes_identity = root;
  int count = 64;
  user.groups.resize(static_cast<size_t>(count));
  if (getgrouplist(entry->pw_name, entry->pw_gid, user.groups.data(), &count) < 0) {
    user.groups.resize(static_cast<size_t>(count));
    getgrouplist(entry->pw_name, entry->pw_gid, user.groups.data(), &count);
  }
  user.groups.resize(static_cast<size_t>(count));
  return user;
}

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, const RunAs& user,
                            int output_fd) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"};
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(environment);
  const pid_t pid = fork();
  if (pid < 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start ", argv[0], ": ", std::strerror(errno)));
  }
  if (pid == 0) {
    BecomeProgram(argument_pointers.data(), environment_pointers.data(), user, output_fd);
  }
  return pid;
}

absl::StatusOr<Finished> Run(const std::vector<std::string>& argv, const RunAs& user,
                             std::chrono::seconds timeout) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(absl::StrCat("pipe: ", std::strerror(errno)));
  }
  absl::Cleanup close_end = [&] { close(ends[0]); };
  absl::StatusOr<pid_t> pid = Spawn(argv, user, ends[1]);
  close(ends[1]);
  if (!pid.ok()) return pid.status();
  Finished finished;
  const bool ended =
      ReadUntil(std::chrono::steady_clock::now() + timeout, ends[0], finished.output);
  // The session's id is that of its leader.
  if (!ended) kill(-*pid, SIGKILL);
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    return absl::DeadlineExceededError(
        absl::StrCat(argv[0], " did not end within ", timeout.count(), " s: ", finished.output));
  }
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

bool IsAlive(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string stat;
  if (!std::getline(file, stat)) return false;
  // The name before the state may hold anything, blanks and brackets too.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return false;
  const char state = stat[name_end + 2];
  return state != 'Z' && state != 'X';
}

}  // namespace auscult::server
