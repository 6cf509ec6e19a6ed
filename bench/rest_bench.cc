// What does HTTP cost? CPU time of this process for a small unary call that comes over REST,
// through listener, transcoder and a channel within the process, beside the same call over gRPC
// plus the conversion of its answer to JSON alone, in one run. Clients are processes of their own:
// eight callers, each with its next call when the last is answered. Answers are checked first.
//
//   rest_bench [--calls 20000] [--quick]

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "google/protobuf/util/json_util.h"
#include "server/rest/http_gateway.h"
#include "server/rest/http_listener.h"
#include "server/rest/json_writer.h"
#include "server/rest/transcoder.h"

extern char** environ;

namespace auscult::bench {
namespace {

constexpr int kCallers = 8;
constexpr char kName[] = "sites/hamburg/assets/pump-1";

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "rest_bench: %s\n", what.c_str());
  std::exit(1);
}

v1::Asset MakeAsset() {
  v1::Asset asset;
  asset.set_name(kName);
  asset.set_display_name("Cooling water pump 1");
  asset.set_kind("pump");
  asset.mutable_machine()->set_rated_power_kw(37.5f);
  asset.mutable_machine()->set_rated_speed_rpm(1480);
  asset.mutable_machine()->add_bearings()->set_bearing("bearings/skf-6205-2rs-jem");
  asset.mutable_health()->set_condition(v1::CONDITION_WATCH);
  asset.mutable_health()->set_index(71.25f);
  asset.mutable_health()->set_summary("the envelope shows the outer race of the drive end");
  asset.mutable_create_time()->set_seconds(1'772'000'000);
  asset.mutable_update_time()->set_seconds(1'772'100'000);
  asset.set_etag("\"00112233aabbccdd\"");
  return asset;
}

class Assets : public v1::AssetService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetAsset(grpc::CallbackServerContext* context,
                                     const v1::GetAssetRequest* request,
                                     v1::Asset* asset) override {
    *asset = asset_;
    asset->set_name(request->name());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::Asset asset_ = MakeAsset();
};

class NoTraffic : public rest::HttpTraffic {
 public:
  void Opened() override {}
  void Closed() override {}
  void TurnedAway() override {}
  void Finished(const rest::HttpAccess&) override {}
};

void CallGrpc(int port, int calls) {
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  const auto stub = v1::AssetService::NewStub(channel);
  v1::GetAssetRequest request;
  request.set_name(kName);
  for (int i = 0; i < calls; ++i) {
    grpc::ClientContext context;
    v1::Asset asset;
    if (!stub->GetAsset(&context, request, &asset).ok() || asset.name() != kName) Fail("gRPC");
  }
}

void CallRest(int port, int calls) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Fail("connect");
  const std::string request = std::string("GET /v1/") + kName +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n";
  for (int i = 0; i < calls; ++i) {
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) Fail("send");
    std::string answer;
    while (!answer.ends_with("\"}")) {  // the etag is the last field
      char bytes[8192];
      const ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
      if (got <= 0) Fail("recv: " + answer);
      answer.append(bytes, static_cast<size_t>(got));
    }
    if (answer.find("200 OK") == std::string::npos) Fail("REST: " + answer);
  }
  close(fd);
}

// In a process of its own: rest_bench --client rest PORT CALLS.
int RunClient(const std::string& kind, int port, int calls) {
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back(kind == "rest" ? CallRest : CallGrpc, port, calls / kCallers);
  }
  for (std::thread& caller : callers) caller.join();
  return 0;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Microseconds of this process for each call that a client makes.
double CpuOfCalls(const std::string& program, const std::string& kind, int port, int calls) {
  std::vector<std::string> words = {program, "--client", kind, std::to_string(port),
                                    std::to_string(calls)};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const double before = CpuSeconds();
  pid_t client = 0;
  int status = 0;
  if (posix_spawn(&client, program.c_str(), nullptr, nullptr, argv.data(), environ) != 0 ||
      waitpid(client, &status, 0) != client || status != 0) {
    Fail("the client of " + kind + " failed");
  }
  return (CpuSeconds() - before) * 1e6 / calls;
}

double CpuOfConversion(const std::function<void(const v1::Asset&, std::string&)>& convert) {
  const v1::Asset asset = MakeAsset();
  constexpr int kConversions = 20'000;
  size_t bytes = 0;
  const double before = CpuSeconds();
  for (int i = 0; i < kConversions; ++i) {
    std::string json;
    convert(asset, json);
    bytes += json.size();
  }
  if (bytes < kConversions * 100ul) Fail("nothing was written");
  return (CpuSeconds() - before) * 1e6 / kConversions;
}

void WriteOwn(const v1::Asset& asset, std::string& json) { rest::AppendJson(asset, json); }

void WriteByLibrary(const v1::Asset& asset, std::string& json) {
  if (!google::protobuf::util::MessageToJsonString(asset, &json).ok()) Fail("json_util");
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

int Run(const std::string& program, int calls) {
  Assets assets;
  int grpc_port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &grpc_port);
  builder.RegisterService(&assets);
  const auto server = builder.BuildAndStart();
  rest::HttpGatewayOptions gateway;
  gateway.api = rest::MakeTranscoder(server->InProcessChannel({}));
  auto listener = rest::HttpListener::Start({}, rest::MakeHttpGateway(std::move(gateway)),
                                            std::make_shared<NoTraffic>());
  if (!listener.ok()) Fail(std::string(listener.status().message()));
  CpuOfCalls(program, "grpc", grpc_port, calls / 4);
  CpuOfCalls(program, "rest", (*listener)->port(), calls / 4);
  std::vector<double> over_grpc, over_rest;
  for (int i = 0; i < 5; ++i) {
    over_grpc.push_back(CpuOfCalls(program, "grpc", grpc_port, calls));
    over_rest.push_back(CpuOfCalls(program, "rest", (*listener)->port(), calls));
  }
  const double own_us = CpuOfConversion(WriteOwn);
  const double library_us = CpuOfConversion(WriteByLibrary);
  const double grpc_us = Median(over_grpc);
  const double rest_us = Median(over_rest);
  const double ratio = rest_us / (grpc_us + own_us);
  std::printf("CPU of the server for a small unary call\n");
  std::printf("  over gRPC          %6.1f us\n  JSON of the answer %6.2f us (json_util %.2f us)\n",
              grpc_us, own_us, library_us);
  std::printf("  over REST          %6.1f us: %.2f of gRPC and JSON, asked are at most 1.5\n",
              rest_us, ratio);
  const nlohmann::json figures = {{"bench", "rest"},    {"grpc_us", grpc_us},
                                  {"json_us", own_us},  {"json_util_us", library_us},
                                  {"rest_us", rest_us}, {"ratio", ratio}};
  std::printf("%s\n", figures.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "--client") == 0) {
    return auscult::bench::RunClient(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  }
  int calls = 20'000;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) calls = 2'000;
    if (std::strcmp(argv[i], "--calls") == 0 && i + 1 < argc) calls = std::atoi(argv[++i]);
  }
  return auscult::bench::Run(argv[0], calls);
}
