#include "server/rest/upstream_health.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <utility>
#include <vector>

namespace auscult::rest {
namespace {

constexpr auto kTimeout = std::chrono::seconds(2);
constexpr char kMethod[] = "/grpc.health.v1.Health/Check";
constexpr char kServiceField = 0x0a;              // HealthCheckRequest.service
const std::string kServingAnswer("\x08\x01", 2);  // HealthCheckResponse.status: SERVING

// Lives until its answer has come.
struct Check {
  explicit Check(const std::shared_ptr<grpc::Channel>& upstream) : stub(upstream) {}
  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::ByteBuffer request, response;
};

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

// The messages of grpc.health.v1 are in no Debian package, and each has one field.
void AskUpstreamHealth(const std::shared_ptr<grpc::Channel>& upstream, const std::string& service,
                       std::function<void(std::string)> told) {
  auto check = std::make_shared<Check>(upstream);
  check->context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  std::string bytes;
  if (!service.empty()) {
    bytes = std::string{kServiceField, static_cast<char>(service.size())} + service;
  }
  const grpc::Slice slice(bytes);
  check->request = grpc::ByteBuffer(&slice, 1);
  check->stub.UnaryCall(&check->context, kMethod, grpc::StubOptions(), &check->request,
                        &check->response,
                        [check, service, told = std::move(told)](const grpc::Status& status) {
                          if (!status.ok()) {
                            told("the gRPC server does not answer: " + status.error_message());
                          } else if (BytesOf(check->response) != kServingAnswer) {
                            told((service.empty() ? "the server" : service) +
                                 " is not serving: its database does "
                                 "not answer, or the server does not have its role");
                          } else {
                            told("");
                          }
                        });
}

}  // namespace auscult::rest
