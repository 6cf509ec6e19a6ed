#include "tests/faults/rescoring.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "auscult/v1/rescore_service.grpc.pb.h"

namespace auscult::faults {
namespace {

std::unique_ptr<v1::RescoreService::Stub> StubAt(const std::string& address) {
  return v1::RescoreService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

}  // namespace

std::string StartRescore(const std::string& address) {
  v1::StartRescoreRequest request;
  request.set_scope("sites/-");
  google::longrunning::Operation operation;
  grpc::ClientContext context;
  const grpc::Status status = StubAt(address)->StartRescore(&context, request, &operation);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return "rescores/" + operation.name().substr(operation.name().find('/') + 1);
}

v1::Rescore AwaitRescore(const std::string& address, const std::string& name,
                         const std::function<void()>& meanwhile) {
  const auto stub = StubAt(address);
  v1::GetRescoreRequest request;
  request.set_name(name);
  v1::Rescore rescore;
  for (int i = 0; i < 600 && !rescore.has_done_time(); ++i) {
    meanwhile();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    grpc::ClientContext context;
    const grpc::Status status = stub->GetRescore(&context, request, &rescore);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  return rescore;
}

}  // namespace auscult::faults
