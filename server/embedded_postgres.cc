#include "server/embedded_postgres.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "db/postgres.h"
#include "server/conninfo.h"
#include "server/log.h"
#include "server/postmaster.h"

namespace auscult::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr char kUser[] = "auscult";
constexpr milliseconds kPoll{10};
// Replaying the log after a crash takes as long as it takes; only a start that hangs is given up.
constexpr seconds kStartTimeout{300};
constexpr seconds kStopTimeout{30};
constexpr int64_t kLogRotationBytes = 16 << 20;
constexpr size_t kLogTailLines = 12;
// sockaddr_un holds 107 characters, of which the socket's own name takes these.
constexpr size_t kLongestSocketDir = 107 - sizeof("/.s.PGSQL.5432") + 1;

// libpq takes a list of hosts, PostgreSQL a list of folders: both part them by commas.
bool IsPlainPath(const std::string& path) {
  return path.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
             "_./-+@") == std::string::npos;
}

absl::Status FailedOn(const std::string& what, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

const char kClusterSettings[] = R"(
# Auscult's own cluster
shared_buffers = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
recovery_init_sync_method = syncfs
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
)";

absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> EmbeddedPostgres::Start(
    const EmbeddedPostgresOptions& options) {
  std::unique_ptr<EmbeddedPostgres> postgres(new EmbeddedPostgres);
  postgres->options_ = options;
  postgres->options_.data_dir = std::filesystem::absolute(options.data_dir).lexically_normal();
  postgres->cluster_dir_ = postgres->options_.data_dir + "/postgres";
  absl::StatusOr<RunAs> user = ResolveRunAs(options.service_user);
  if (!user.ok()) return user.status();
  postgres->user_ = *std::move(user);
  for (const auto step : {&EmbeddedPostgres::LockFolder, &EmbeddedPostgres::FindCluster,
                          &EmbeddedPostgres::MakeCluster, &EmbeddedPostgres::Adopt,
                          &EmbeddedPostgres::StartPostmaster}) {
    if (absl::Status status = (postgres.get()->*step)(); !status.ok()) return status;
  }
  postgres->conninfo_ = absl::StrCat("host=", ConninfoValue(postgres->socket_dir_),
                                     " port=5432 user=", kUser, " dbname=", kUser);
  if (absl::Status status = postgres->CreateDatabase(); !status.ok()) return status;
  return postgres;
}

EmbeddedPostgres::~EmbeddedPostgres() {
  if (absl::Status status = Stop(); !status.ok()) LogError(std::string(status.message()));
}

absl::Status EmbeddedPostgres::MakeFolder(const std::string& path, mode_t mode,
                                          bool for_postgres) const {
  if (mkdir(path.c_str(), mode) != 0) {
    return errno == EEXIST ? absl::OkStatus() : FailedOn("cannot make the folder", path);
  }
  // mkdir's mode is cut by the umask.
  if (chmod(path.c_str(), mode) != 0) return FailedOn("cannot set the mode of", path);
  if (for_postgres && user_.changes_identity && chown(path.c_str(), user_.uid, user_.gid) != 0) {
    return FailedOn("cannot hand over", path);
  }
  return absl::OkStatus();
}

// Makes the data folder and takes it for this process alone, for as long as it lives.
absl::Status EmbeddedPostgres::LockFolder() {
  const std::string& folder = options_.data_dir;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  // PostgreSQL's user has to pass through to its own folder, no more.
  absl::Status status = MakeFolder(folder, user_.changes_identity ? 0711 : 0700, false);
  if (!status.ok()) return status;
  const std::string path = folder + "/auscultd.lock";
  lock_fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_fd_ < 0) return FailedOn("cannot write to the data folder:", path);
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FailedOn("cannot lock", path);
    const std::string owner = FirstLine(path);
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", folder, " is in use by another auscultd",
                     owner.empty() ? "" : absl::StrCat(" (process ", owner, ")"),
                     "; stop that one, or give this one a folder of its own with --data-dir"));
  }
  const std::string owner = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock_fd_, 0) != 0 ||
      pwrite(lock_fd_, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
    return FailedOn("cannot write", path);
  }
  if (!user_.changes_identity) return absl::OkStatus();
  const absl::StatusOr<Finished> passes = Run({"/usr/bin/test", "-x", folder}, user_, seconds(10));
  if (!passes.ok()) return passes.status();
  if (passes->exit_code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("user \"", user_.name, "\", which PostgreSQL is to run as, cannot enter ",
                   folder, "; choose a --data-dir that it can reach, /var/lib/auscult for one"));
}

// Looks at what is there, and finds the programs that fit it.
absl::Status EmbeddedPostgres::FindCluster() {
  int major = 0;
  struct stat found {};
  new_cluster_ = stat(cluster_dir_.c_str(), &found) != 0;
  if (!new_cluster_) {
    const std::string version = FirstLine(cluster_dir_ + "/PG_VERSION");
    // Before 10 a major version had two numbers.
    if (!absl::SimpleAtoi(version.substr(0, version.find('.')), &major)) {
      return absl::FailedPreconditionError(
          absl::StrCat(cluster_dir_, " is not a data folder of PostgreSQL (no PG_VERSION that can ",
                       "be read); move it away or choose another --data-dir"));
    }
    if (found.st_uid != user_.uid) {
      return absl::FailedPreconditionError(absl::StrCat(
          cluster_dir_, " belongs to user number ", found.st_uid, ", and PostgreSQL is to run as ",
          user_.name, " (", user_.uid, "); start it as its owner, or `chown -R ", user_.name, " ",
          cluster_dir_, "`"));
    }
  }
  absl::StatusOr<PostgresInstallation> installation =
      FindPostgres(options_.bin_dir, major, cluster_dir_);
  if (!installation.ok()) return installation.status();
  installation_ = *std::move(installation);
  return absl::OkStatus();
}

// A cluster is made beside its place and renamed, so that an interrupted start leaves no half one.
absl::Status EmbeddedPostgres::MakeCluster() {
  if (!new_cluster_) return absl::OkStatus();
  LogInfo("making a new database", {{"folder", cluster_dir_}});
  const std::string unfinished = cluster_dir_ + ".new";
  std::error_code error;
  std::filesystem::remove_all(unfinished, error);
  if (absl::Status status = MakeFolder(unfinished, 0700, true); !status.ok()) return status;
  const absl::StatusOr<Finished> made =
      Run({installation_.Program("initdb"), "--pgdata=" + unfinished,
           absl::StrCat("--username=", kUser), "--auth-local=trust", "--auth-host=reject",
           "--data-checksums", "--locale=C.UTF-8", "--encoding=UTF8", "--no-instructions"},
          user_, seconds(300));
  if (!made.ok()) return made.status();
  if (made->exit_code != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("initdb failed in ", unfinished, ":\n", made->output));
  }
  std::ofstream settings(unfinished + "/postgresql.conf", std::ios::app);
  if (!(settings << kClusterSettings << std::flush)) {
    return FailedOn("cannot write", unfinished + "/postgresql.conf");
  }
  if (rename(unfinished.c_str(), cluster_dir_.c_str()) != 0) {
    return FailedOn("cannot rename", unfinished);
  }
  return absl::OkStatus();
}

absl::Status EmbeddedPostgres::Adopt() {
  const std::optional<Postmaster> found = FindPostmaster(cluster_dir_);
  if (!found) return absl::OkStatus();
  LogInfo("adopting the database that is still running",
          {{"process", absl::StrCat(found->pid)}, {"folder", cluster_dir_}});
  postmaster_ = found->pid;
  is_child_ = false;
  socket_dir_ = found->socket_dir;
  if (absl::Status status = AwaitReady(0); !status.ok()) return status;
  struct stat socket {};
  if (stat((socket_dir_ + "/.s.PGSQL.5432").c_str(), &socket) == 0) return absl::OkStatus();
  LogWarning("its socket is gone, starting it again", {{"folder", socket_dir_}});
  const absl::Status status = Stop();
  socket_dir_.clear();
  return status.ok() ? LockFolder() : status;
}

absl::Status EmbeddedPostgres::ChooseSocketDir() {
  const std::string beside = options_.data_dir + "/run";
  if (beside.size() <= kLongestSocketDir && IsPlainPath(beside)) {
    socket_dir_ = beside;
    return MakeFolder(socket_dir_, 0700, true);
  }
  std::string made = "/tmp/auscult-XXXXXX";
  if (mkdtemp(made.data()) == nullptr) return FailedOn("cannot make a folder like", made);
  if (user_.changes_identity && chown(made.c_str(), user_.uid, user_.gid) != 0) {
    return FailedOn("cannot hand over", made);
  }
  socket_dir_ = made;
  return absl::OkStatus();
}

absl::Status EmbeddedPostgres::StartPostmaster() {
  if (postmaster_ != 0) return absl::OkStatus();
  if (socket_dir_.empty()) {
    if (absl::Status status = ChooseSocketDir(); !status.ok()) return status;
  }
  // The process it names is gone or another program by now, as Adopt has found; PostgreSQL itself
  // would take any live process for its own.
  unlink((cluster_dir_ + "/postmaster.pid").c_str());
  struct stat log {};
  const bool has_log = stat(LogPath().c_str(), &log) == 0;
  if (has_log && log.st_size > kLogRotationBytes) {
    rename(LogPath().c_str(), (LogPath() + ".1").c_str());
    log.st_size = 0;
  }
  const int output = open(LogPath().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (output < 0) return FailedOn("cannot write", LogPath());
  const absl::StatusOr<pid_t> pid =
      Spawn({installation_.Program("postgres"), "-D", cluster_dir_, "-c", "listen_addresses=", "-c",
             "unix_socket_directories=" + socket_dir_, "-c", "unix_socket_permissions=0700", "-c",
             "port=5432", "-c", "logging_collector=off", "-c", "log_destination=stderr"},
            user_, output);
  close(output);
  if (!pid.ok()) return pid.status();
  postmaster_ = *pid;
  is_child_ = true;
  return AwaitReady(has_log ? log.st_size : 0);
}

absl::Status EmbeddedPostgres::AwaitReady(int64_t log_start) {
  const auto begin = Clock::now();
  bool said = false;
  for (; Clock::now() - begin < kStartTimeout; std::this_thread::sleep_for(kPoll)) {
    const std::optional<Postmaster> found = FindPostmaster(cluster_dir_);
    if (found && found->pid == postmaster_ && found->ready) return absl::OkStatus();
    if (HasEnded()) {
      postmaster_ = 0;
      return absl::FailedPreconditionError(absl::StrCat("the database in ", cluster_dir_,
                                                        " did not start; ", LogPath(),
                                                        " ends with:\n", LogTail(log_start)));
    }
    if (!said && Clock::now() - begin > seconds(5)) {
      said = true;
      LogInfo("waiting for the database to recover", {{"log", LogPath()}});
    }
  }
  return absl::DeadlineExceededError(
      absl::StrCat("the database in ", cluster_dir_, " does not get ready; see ", LogPath()));
}

absl::Status EmbeddedPostgres::CreateDatabase() const {
  const std::string conninfo = absl::StrCat("host=", ConninfoValue(socket_dir_),
                                            " port=5432 user=", kUser, " dbname=postgres");
  auto connection = db::Connection::Open(conninfo);
  if (!connection.ok()) return connection.status();
  const auto rows = (*connection)->Query("SELECT 1 FROM pg_database WHERE datname = 'auscult'");
  if (!rows.ok()) return rows.status();
  return rows->count() == 1 ? absl::OkStatus() : (*connection)->Execute("CREATE DATABASE auscult");
}

bool EmbeddedPostgres::HasEnded() {
  if (is_child_) {
    int status = 0;
    return waitpid(postmaster_, &status, WNOHANG) == postmaster_ || !IsAlive(postmaster_);
  }
  return !IsAlive(postmaster_);
}

absl::Status EmbeddedPostgres::EnsureRunning() {
  if (lock_fd_ < 0 || (postmaster_ != 0 && !HasEnded())) return absl::OkStatus();
  LogError("the database has ended by itself, starting it again", {{"log", LogPath()}});
  postmaster_ = 0;
  return StartPostmaster();
}

absl::Status EmbeddedPostgres::Stop() {
  absl::Status result;
  if (postmaster_ != 0) {
    // Fast first; immediate if that takes too long, which costs a recovery and loses nothing.
    for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
      kill(postmaster_, signal);
      const auto begin = Clock::now();
      while (!HasEnded() && Clock::now() - begin < kStopTimeout) {
        std::this_thread::sleep_for(kPoll);
      }
      if (HasEnded()) break;
      result = absl::DeadlineExceededError(absl::StrCat(
          "the database in ", cluster_dir_, " did not stop in time; it will recover when started"));
    }
    postmaster_ = 0;
  }
  if (socket_dir_.starts_with("/tmp/auscult-")) rmdir(socket_dir_.c_str());
  if (lock_fd_ >= 0) close(lock_fd_);
  lock_fd_ = -1;
  return result;
}

std::string EmbeddedPostgres::LogTail(int64_t log_start) const {
  std::ifstream file(LogPath());
  file.seekg(log_start);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  std::string tail;
  for (size_t i = lines.size() - std::min(lines.size(), kLogTailLines); i < lines.size(); ++i) {
    absl::StrAppend(&tail, "  ", lines[i], "\n");
  }
  return tail.empty() ? "  (nothing)" : std::string(absl::StripTrailingAsciiWhitespace(tail));
}

}  // namespace auscult::server
