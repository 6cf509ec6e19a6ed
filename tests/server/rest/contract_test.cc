// Every RPC of the contract, over gRPC and over REST, against a real server with its own database.
#include "server/rest/contract.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "auscult/v1/alarm_service.pb.h"
#include "google/protobuf/util/json_util.h"
#include "server/rest/json_writer.h"
#include "server/rest/transcoder.h"
#include "server/rest/unary_call.h"
#include "tests/server/rest/contract_cases.h"
#include "tests/server/rest/fake_exchange.h"
#include "tests/server/rest/http_request_of.h"
#include "tests/support/auscultd_process.h"

namespace auscult::rest {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using Json = nlohmann::json;

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kWatched{1500};

const MethodDescriptor* FindMethod(const std::string& name) {
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      if (const auto* method = file->service(i)->FindMethodByName(name)) return method;
    }
  }
  return nullptr;
}

// What was answered: a google.rpc.Code, and the messages.
struct Answered {
  int code = 0;
  std::vector<Json> messages;
};

class Plant {
 public:
  Plant() : folder_("/tmp/auscult-rest-XXXXXX") {
    if (mkdtemp(folder_.data()) == nullptr || chmod(folder_.c_str(), 0755) != 0) std::abort();
    // Keys are made on the way, and must not be asked for.
    std::vector<std::string> arguments = {"--data-dir", folder_ + "/data", "--auth", "off"};
    if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
    server_.emplace(AUSCULT_BIN_DIR "/auscultd", arguments, folder_ + ".log");
    grpc::ChannelArguments options;
    options.SetMaxReceiveMessageSize(-1);
    channel_ =
        grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), options);
    stub_.emplace(channel_);
    transcoder_ = MakeTranscoder(channel_);
    if (!AddRoutes(routes_).ok()) std::abort();
  }
  ~Plant() {
    transcoder_.reset();
    server_->Stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    std::filesystem::remove(folder_ + ".log", ignored);
  }

  Answered CallGrpc(const MethodDescriptor& method, const Message& request);
  // By each binding that the request fits.
  Answered CallRest(const MethodDescriptor& method, const Message& request);

 private:
  Answered CallRest(const MethodDescriptor& method, HttpRequest request);

  std::string folder_;
  std::optional<support::AuscultdProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::optional<RpcStub> stub_;
  RouteTable routes_;
  std::unique_ptr<Handler> transcoder_;
};

// One request, and what comes until the end or the time is over.
class Collector : public grpc::ClientBidiReactor<Message, Message> {
 public:
  Collector(RpcStub& stub, const MethodDescriptor& method, const Message& request)
      : answer_(NewMessage(*method.output_type())) {
    const bool watches = method.name().starts_with("Watch");
    context_.set_deadline(std::chrono::system_clock::now() +
                          (watches ? std::chrono::milliseconds(kWatched) : kPatience));
    stub.PrepareBidiStreamingCall(&context_, RpcPath(method), grpc::StubOptions(), this);
    StartWriteLast(&request, grpc::WriteOptions());
    StartRead(answer_.get());
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::string json;
    AppendJson(*answer_, json);
    answered_.messages.push_back(Json::parse(json));
    StartRead(answer_.get());
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    answered_.code = status.error_code();
    done_ = true;
    changed_.notify_all();
  }
  Answered Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    return answered_;
  }

 private:
  grpc::ClientContext context_;
  const std::unique_ptr<Message> answer_;
  Answered answered_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

Answered Plant::CallGrpc(const MethodDescriptor& method, const Message& request) {
  return Collector(*stub_, method, request).Wait();
}

int CodeOf(const std::string& name) {
  static const std::map<std::string, int> codes = {
      {"INVALID_ARGUMENT", 3}, {"DEADLINE_EXCEEDED", 4},   {"NOT_FOUND", 5},
      {"ALREADY_EXISTS", 6},   {"FAILED_PRECONDITION", 9}, {"ABORTED", 10},
      {"UNIMPLEMENTED", 12}};
  return codes.contains(name) ? codes.at(name) : -1;
}

Answered Plant::CallRest(const MethodDescriptor& method, HttpRequest request) {
  const bool watches = method.name().starts_with("Watch");
  request.headers.emplace_back("X-Request-Timeout", watches ? "1.5" : "20");
  const auto exchange = std::make_shared<FakeExchange>();
  transcoder_->Handle(std::move(request), exchange);
  const HttpResponse response = exchange->Wait();
  Answered answered;
  size_t at = 0;
  while (at < response.body.size()) {
    const size_t end = std::min(response.body.find('\n', at), response.body.size());
    Json message = Json::parse(response.body.substr(at, end - at));
    if (message.is_object() && message.contains("error") && message["error"].contains("status")) {
      answered.code = CodeOf(message["error"]["status"]);
    } else {
      answered.messages.push_back(std::move(message));
    }
    at = end + 1;
  }
  return answered;
}

Answered Plant::CallRest(const MethodDescriptor& method, const Message& request) {
  for (const auto& binding : routes_.bindings()) {
    if (binding->method != &method) continue;
    auto http = HttpRequestOf(routes_, *binding, request);
    if (http) return CallRest(method, *std::move(http));
  }
  ADD_FAILURE() << "no path of " << method.full_name() << " fits " << request.ShortDebugString();
  return {};
}

// What differs between two sites that went through the same: names, times of now, numbers given.
Json Normalised(const Json& message) {
  static const std::set<std::string> volatile_fields = {"etag",          "createTime",
                                                        "updateTime",    "openTime",
                                                        "closeTime",     "acknowledgeTime",
                                                        "since",         "sampleTime",
                                                        "bytes",         "rowCount",
                                                        "oldestTime",    "fullTime",
                                                        "databaseBytes", "diskFreeBytes",
                                                        "doneTime",      "adoptTime",
                                                        "activateTime",  "medianAcknowledgeTime",
                                                        "learnedTo",     "nextPageToken",
                                                        "progress",      "recordsPerSecond",
                                                        "bytesPerDay",   "partitionCount",
                                                        "secret",        "revokeTime",
                                                        "lastUseTime",   "use"};
  if (message.is_object()) {
    Json kept = Json::object();
    for (const auto& [key, value] : message.items()) {
      if (!volatile_fields.contains(key)) kept[key] = Normalised(value);
    }
    return kept;
  }
  if (message.is_array()) {
    Json kept = Json::array();
    for (const Json& value : message) kept.push_back(Normalised(value));
    return kept;
  }
  if (!message.is_string()) return message;
  std::string text =
      std::regex_replace(message.get<std::string>(), std::regex("(sites/|keys/)[gr]\\b"), "$1S");
  return std::regex_replace(text, std::regex("(alarms|operations|rescores|maintenance)/[0-9]+"),
                            "$1/N");
}

std::string Replaced(std::string text, const std::string& mark, const std::string& with) {
  for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += with.size()) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

class Contract : public testing::Test {
 protected:
  std::unique_ptr<Message> RequestOf(const MethodDescriptor& method, const std::string& text,
                                     const char* site) {
    std::string json = Replaced(text, "{P}", "{A}/points/de");
    json = Replaced(Replaced(json, "{A}", "sites/{S}/assets/pump"), "{S}", site);
    json = Replaced(json, "{ALARM}", alarms_[site]);
    json = Replaced(json, "{RESCORE}", rescores_[site]);
    auto request = NewMessage(*method.input_type());
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
    EXPECT_TRUE(parsed.ok()) << method.name() << ": " << parsed.ToString();
    return request;
  }

  // What the first message names "<collection>/<number>".
  static void Note(const Answered& answered, const std::string& collection, std::string& number) {
    std::smatch found;
    const std::string text = answered.messages.empty() ? "" : answered.messages.front().dump();
    if (std::regex_search(text, found, std::regex(collection + "/([0-9]+)"))) number = found[1];
  }

  void SendRecords();
  void Compare(const ContractCase& tried);

  Plant plant_;
  std::map<std::string, std::string> alarms_;
  std::map<std::string, std::string> rescores_;
};

void Contract::SendRecords() {
  std::string values;
  for (int i = 0; i < 4096; ++i)
    values += (i > 0 ? "," : "") + std::to_string(std::sin(i * 0.3) + 0.3 * std::sin(i * 1.7));
  for (int minute = 0; minute < 12; ++minute) {
    char time[40];
    std::snprintf(time, sizeof(time), "2026-03-01T00:%02d:00Z", minute);
    const std::string waveform =
        std::string(R"({"point":"sites/{S}/assets/pump/points/de","sampleRateHz":10000,
        "measuredAt":")") +
        time + R"(","channels":[{"floats":{"values":[)" + values +
        R"(]}}],"conditions":{"speedRpm":1480}})";
    const bool streams = minute == 11;
    Compare({streams ? "StreamWaveforms" : "IngestWaveform",
             streams ? R"({"sequence":7,"waveform":)" + waveform + "}"
                     : R"({"waveform":)" + waveform + "}"});
  }
}

void Contract::Compare(const ContractCase& tried) {
  SCOPED_TRACE(tried.method + " " + tried.request.substr(0, 200));
  const MethodDescriptor* method = FindMethod(tried.method);
  ASSERT_NE(method, nullptr);
  const Answered grpc = plant_.CallGrpc(*method, *RequestOf(*method, tried.request, "g"));
  const Answered rest = plant_.CallRest(*method, *RequestOf(*method, tried.request, "r"));
  if (tried.method == "ListAlarms" || tried.method == "StartRescore") {
    const bool is_alarm = tried.method == "ListAlarms";
    Note(grpc, is_alarm ? "alarms" : "operations", is_alarm ? alarms_["g"] : rescores_["g"]);
    Note(rest, is_alarm ? "alarms" : "operations", is_alarm ? alarms_["r"] : rescores_["r"]);
    std::this_thread::sleep_for(std::chrono::seconds(is_alarm ? 0 : 5));
  }
  EXPECT_EQ(rest.code, grpc.code);
  const bool watches = tried.method.starts_with("Watch");
  EXPECT_EQ(grpc.code == 0 || (watches && grpc.code == grpc::StatusCode::DEADLINE_EXCEEDED),
            tried.is_ok)
      << "code " << grpc.code;
  ASSERT_EQ(rest.messages.size(), grpc.messages.size());
  for (size_t i = 0; i < grpc.messages.size(); ++i) {
    EXPECT_EQ(Normalised(rest.messages[i]), Normalised(grpc.messages[i]));
  }
}

TEST_F(Contract, HoldsOverRestForEveryRpc) {
  std::set<std::string> tried = {"IngestWaveform", "StreamWaveforms"};
  for (const ContractCase& one : kContractCases) {
    if (one.method == "IngestReadings") SendRecords();
    Compare(one);
    tried.insert(one.method);
  }
  for (const auto* file : ServiceFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string& name = file->service(s)->method(m)->name();
        EXPECT_TRUE(tried.contains(name)) << name << " has no case in contract_cases.h";
      }
    }
  }
}

}  // namespace
}  // namespace auscult::rest
