// What 10,000 connections that do nothing cost 100 that work: half of them speak HTTP/2 to the port
// of gRPC (preface and settings, no call), half HTTP/1.1 to that of REST (one request, then
// nothing). New connections of both kinds have to work beside them. The working ones are measured
// before, with and after the idle ones, once all baselines are learnt: a record costs more then.
//
//   idle_bench [--seconds 20] [--idle 10000] [--program build/release/bin/auscultd]
//
// At most 45 seconds: REST closes connections after 60 s without a request.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "bench/ingest_scene.h"
#include "bench/open_load.h"
#include "bench/own_server.h"
#include "bench/process_cost.h"
#include "tests/support/auscultd_process.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;
using support::AuscultdProcess;

constexpr int kWorking = 100, kNew = 100, kWindow = 4;
constexpr double kWarmUpSeconds = 3;
constexpr std::string_view kHttp2Preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                                         24 + 9);
constexpr std::string_view kHttpRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

// A socket that has said what `greeting` says.
class Connection {
 public:
  Connection(int port, std::string_view greeting)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (fd_ < 0 || connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        send(fd_, greeting.data(), greeting.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(greeting.size())) {
      Die("cannot connect");
    }
    if (!Answered()) Die("a connection was not answered");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd_); }

  // Open still: what came from the server is read, and it has not closed.
  bool IsOpen() const {
    char bytes[4096];
    ssize_t got = 0;
    while ((got = recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
    }
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  bool Answered() const {
    pollfd wait{fd_, POLLIN, 0};
    char byte = 0;
    return poll(&wait, 1, 10'000) == 1 && recv(fd_, &byte, 1, 0) == 1;
  }
  int fd_;
};

void RaiseFileLimit(int needed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < static_cast<rlim_t>(needed)) {
    Die("this process may open " + std::to_string(limit.rlim_cur) + " files");
  }
}

// Windows a second of kWorking senders.
double MeasureWorking(const AuscultdProcess& server, double seconds, int64_t first_us) {
  std::vector<std::unique_ptr<OpenLoad>> loads;
  for (int i = 0; i < kWorking; ++i) {
    loads.push_back(
        std::make_unique<OpenLoad>(server.address(), PointName(i, 0), 0, first_us, kWindow));
  }
  const auto accepted = [&] {
    int64_t sum = 0;
    for (const auto& load : loads) sum += load->counts().accepted;
    return sum;
  };
  std::this_thread::sleep_for(std::chrono::duration<double>(kWarmUpSeconds));
  const int64_t before = accepted();
  const Clock::time_point begin = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const auto done = static_cast<double>(accepted() - before);
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - begin).count();
  for (const auto& load : loads) load->Stop();
  for (const auto& load : loads) {
    if (load->Finish().refused > 0) Die("a record was refused");
  }
  return done / elapsed_s;
}

std::vector<std::unique_ptr<Connection>> Connect(const AuscultdProcess& server, int count) {
  std::vector<std::unique_ptr<Connection>> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(i % 2 == 0 ? std::make_unique<Connection>(server.port(), kHttp2Preface)
                              : std::make_unique<Connection>(server.http_port(), kHttpRequest));
  }
  return made;
}

struct Options {
  double seconds = 20;
  int idle = 10'000;
  std::string program = BuiltServer();
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seconds") {
      options.seconds = std::clamp(std::atof(argv[i + 1]), 1.0, 45.0);
    } else if (name == "--idle") {
      options.idle = std::atoi(argv[i + 1]);
    } else if (name == "--program") {
      options.program = argv[i + 1];
    } else {
      Die("unknown argument " + name + "; use --seconds N, --idle N, --program PATH");
    }
  }
  return options;
}

Json Measure(const AuscultdProcess& server, const Options& options) {
  ApplyPlant(server.address());
  const int64_t now_us = absl::ToUnixMicros(absl::Now());
  const auto days_ago = [&](int days) { return now_us - int64_t{days} * 86'400 * 1'000'000; };
  MeasureWorking(server, options.seconds, days_ago(12));
  const double before = MeasureWorking(server, options.seconds, days_ago(9));
  const double before_mb = MemoryMb(server.pid(), "VmRSS");
  const Clock::time_point begin = Clock::now();
  auto idle = Connect(server, options.idle);
  const double connect_s = std::chrono::duration<double>(Clock::now() - begin).count();
  const double with_mb = MemoryMb(server.pid(), "VmRSS");
  const double beside = MeasureWorking(server, options.seconds, days_ago(6));
  const auto open = std::count_if(idle.begin(), idle.end(),
                                  [](const auto& connection) { return connection->IsOpen(); });
  const auto fresh = Connect(server, kNew);
  const double on_new = MeasureWorking(server, 1, days_ago(3));
  idle.clear();
  const double after = MeasureWorking(server, options.seconds, days_ago(2));
  const double alone = (before + after) / 2;
  std::printf(
      "alone %.0f and %.0f windows/s, beside %d idle %.0f (%.3f); %d of them open still, %d new "
      "ones answered, %.0f windows/s on new streams\n",
      before, after, options.idle, beside, beside / alone, static_cast<int>(open),
      static_cast<int>(fresh.size()), on_new);
  return {{"bench", "idle"},
          {"idle", options.idle},
          {"working", kWorking},
          {"before_per_s", before},
          {"after_per_s", after},
          {"beside_idle_per_s", beside},
          {"kept_ratio", beside / alone},
          {"idle_open_at_end", open},
          {"connect_s", connect_s},
          {"kb_per_idle_connection", (with_mb - before_mb) * 1024 / options.idle}};
}

int Main(const Options& options) {
  RaiseFileLimit(options.idle + 1000);
  const Folder folder;
  AuscultdProcess server(options.program, ServerArguments(folder.path + "/data"),
                         folder.path + "/auscultd.log");
  const Json result = Measure(server, options);
  if (server.Stop() != 0) Die("auscultd did not stop cleanly");
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}
