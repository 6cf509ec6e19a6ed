#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/rest/transcoder.h"
#include "tests/server/rest/fake_exchange.h"

namespace auscult::rest {

inline grpc::Status ErrorWith(grpc::StatusCode code, const std::string& reason, int retry_ms) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message("said so");
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  if (retry_ms > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(retry_ms * 1'000'000);
    status.add_details()->PackFrom(retry);
  }
  return grpc::Status(code, "said so", status.SerializeAsString());
}

// Answers with what it was asked, so that a test sees what came through.
class EchoingAssets : public v1::AssetService::Service {
 public:
  grpc::Status GetSite(grpc::ServerContext* context, const v1::GetSiteRequest* request,
                       v1::Site* site) override {
    {
      const std::lock_guard lock(mutex_);
      metadata_.clear();
      for (const auto& [key, value] : context->client_metadata()) {
        metadata_[{key.data(), key.size()}] = std::string(value.data(), value.size());
      }
      time_left_ = context->deadline() - std::chrono::system_clock::now();
    }
    if (request->name() == "sites/slow") {
      while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++cancelled_;
      return grpc::Status::CANCELLED;
    }
    if (request->name() == "sites/busy") {
      return ErrorWith(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", 1);
    }
    if (request->name() == "sites/stranger") {
      return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who?");
    }
    if (request->name() == "sites/bare") return grpc::Status(grpc::StatusCode::NOT_FOUND, "bare");
    site->set_name(request->name());
    site->set_etag("\"e1\"");
    site->set_display_name(display_name_);
    return grpc::Status::OK;
  }

  grpc::Status ListSites(grpc::ServerContext*, const v1::ListSitesRequest* request,
                         v1::ListSitesResponse* response) override {
    response->set_next_page_token(std::to_string(request->page_size()) + request->page_token());
    return grpc::Status::OK;
  }

  grpc::Status CreateSite(grpc::ServerContext*, const v1::CreateSiteRequest* request,
                          v1::Site* site) override {
    *site = request->site();
    site->set_display_name(request->ShortDebugString());
    return grpc::Status::OK;
  }

  grpc::Status UpdateSite(grpc::ServerContext*, const v1::UpdateSiteRequest* request,
                          v1::Site* site) override {
    if (request->site().etag() == "old") {
      return ErrorWith(grpc::StatusCode::ABORTED, "ETAG_MISMATCH", 0);
    }
    site->set_display_name(request->ShortDebugString());
    return grpc::Status::OK;
  }

  grpc::Status DeleteSite(grpc::ServerContext*, const v1::DeleteSiteRequest* request,
                          google::protobuf::Empty*) override {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, request->ShortDebugString());
  }

  void Rename(const std::string& display_name) { display_name_ = display_name; }
  std::map<std::string, std::string> metadata() {
    const std::lock_guard lock(mutex_);
    return metadata_;
  }
  std::chrono::system_clock::duration time_left() {
    const std::lock_guard lock(mutex_);
    return time_left_;
  }
  int cancelled() const { return cancelled_; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> metadata_;
  std::chrono::system_clock::duration time_left_{};
  std::string display_name_;
  std::atomic<int> cancelled_{0};
};

// A server within the process and a transcoder before it.
class PlantStub {
 public:
  explicit PlantStub(grpc::Service& service) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    transcoder_ = MakeTranscoder(server_->InProcessChannel(arguments));
  }
  ~PlantStub() {
    transcoder_.reset();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  // "GET /v1/sites?page_size=3"
  std::shared_ptr<FakeExchange> Begin(const std::string& line, const std::string& body = "",
                                      HeaderFields headers = {}) {
    const auto exchange = std::make_shared<FakeExchange>();
    HttpRequest request;
    const size_t space = line.find(' ');
    const size_t question = line.find('?');
    request.method = line.substr(0, space);
    request.path =
        line.substr(space + 1, question == std::string::npos ? question : question - space - 1);
    if (question != std::string::npos) request.query = line.substr(question + 1);
    request.headers = std::move(headers);
    if (!body.empty() && request.Header("Content-Type").empty()) {
      request.headers.emplace_back("Content-Type", "application/json");
    }
    request.body = body;
    request.request_id = "request-7";
    transcoder_->Handle(std::move(request), exchange);
    return exchange;
  }

  HttpResponse Call(const std::string& line, const std::string& body = "",
                    HeaderFields headers = {}) {
    return Begin(line, body, std::move(headers))->Wait();
  }

  void Stop() { transcoder_.reset(); }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Handler> transcoder_;
};

}  // namespace auscult::rest
