#include "server/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/postmaster.h"

namespace auscult::server {
namespace {

namespace fs = std::filesystem;

// Copying takes as long as it takes.
constexpr std::chrono::hours kLongest{24 * 7};

absl::Status FailedOn(const std::string& what, const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

bool HoldsSomething(const std::string& folder) {
  std::error_code error;
  return fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder));
}

// The programs that fit the cluster in `folder`.
absl::StatusOr<PostgresInstallation> ProgramsFor(const std::string& folder,
                                                 const std::string& bin_dir,
                                                 const std::string& what_it_should_be) {
  std::ifstream file(folder + "/PG_VERSION");
  std::string version;
  int major = 0;
  if (!std::getline(file, version) || !absl::SimpleAtoi(version, &major)) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, " is not ", what_it_should_be, " (no PG_VERSION that can be read)"));
  }
  return FindPostgres(bin_dir, major, folder);
}

absl::Status RunProgram(const std::vector<std::string>& argv, const RunAs& user) {
  const absl::StatusOr<Finished> run = Run(argv, user, kLongest);
  if (!run.ok()) return run.status();
  if (run->exit_code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(argv[0], " failed:\n", run->output));
}

// Makes the folder, where it is not there yet, for the user alone.
absl::Status MakeFolder(const std::string& folder, const RunAs& user) {
  std::error_code error;
  fs::create_directories(fs::path(folder).parent_path(), error);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return FailedOn("cannot make the folder", folder);
  }
  if (chmod(folder.c_str(), 0700) != 0 || chown(folder.c_str(), user.uid, user.gid) != 0) {
    return FailedOn("cannot hand over", folder);
  }
  return absl::OkStatus();
}

absl::Status CopyCluster(const std::string& from, const std::string& to, const RunAs& user) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot copy ", from, " to ", to, ": ", error.message()));
  }
  if (chown(to.c_str(), user.uid, user.gid) != 0) return FailedOn("cannot hand over", to);
  for (fs::recursive_directory_iterator entry(to, error), end; !error && entry != end;
       entry.increment(error)) {
    if (chown(entry->path().c_str(), user.uid, user.gid) != 0) {
      return FailedOn("cannot hand over", entry->path());
    }
  }
  if (error) return absl::FailedPreconditionError(absl::StrCat(to, ": ", error.message()));
  // On the disk before it gets its name.
  const int fd = open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FailedOn("cannot open", to);
  const absl::Cleanup close_it = [fd] { close(fd); };
  return syncfs(fd) == 0 ? absl::OkStatus() : FailedOn("cannot write", to);
}

}  // namespace

absl::Status BackUp(const EmbeddedPostgresOptions& options, const std::string& folder) {
  const absl::StatusOr<RunAs> user = ResolveRunAs(options.service_user);
  if (!user.ok()) return user.status();
  const std::string cluster = options.data_dir + "/postgres";
  const auto programs =
      ProgramsFor(cluster, options.bin_dir, "the cluster of an auscultd; name its --data-dir");
  if (!programs.ok()) return programs.status();
  const std::optional<Postmaster> postmaster = FindPostmaster(cluster);
  if (!postmaster || !postmaster->ready) {
    return absl::FailedPreconditionError(
        absl::StrCat("no database runs on ", options.data_dir,
                     "; start auscultd there, or, while it is stopped, copy the folder"));
  }
  if (HoldsSomething(folder)) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, " holds something already; name a folder that is not there yet"));
  }
  if (absl::Status status = MakeFolder(folder, *user); !status.ok()) return status;
  absl::Status status =
      RunProgram({programs->Program("pg_basebackup"), "--pgdata=" + folder,
                  "--host=" + postmaster->socket_dir, "--port=5432", "--username=auscult",
                  "--no-password", "--wal-method=stream", "--checkpoint=fast"},
                 *user);
  if (status.ok()) status = RunProgram({programs->Program("pg_verifybackup"), folder}, *user);
  std::error_code ignored;
  if (!status.ok()) fs::remove_all(folder, ignored);
  return status;
}

absl::Status Restore(const EmbeddedPostgresOptions& options, const std::string& folder) {
  const absl::StatusOr<RunAs> user = ResolveRunAs(options.service_user);
  if (!user.ok()) return user.status();
  const auto programs = ProgramsFor(folder, options.bin_dir, "a backup; name what backup wrote");
  if (!programs.ok()) return programs.status();
  if (HoldsSomething(options.data_dir)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data folder ", options.data_dir,
                     " holds something; restore into a new one and start auscultd on that"));
  }
  std::error_code error;
  fs::create_directories(options.data_dir, error);
  // PostgreSQL's user has to pass through to its own folder, no more.
  if (chmod(options.data_dir.c_str(), user->changes_identity ? 0711 : 0700) != 0) {
    return FailedOn("cannot make the folder", options.data_dir);
  }
  const std::string cluster = options.data_dir + "/postgres", unfinished = cluster + ".new";
  absl::Status status = CopyCluster(folder, unfinished, *user);
  if (status.ok()) status = RunProgram({programs->Program("pg_verifybackup"), unfinished}, *user);
  if (status.ok() && rename(unfinished.c_str(), cluster.c_str()) != 0) {
    status = FailedOn("cannot rename", unfinished);
  }
  if (!status.ok()) fs::remove_all(unfinished, error);
  return status;
}

}  // namespace auscult::server
