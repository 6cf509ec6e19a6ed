#include "tests/support/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "db/migrate.h"

namespace auscult::support {
namespace {

namespace fs = std::filesystem;

constexpr char kSuperuser[] = "auscult";
constexpr char kReady = 'r';
constexpr char kFailed = 'f';

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test cluster: %s\n", what.c_str());
  std::_Exit(1);
}

// The newest PostgreSQL that is installed.
std::string BinDir() {
  std::string newest;
  const fs::path top = "/usr/lib/postgresql";
  if (fs::exists(top)) {
    for (const auto& entry : fs::directory_iterator(top)) {
      const std::string bin = entry.path() / "bin";
      if (fs::exists(bin + "/initdb") && (newest.empty() || bin.size() > newest.size() ||
                                          (bin.size() == newest.size() && bin > newest))) {
        newest = bin;
      }
    }
  }
  if (newest.empty()) Die("no PostgreSQL in /usr/lib/postgresql; install package postgresql");
  return newest;
}

// PostgreSQL refuses to run as root.
const passwd* ServiceUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) Die("run by root, and there is no user postgres or nobody");
  return user;
}

// Replaces this process. `arguments` begins with the program's path.
[[noreturn]] void Exec(const std::vector<std::string>& arguments, const std::string& log) {
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (const passwd* user = ServiceUser(); user != nullptr) {
    if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
      _exit(126);
    }
  }
  // After setuid, which clears it: no cluster outlives its watchdog.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  // A locale of the machine must not decide how the tests' databases sort.
  setenv("LC_ALL", "C.UTF-8", 1);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (chdir("/") != 0) _exit(126);
  execv(argv[0], argv.data());
  _exit(127);
}

int Wait(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// What the watchdog process does.
class Watchdog {
 public:
  Watchdog(std::string folder, ClusterOptions options, int control)
      : folder_(std::move(folder)), options_(options), control_(control), bin_(BinDir()) {}

  [[noreturn]] void Run() {
    Answer(InitDb());
    char command = 0;
    while (read(control_, &command, 1) == 1) {
      if (command == 's') StartServer();
      if (command == 'k') StopServer(SIGQUIT);
      Answer(true);
    }
    StopServer(SIGQUIT);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    _exit(0);
  }

 private:
  void Answer(bool good) {
    const char byte = good ? kReady : kFailed;
    if (write(control_, &byte, 1) != 1) return;
  }

  bool InitDb() {
    const pid_t child = fork();
    if (child == 0) {
      Exec({bin_ + "/initdb", "--pgdata=" + folder_ + "/data",
            "--username=" + std::string(kSuperuser), "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync"},
           folder_ + "/log");
    }
    if (Wait(child) != 0) return false;
    std::ofstream(folder_ + "/data/postgresql.conf", std::ios::app) << options_.settings;
    return true;
  }

  void StartServer() {
    server_ = fork();
    if (server_ != 0) return;
    close(control_);
    Exec({bin_ + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-c",
          "listen_addresses=", "-c", "max_connections=100", "-c",
          std::string("fsync=") + (options_.fsync ? "on" : "off")},
         folder_ + "/log");
  }

  void StopServer(int signal_number) {
    if (server_ <= 0) return;
    kill(server_, signal_number);
    Wait(server_);
    server_ = -1;
  }

  const std::string folder_;
  const ClusterOptions options_;
  const int control_;
  const std::string bin_;
  pid_t server_ = -1;
};

std::unique_ptr<db::Connection> MustConnect(const std::string& conninfo) {
  absl::StatusOr<std::unique_ptr<db::Connection>> connection = db::Connection::Open(conninfo);
  if (!connection.ok()) Die(std::string(connection.status().message()));
  return *std::move(connection);
}

void Must(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

}  // namespace

PostgresCluster::PostgresCluster(ClusterOptions options) : options_(std::move(options)) {
  // Short: the path of a socket has at most 107 bytes.
  char folder[] = "/tmp/auscult-test-XXXXXX";
  if (mkdtemp(folder) == nullptr) Die("cannot make a folder in /tmp");
  folder_ = folder;
  if (const passwd* user = ServiceUser(); user != nullptr) {
    if (chown(folder, user->pw_uid, user->pw_gid) != 0) Die("cannot give away " + folder_);
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) Die("no socket");
  watchdog_ = fork();
  if (watchdog_ == 0) {
    setsid();  // Ctrl-C is for the tests; their end is what the watchdog waits for
    close(ends[0]);
    Watchdog(folder_, options_, ends[1]).Run();
  }
  close(ends[1]);
  control_ = ends[0];
  char answer = 0;
  if (read(control_, &answer, 1) != 1 || answer != kReady) {
    Die("initdb failed: see " + folder_ + "/log");
  }
  Start();
}

PostgresCluster::~PostgresCluster() {
  close(control_);
  Wait(watchdog_);
}

PostgresCluster& PostgresCluster::Shared() {
  static PostgresCluster cluster;
  return cluster;
}

std::string PostgresCluster::Conninfo(const std::string& database) const {
  return "host=" + folder_ + " user=" + kSuperuser + " dbname=" + database;
}

void PostgresCluster::Command(char command) {
  char answer = 0;
  if (write(control_, &command, 1) != 1 || read(control_, &answer, 1) != 1) {
    Die("the watchdog is gone");
  }
}

void PostgresCluster::Kill() { Command('k'); }

void PostgresCluster::Start() {
  Command('s');
  using Clock = std::chrono::steady_clock;
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(60);
  while (!db::Connection::Open(Conninfo("postgres")).ok()) {
    if (Clock::now() > deadline) Die("PostgreSQL does not start: see " + folder_ + "/log");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TestDatabase::TestDatabase(PostgresCluster& cluster) : TestDatabase(cluster, true) {}

TestDatabase::TestDatabase(Empty, PostgresCluster& cluster) : TestDatabase(cluster, false) {}

TestDatabase::TestDatabase(PostgresCluster& cluster, bool with_schema)
    : maintenance_conninfo_(cluster.Conninfo("postgres")) {
  static int count = 0;
  name_ = "test_" + std::to_string(++count);
  conninfo_ = cluster.Conninfo(name_);
  const auto connection = MustConnect(maintenance_conninfo_);
  if (with_schema) {
    const absl::StatusOr<db::Rows> made =
        connection->Query("SELECT FROM pg_database WHERE datname = 'auscult_template'");
    Must(made.status());
    if (made->count() == 0) {
      Must(connection->ExecuteScript("CREATE DATABASE auscult_template"));
      Must(db::Migrate(*MustConnect(cluster.Conninfo("auscult_template"))));
    }
  }
  Must(connection->ExecuteScript("CREATE DATABASE " + name_ +
                                 (with_schema ? " TEMPLATE auscult_template" : "")));
}

TestDatabase::~TestDatabase() {
  Must(MustConnect(maintenance_conninfo_)
           ->ExecuteScript("DROP DATABASE " + name_ + " WITH (FORCE)"));
}

std::unique_ptr<db::Connection> TestDatabase::Connect() const { return MustConnect(conninfo_); }

}  // namespace auscult::support
