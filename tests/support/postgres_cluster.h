#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "db/postgres.h"

namespace auscult::support {

struct ClusterOptions {
  bool fsync = true;
  std::string settings = {};  // lines of postgresql.conf
};

// A real PostgreSQL cluster for the length of a test program: initdb in a temporary folder, Unix
// socket only, as user `postgres` when run by root. A watchdog process owns it: when the program
// ends, be it by a crash or a kill, the watchdog stops the cluster and removes the folder.
class PostgresCluster {
 public:
  // Ends the program with a message where PostgreSQL is missing or does not start.
  explicit PostgresCluster(ClusterOptions options = {});
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  // One for the whole test program, started when first asked for.
  static PostgresCluster& Shared();

  std::string Conninfo(const std::string& database) const;
  const std::string& socket_dir() const { return folder_; }

  // The server goes away at once, as by a power cut, and comes back.
  void Kill();
  void Start();

 private:
  void Command(char command);
  const ClusterOptions options_;
  std::string folder_;
  pid_t watchdog_ = -1;
  int control_ = -1;  // a socket: a byte asks, a byte answers, the end of it stops everything
};

// A fresh database with the schema in it, dropped at the end of the scope.
class TestDatabase {
 public:
  explicit TestDatabase(PostgresCluster& cluster = PostgresCluster::Shared());
  // The same without the schema.
  struct Empty {};
  explicit TestDatabase(Empty, PostgresCluster& cluster = PostgresCluster::Shared());
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& conninfo() const { return conninfo_; }
  // Fails the test and ends the program where it cannot connect.
  std::unique_ptr<db::Connection> Connect() const;

 private:
  TestDatabase(PostgresCluster& cluster, bool with_schema);
  std::string name_, conninfo_, maintenance_conninfo_;
};

}  // namespace auscult::support
