#include "server/role_refusal.h"

#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

class Refused final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refused(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* RoleRefusal::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  // "/auscult.v1.IngestService/StreamWaveforms".
  const std::string& method = context->method();
  const size_t end = method.find('/', 1);
  const auto role = roles_.find(end == std::string::npos ? "" : method.substr(1, end - 1));
  if (role == roles_.end()) return new Refused(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
  return new Refused(ToGrpcStatus(MakeError(
      absl::StatusCode::kUnimplemented,
      {.reason = "ROLE_NOT_SERVED",
       .message = Concat("this server does not have the role \"", role->second, "\""),
       .remedy = Concat("send the call to a server of the same database whose --roles name \"",
                        role->second, "\""),
       .field = ""})));
}

}  // namespace auscult::server
