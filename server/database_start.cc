#include "server/database_start.h"

#include "absl/strings/str_cat.h"
#include "db/migrate.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "server/conninfo.h"

namespace auscult::server {
namespace {

constexpr int kMonthsAhead = 2;

absl::Status Explain(const absl::Status& status, const Config& config) {
  if (config.database.empty()) return status;
  return absl::Status(
      status.code(),
      absl::StrCat("database ", WithoutPassword(config.database), ": ",
                   std::string(status.message()),
                   "; see that it runs and takes connections from here, or leave `database` out, ",
                   "and auscultd runs one of its own under data_dir"));
}

absl::Status Prepare(const std::string& conninfo, bool allow_unsafe) {
  auto connection = db::Connection::Open(conninfo);
  if (!connection.ok()) return connection.status();
  absl::Status status = db::CheckServer(**connection, allow_unsafe);
  if (status.ok()) status = db::Migrate(**connection);
  if (status.ok()) status = db::MakePartitionsAhead(**connection, kMonthsAhead);
  return status;
}

}  // namespace

absl::Status PrepareDatabase(const Config& config, const std::string& conninfo) {
  const absl::Status status = Prepare(conninfo, config.allow_unsafe_database);
  return status.ok() ? status : Explain(status, config);
}

}  // namespace auscult::server
