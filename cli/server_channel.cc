#include "cli/server_channel.h"

#include <grpcpp/create_channel.h>

#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/server_key.h"
#include "cli/server_security.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace auscult::cli {
namespace {

constexpr std::chrono::seconds kReadDeadline{60};
constexpr int kMaxMessageBytes = 256 << 20;

template <typename Detail>
Detail FindDetail(const grpc::Status& status) {
  google::rpc::Status details;
  Detail found;
  if (!details.ParseFromString(status.error_details())) return found;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.Is<Detail>() && any.UnpackTo(&found)) break;
  }
  return found;
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const ServerOptions& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  // A server that vanished without a word is noticed.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      server.address, ServerCredentials(server), arguments, ShowKey(server.key));
}

void SetReadDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kReadDeadline);
}

absl::Status ErrorOf(const grpc::Status& status, const ServerOptions& server) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const auto info = FindDetail<google::rpc::ErrorInfo>(status);
  if (info.reason().empty() && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return absl::UnavailableError(absl::StrCat("cannot reach the server at ", server.address, ": ",
                                               WhyUnreachable(status.error_message(), server), " (",
                                               status.error_message(), ")"));
  }
  std::string text = status.error_message();
  const auto remedy = info.metadata().find("remedy");
  if (remedy != info.metadata().end() && !absl::StrContains(text, remedy->second)) {
    absl::StrAppend(&text, "; ", remedy->second);
  }
  if (!info.reason().empty()) absl::StrAppend(&text, " [", info.reason(), "]");
  const auto bad_request = FindDetail<google::rpc::BadRequest>(status);
  for (const auto& violation : bad_request.field_violations()) {
    absl::StrAppend(&text, "\n  ", violation.field());
    if (!absl::StrContains(text, violation.description())) {
      absl::StrAppend(&text, ": ", violation.description());
    }
  }
  return absl::Status(code, text);
}

std::chrono::milliseconds RetryDelayOf(const grpc::Status& status) {
  const auto delay = FindDetail<google::rpc::RetryInfo>(status).retry_delay();
  return std::chrono::milliseconds(delay.seconds() * 1000 + delay.nanos() / 1'000'000);
}

std::string BlamedField(const grpc::Status& status) {
  const auto bad_request = FindDetail<google::rpc::BadRequest>(status);
  return bad_request.field_violations().empty() ? "" : bad_request.field_violations(0).field();
}

}  // namespace auscult::cli
