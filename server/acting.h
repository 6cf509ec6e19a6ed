#pragma once

#include <string>

#include "absl/status/status.h"
#include "db/operation_store.h"
#include "db/postgres.h"
#include "grpcpp/grpcpp.h"

namespace auscult::server {

struct Admitted;

// In whose name the server works on the database: what the audit log says of a change, and what of
// it the database shows.

// As the client, or HTTP, named the call; "" where it did not.
std::string RequestIdOf(const grpc::CallbackServerContext& context);

// Until its lease ends the connection works for the caller, who sees the sites at which he holds
// the role of the call.
absl::Status ActForCaller(db::Connection& connection, const Admitted& admitted,
                          std::string request_id);

// As long as it lives the connection, outside of any transaction at both ends, works for whoever
// asked for an operation, or for a schedule.
class Acting {
 public:
  Acting(db::Connection& connection, const db::Operation& operation);
  ~Acting() { connection_.ActForNobody(); }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

 private:
  db::Connection& connection_;
};

}  // namespace auscult::server
