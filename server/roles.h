#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace auscult::server {

// What a server does of all that servers of one database do.
struct Roles {
  bool ingest = false;  // takes records and readings
  bool api = false;     // answers all other calls
  bool jobs = false;    // long work, and what has to happen beside the calls
  bool rest = false;    // HTTP: the REST API and the dashboard, over gRPC

  // Whether it takes gRPC calls and so needs the database.
  bool serves_grpc() const { return ingest || api || jobs; }
};

// "ingest,api,jobs,rest", in any order, at least one. INVALID_ARGUMENT names the word that is no
// role.
absl::StatusOr<Roles> ParseRoles(std::string_view text);

}  // namespace auscult::server
