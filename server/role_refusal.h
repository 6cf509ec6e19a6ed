#pragma once

#include <map>
#include <string>

#include "grpcpp/generic/async_generic_service.h"

namespace auscult::server {

// Answers calls of services that this server leaves to others of its database: UNIMPLEMENTED with
// the reason ROLE_NOT_SERVED and the role that is missing. Thread-safe.
class RoleRefusal final : public grpc::CallbackGenericService {
 public:
  // The role by full name of service; other services are answered as by any server.
  explicit RoleRefusal(std::map<std::string, std::string> roles) : roles_(std::move(roles)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  const std::map<std::string, std::string> roles_;
};

}  // namespace auscult::server
