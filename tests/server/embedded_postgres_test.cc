#include "server/embedded_postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "db/postgres.h"
#include "server/postmaster.h"
#include "tests/server/data_folder.h"
#include "tests/server/made_cluster.h"

namespace auscult::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

EmbeddedPostgresOptions OptionsFor(const DataFolder& folder) {
  return {folder.path(), "", ServiceUser()};
}

std::string ErrorOf(const EmbeddedPostgresOptions& options) {
  const auto started = EmbeddedPostgres::Start(options);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kFailedPrecondition);
  return std::string(started.status().message());
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder that looks like a cluster of the given version, owned by whom PostgreSQL runs as.
void PretendCluster(const DataFolder& folder, const std::string& version) {
  std::filesystem::create_directories(folder.cluster());
  std::ofstream(folder.cluster() + "/PG_VERSION") << version << "\n";
  if (const passwd* user = getpwnam(ServiceUser().c_str())) {
    ASSERT_EQ(chown(folder.cluster().c_str(), user->pw_uid, user->pw_gid), 0);
  }
}

TEST(EmbeddedPostgres, IsPrivateChecksummedAndUtf8) {
  const DataFolder folder;
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  auto connection = db::Connection::Open((*postgres)->conninfo());
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto rows = (*connection)
                        ->Query(
                            "SELECT current_setting('listen_addresses'), "
                            "current_setting('data_checksums'), current_setting('fsync'), "
                            "current_setting('server_encoding'), datcollate, current_database() "
                            "FROM pg_database WHERE datname = current_database()");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Text(0, 0), "");
  EXPECT_EQ(rows->Text(0, 1), "on");
  EXPECT_EQ(rows->Text(0, 2), "on");
  EXPECT_EQ(rows->Text(0, 3), "UTF8");
  EXPECT_EQ(rows->Text(0, 4), "C.UTF-8");
  EXPECT_EQ(rows->Text(0, 5), "auscult");

  struct stat found {};
  for (const std::string& private_folder : {folder.cluster(), folder.path() + "/run"}) {
    ASSERT_EQ(stat(private_folder.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 077, 0u) << private_folder;
    EXPECT_NE(found.st_uid, 0u) << private_folder;
  }
  EXPECT_TRUE((*postgres)->Stop().ok());
  EXPECT_FALSE(FindPostmaster(folder.cluster()));
}

TEST(EmbeddedPostgres, KeepsWhatWasStoredOverARestart) {
  const DataFolder folder;
  GiveCluster(folder);
  {
    auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
    ASSERT_TRUE(postgres.ok()) << postgres.status();
    auto connection = db::Connection::Open((*postgres)->conninfo());
    ASSERT_TRUE(connection.ok()) << connection.status();
    ASSERT_TRUE((*connection)->Execute("CREATE TABLE kept AS SELECT 42 AS answer").ok());
  }
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  auto connection = db::Connection::Open((*postgres)->conninfo());
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto rows = (*connection)->Query("SELECT answer FROM kept");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Int(0, 0), 42);
}

TEST(EmbeddedPostgres, RestartsAPostmasterThatWasKilled) {
  const DataFolder folder;
  GiveCluster(folder);
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_TRUE((*postgres)->EnsureRunning().ok());
  const auto first = FindPostmaster(folder.cluster());
  ASSERT_TRUE(first);
  const std::string conninfo = (*postgres)->conninfo();
  auto before = db::Connection::Open(conninfo);
  ASSERT_TRUE(before.ok()) << before.status();
  kill(first->pid, SIGKILL);
  while (IsAlive(first->pid)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const absl::Status again = (*postgres)->EnsureRunning();
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_EQ((*postgres)->conninfo(), conninfo);
  auto connection = db::Connection::Open(conninfo);
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_TRUE((*connection)->Execute("SELECT 1").ok());
}

TEST(EmbeddedPostgres, TakesAnotherProcessOfTheSameNumberForNoPostmaster) {
  const DataFolder folder;
  GiveCluster(folder);
  // As a machine that lost its power leaves it, when the number has been given to somebody else.
  std::ofstream(folder.cluster() + "/postmaster.pid") << getpid() << "\n"
                                                      << folder.cluster() << "\n1\n5432\n"
                                                      << folder.path() << "/run\n\n";
  EXPECT_FALSE(FindPostmaster(folder.cluster()));
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  EXPECT_TRUE(postgres.ok()) << postgres.status();
}

TEST(EmbeddedPostgres, RefusesAFolderInUse) {
  const DataFolder folder;
  GiveCluster(folder);
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_THAT(ErrorOf(OptionsFor(folder)),
              AllOf(HasSubstr(folder.path()), HasSubstr("in use"),
                    HasSubstr("process " + std::to_string(getpid())), HasSubstr("--data-dir")));
  auto connection = db::Connection::Open((*postgres)->conninfo());
  EXPECT_TRUE(connection.ok()) << connection.status();
}

TEST(EmbeddedPostgres, RefusesTheClusterOfAnotherMajorVersion) {
  for (const char* version : {"9.6", "14", "99"}) {
    SCOPED_TRACE(version);
    const DataFolder folder;
    PretendCluster(folder, version);
    const std::string major = std::string(version).substr(0, std::string(version).find('.'));
    EXPECT_THAT(ErrorOf(OptionsFor(folder)),
                AllOf(HasSubstr(folder.cluster()), HasSubstr("made by PostgreSQL " + major),
                      HasSubstr("pg_upgrade"), HasSubstr("--data-dir")));
    EXPECT_EQ(ReadFile(folder.cluster() + "/PG_VERSION"), std::string(version) + "\n");
  }
}

TEST(EmbeddedPostgres, RefusesAFolderThatIsNoCluster) {
  const DataFolder folder;
  PretendCluster(folder, "");
  EXPECT_THAT(ErrorOf(OptionsFor(folder)), HasSubstr("is not a data folder of PostgreSQL"));
}

TEST(EmbeddedPostgres, ClearsAwayAnInterruptedFirstStart) {
  const DataFolder folder;
  std::filesystem::create_directories(folder.cluster() + ".new");
  std::ofstream(folder.cluster() + ".new/PG_VERSION") << "15\n";
  auto postgres = EmbeddedPostgres::Start(OptionsFor(folder));
  EXPECT_TRUE(postgres.ok()) << postgres.status();
  EXPECT_FALSE(std::filesystem::exists(folder.cluster() + ".new"));
}

TEST(EmbeddedPostgres, QuotesTheLogOfAPostgresThatDoesNotStart) {
  const DataFolder folder;
  GiveCluster(folder);
  std::ofstream(folder.cluster() + "/postgresql.conf", std::ios::app) << "no_such_thing = 1\n";
  EXPECT_THAT(ErrorOf(OptionsFor(folder)),
              AllOf(HasSubstr(folder.path() + "/postgres.log"), HasSubstr("no_such_thing")));
}

TEST(EmbeddedPostgres, PutsTheSocketElsewhereWhereThePathIsTooLongOrOdd) {
  for (const std::string& below : {std::string(100, 'x'), std::string("with, comma 'quote")}) {
    SCOPED_TRACE(below);
    const DataFolder folder;
    GiveCluster(folder);
    EmbeddedPostgresOptions options = OptionsFor(folder);
    options.data_dir = folder.path() + "/" + below;
    std::filesystem::create_directory(options.data_dir);
    std::filesystem::rename(folder.cluster(), options.data_dir + "/postgres");
    auto postgres = EmbeddedPostgres::Start(options);
    ASSERT_TRUE(postgres.ok()) << postgres.status();
    const auto postmaster = FindPostmaster(options.data_dir + "/postgres");
    ASSERT_TRUE(postmaster);
    EXPECT_THAT(postmaster->socket_dir, StartsWith("/tmp/auscult-"));
    auto connection = db::Connection::Open((*postgres)->conninfo());
    EXPECT_TRUE(connection.ok()) << connection.status();
    EXPECT_TRUE((*postgres)->Stop().ok());
    EXPECT_FALSE(std::filesystem::exists(postmaster->socket_dir));
  }
}

TEST(EmbeddedPostgres, SaysWhatToInstallWherePostgresIsMissing) {
  const DataFolder folder;
  EmbeddedPostgresOptions options = OptionsFor(folder);
  options.bin_dir = "/nowhere/bin";
  EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr("/nowhere/bin"), HasSubstr("postgres_bin_dir")));
}

TEST(EmbeddedPostgres, RunsAsTheUserItMayRunAs) {
  const DataFolder folder;
  EmbeddedPostgresOptions options = OptionsFor(folder);
  if (geteuid() == 0) {
    options.service_user = "";
    EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr("root"), HasSubstr("--service-user")));
    options.service_user = "root";
    EXPECT_THAT(ErrorOf(options), HasSubstr("is root"));
    EXPECT_FALSE(std::filesystem::exists(folder.path()));
  } else {
    options.service_user = "root";
    EXPECT_THAT(ErrorOf(options), HasSubstr("service_user"));
  }
  options.service_user = "no-such-user-here";
  EXPECT_THAT(ErrorOf(options), HasSubstr("no user \"no-such-user-here\""));
}

TEST(EmbeddedPostgres, RefusesAFolderThatItsUserCannotEnter) {
  const DataFolder folder;
  EmbeddedPostgresOptions options = OptionsFor(folder);
  std::filesystem::create_directories(folder.path());
  if (geteuid() == 0) {
    ASSERT_EQ(chmod(folder.path().c_str(), 0700), 0);
    options.data_dir = folder.path() + "/below";
    EXPECT_THAT(ErrorOf(options), AllOf(HasSubstr("cannot enter"), HasSubstr(ServiceUser())));
  } else {
    ASSERT_EQ(chmod(folder.path().c_str(), 0500), 0);
    EXPECT_THAT(ErrorOf(options), HasSubstr("Permission denied"));
    ASSERT_EQ(chmod(folder.path().c_str(), 0700), 0);
  }
}

}  // namespace
}  // namespace auscult::server
