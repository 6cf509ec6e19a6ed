#pragma once

#include <memory>
#include <string>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace auscult::bench {

// How a server is reached: over what, and with which key; "": none.
struct Passage {
  std::shared_ptr<grpc::ChannelCredentials> channel = grpc::InsecureChannelCredentials();
  std::string key;

  void ShowKey(grpc::ClientContext& context) const {
    if (!key.empty()) context.AddMetadata("authorization", "Bearer " + key);
  }
};

// StreamWaveforms over a connection of its own, as every device has one. One thread may write while
// another reads.
class IngestStream {
 public:
  explicit IngestStream(const std::string& address, const Passage& passage = {}) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ =
        v1::IngestService::NewStub(grpc::CreateCustomChannel(address, passage.channel, arguments));
    passage.ShowKey(context_);
    stream_ = stub_->StreamWaveforms(&context_);
  }
  grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>* operator->() {
    return stream_.get();
  }

 private:
  std::unique_ptr<v1::IngestService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>>
      stream_;
};

}  // namespace auscult::bench
