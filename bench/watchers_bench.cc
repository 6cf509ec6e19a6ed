// How many can look on? Clients that watch a server's stream as server-sent events, each over a
// connection of its own through listener and transcoder: the memory of one, and how long an event
// takes from the server to the last of them. Every client must have every event, in order.
//
//   watchers_bench [--watchers 2000] [--events 20] [--quick]

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/alarm_service.grpc.pb.h"
#include "server/rest/http_gateway.h"
#include "server/rest/http_listener.h"
#include "server/rest/transcoder.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "watchers_bench: %s\n", what.c_str());
  std::exit(1);
}

class Alarms;

// One watcher's stream: sends what was published since, one message at a time.
class Watcher : public grpc::ServerWriteReactor<v1::WatchAlarmsResponse> {
 public:
  explicit Watcher(Alarms& alarms) : alarms_(alarms) {}
  void Publish(int number);
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void WriteNext();

  Alarms& alarms_;
  std::mutex mutex_;
  int wanted_ = 0;
  int written_ = 0;
  bool is_writing_ = false;
  bool is_over_ = false;
  v1::WatchAlarmsResponse response_;
};

class Alarms : public v1::AlarmService::CallbackService {
 public:
  grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* WatchAlarms(
      grpc::CallbackServerContext*, const v1::WatchAlarmsRequest*) override {
    auto* watcher = new Watcher(*this);
    const std::lock_guard lock(mutex_);
    watchers_.insert(watcher);
    return watcher;
  }
  void Publish(int number) {
    const std::lock_guard lock(mutex_);
    for (Watcher* watcher : watchers_) watcher->Publish(number);
  }
  void Remove(Watcher* watcher) {
    const std::lock_guard lock(mutex_);
    watchers_.erase(watcher);
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return watchers_.size();
  }

 private:
  std::mutex mutex_;
  std::set<Watcher*> watchers_;
};

void Watcher::Publish(int number) {
  const std::lock_guard lock(mutex_);
  wanted_ = number;
  if (!is_writing_) WriteNext();
}

void Watcher::WriteNext() {
  is_writing_ = written_ < wanted_ && !is_over_;
  if (!is_writing_) return;
  v1::Alarm& alarm = *response_.mutable_alarm();
  alarm.set_name("sites/a/alarms/" + std::to_string(++written_));
  alarm.set_summary("the envelope shows the outer race of the drive end");
  alarm.set_condition(v1::CONDITION_ALARM);
  StartWrite(&response_);
}

void Watcher::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  if (ok) WriteNext();
}

void Watcher::OnCancel() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  Finish(grpc::Status::CANCELLED);
}

void Watcher::OnDone() {
  alarms_.Remove(this);
  delete this;
}

class NoTraffic : public rest::HttpTraffic {
 public:
  void Opened() override {}
  void Closed() override {}
  void TurnedAway() override {}
  void Finished(const rest::HttpAccess&) override {}
};

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Fail("connect");
  const std::string request =
      "GET /v1/sites/-/alarms:watch HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: "
      "text/event-stream\r\n\r\n";
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) Fail("send");
  return fd;
}

// Until `text` has come; `received` keeps what is read.
void ReadUntil(int fd, const std::string& text, std::string& received) {
  while (received.find(text) == std::string::npos) {
    pollfd wait{fd, POLLIN, 0};
    char bytes[4096];
    const ssize_t got = poll(&wait, 1, 30'000) > 0 ? recv(fd, bytes, sizeof(bytes), 0) : 0;
    if (got <= 0) Fail("a watcher waited in vain for " + text + ", and has " + received);
    received.append(bytes, static_cast<size_t>(got));
  }
}

double ResidentMb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(getpagesize()) / 1e6;
}

int Run(int watchers, int events) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Alarms alarms;
  grpc::ServerBuilder builder;
  builder.RegisterService(&alarms);
  const auto server = builder.BuildAndStart();
  rest::HttpGatewayOptions gateway;
  gateway.api = rest::MakeTranscoder(server->InProcessChannel({}));
  rest::HttpListenerOptions options;
  options.limits.connections = options.limits.connections_per_address = watchers + 10;
  auto listener = rest::HttpListener::Start(options, rest::MakeHttpGateway(std::move(gateway)),
                                            std::make_shared<NoTraffic>());
  if (!listener.ok()) Fail(std::string(listener.status().message()));
  const double before_mb = ResidentMb();
  std::vector<int> fds;
  std::vector<std::string> received(static_cast<size_t>(watchers));
  for (int i = 0; i < watchers; ++i) fds.push_back(Connect((*listener)->port()));
  for (size_t i = 0; i < fds.size(); ++i) ReadUntil(fds[i], "\r\n\r\n", received[i]);
  while (alarms.count() < fds.size()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const double watcher_kb = (ResidentMb() - before_mb) * 1e3 / watchers;
  double total_ms = 0, slowest_ms = 0;
  for (int event = 1; event <= events; ++event) {
    const Clock::time_point begin = Clock::now();
    alarms.Publish(event);
    const std::string mark = "alarms/" + std::to_string(event) + "\"";
    for (size_t i = 0; i < fds.size(); ++i) {
      ReadUntil(fds[i], mark, received[i]);
      received[i].clear();
    }
    const double took_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    total_ms += took_ms;
    slowest_ms = std::max(slowest_ms, took_ms);
  }
  for (const int fd : fds) close(fd);
  std::printf(
      "%d watchers: %.1f KB each with the client's end; an event has reached all of them "
      "after %.1f ms, at worst %.1f ms\n",
      watchers, watcher_kb, total_ms / events, slowest_ms);
  const nlohmann::json figures = {{"bench", "watchers"},
                                  {"watchers", watchers},
                                  {"watcher_kb", watcher_kb},
                                  {"event_to_all_ms", total_ms / events},
                                  {"event_to_all_worst_ms", slowest_ms}};
  std::printf("%s\n", figures.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  int watchers = 2'000, events = 20;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) events = 5;
    if (std::strcmp(argv[i], "--watchers") == 0 && i + 1 < argc) watchers = std::atoi(argv[++i]);
    if (std::strcmp(argv[i], "--events") == 0 && i + 1 < argc) events = std::atoi(argv[++i]);
  }
  return auscult::bench::Run(watchers, events);
}
