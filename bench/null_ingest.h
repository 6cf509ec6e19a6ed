#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace auscult::bench {

// StreamWaveforms that reads, answers with next to nothing and forgets: what the wire alone costs.
class NullIngest final : public v1::IngestService::CallbackService {
  class Stream final
      : public grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse> {
   public:
    Stream() { StartRead(&request_); }

   private:
    void OnReadDone(bool ok) override {
      bool write = false, end = false;
      {
        std::lock_guard lock(mutex_);
        closed_ = !ok;
        if (ok) acks_.push_back(request_.sequence());
        write = !writing_ && !acks_.empty();
        end = closed_ && !writing_ && acks_.empty();
        if (write) Next();
      }
      if (write) StartWrite(&response_);
      if (ok) StartRead(&request_);
      if (end) Finish(grpc::Status::OK);
    }
    void OnWriteDone(bool /*ok*/) override {
      bool end = false;
      {
        std::lock_guard lock(mutex_);
        writing_ = false;
        if (!acks_.empty()) Next();
        end = closed_ && !writing_;
        if (!writing_ && !end) return;
      }
      if (end) {
        Finish(grpc::Status::OK);
      } else {
        StartWrite(&response_);
      }
    }
    void OnDone() override { delete this; }
    void Next() {
      writing_ = true;
      response_.set_sequence(acks_.front());
      response_.mutable_result()->set_outcome(v1::IngestResult::OUTCOME_ACCEPTED);
      acks_.pop_front();
    }

    v1::StreamWaveformsRequest request_;
    v1::StreamWaveformsResponse response_;
    std::mutex mutex_;
    std::deque<uint64_t> acks_;
    bool writing_ = false, closed_ = false;
  };

 public:
  grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>* StreamWaveforms(
      grpc::CallbackServerContext* /*context*/) override {
    return new Stream;
  }
};

// Serves it and says where, until the process is told to end.
[[noreturn]] inline void ServeNullIngest() {
  NullIngest service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::printf("listens on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();
  std::_Exit(0);
}

}  // namespace auscult::bench
