#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace auscult::server {

inline constexpr int kOldestPostgres = 15;

// Where PostgreSQL's server programs are.
struct PostgresInstallation {
  std::string bin_dir;
  int major_version = 0;
  std::string Program(const std::string& name) const { return bin_dir + "/" + name; }
};

// Finds the programs in `bin_dir`, or, where it is empty, under /usr/lib/postgresql: those of
// `wanted_major` if it is not 0, else the newest, kOldestPostgres or later. FAILED_PRECONDITION
// says what is there and what to install; `cluster_dir` is the folder that needs `wanted_major`.
absl::StatusOr<PostgresInstallation> FindPostgres(const std::string& bin_dir, int wanted_major,
                                                  const std::string& cluster_dir);

}  // namespace auscult::server
