#include "server/postgres_installation.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/child_process.h"

namespace auscult::server {
namespace {

constexpr char kDebianRoot[] = "/usr/lib/postgresql";

// "postgres (PostgreSQL) 15.20 (Debian ...)" -> 15; 0 if it is no such thing.
int MajorVersion(const std::string& bin_dir) {
  const std::string program = bin_dir + "/postgres";
  if (access(program.c_str(), X_OK) != 0) return 0;
  // It tells its version to anyone, root too.
  absl::StatusOr<Finished> answer = Run({program, "--version"}, RunAs{}, std::chrono::seconds(10));
  if (!answer.ok() || answer->exit_code != 0) return 0;
  constexpr char kMark[] = "(PostgreSQL) ";
  const size_t start = answer->output.find(kMark);
  if (start == std::string::npos) return 0;
  const std::string version = answer->output.substr(start + sizeof(kMark) - 1);
  int major = 0;
  return absl::SimpleAtoi(version.substr(0, version.find_first_not_of("0123456789")), &major)
             ? major
             : 0;
}

absl::Status OtherVersion(const std::string& cluster_dir, int wanted, const std::string& present) {
  return absl::FailedPreconditionError(absl::StrCat(
      cluster_dir, " was made by PostgreSQL ", wanted, ", and here is ", present, "; install ",
      "postgresql-", wanted, ", or move the data over with pg_upgrade or pg_dump, or choose ",
      "another --data-dir"));
}

}  // namespace

absl::StatusOr<PostgresInstallation> FindPostgres(const std::string& bin_dir, int wanted_major,
                                                  const std::string& cluster_dir) {
  if (wanted_major != 0 && wanted_major < kOldestPostgres) {
    return OtherVersion(cluster_dir, wanted_major,
                        absl::StrCat("a program that needs ", kOldestPostgres, " or later"));
  }
  if (!bin_dir.empty()) {
    const int major = MajorVersion(bin_dir);
    if (major < kOldestPostgres) {
      return absl::FailedPreconditionError(absl::StrCat(
          "postgres_bin_dir: ", bin_dir, " holds ",
          major == 0 ? "no postgres that runs" : absl::StrCat("PostgreSQL ", major),
          "; name the folder of PostgreSQL ", kOldestPostgres, " or later, or leave it out"));
    }
    if (wanted_major != 0 && wanted_major != major) {
      return OtherVersion(cluster_dir, wanted_major, absl::StrCat("PostgreSQL ", major));
    }
    return PostgresInstallation{bin_dir, major};
  }
  std::map<int, std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kDebianRoot, ignored)) {
    const std::string candidate = entry.path().string() + "/bin";
    const int major = MajorVersion(candidate);
    if (major >= kOldestPostgres) found[major] = candidate;
  }
  if (found.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "PostgreSQL ", kOldestPostgres, " or later is not installed under ", kDebianRoot,
        "; `apt install postgresql`, or set postgres_bin_dir, or use a server elsewhere with ",
        "--database"));
  }
  const auto chosen = wanted_major == 0 ? std::prev(found.end()) : found.find(wanted_major);
  if (chosen == found.end()) {
    return OtherVersion(
        cluster_dir, wanted_major,
        absl::StrCat("PostgreSQL ",
                     absl::StrJoin(found, ", ", [](std::string* out, const auto& installed) {
                       absl::StrAppend(out, installed.first);
                     })));
  }
  return PostgresInstallation{chosen->second, chosen->first};
}

}  // namespace auscult::server
