// What 10,000 connections that do nothing cost 100 that work: half of them speak HTTP/2 to the port
// of gRPC (preface and settings, no call), half HTTP/1.1 to that of REST (one request, then
// nothing). New connections of both kinds have to work beside them. Once all baselines are learnt
// (a record costs more then), the working ones are measured alone and beside the idle ones in turn,
// alone first and last, for shared machines change their speed while one looks.
//
//   idle_bench [--seconds 10] [--rounds 4] [--idle 10000] [--program build/release/bin/auscultd]
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
#include <numeric>
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
  double seconds = 10;
  int rounds = 4;
  int idle = 10'000;
  std::string program = BuiltServer();
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seconds") {
      options.seconds = std::clamp(std::atof(argv[i + 1]), 1.0, 45.0);
    } else if (name == "--rounds") {
      options.rounds = std::clamp(std::atoi(argv[i + 1]), 1, 50);
    } else if (name == "--idle") {
      options.idle = std::atoi(argv[i + 1]);
    } else if (name == "--program") {
      options.program = argv[i + 1];
    } else {
      Die("unknown argument " + name + "; use --seconds N, --rounds N, --idle N, --program PATH");
    }
  }
  return options;
}

// What idle connections did, in one round.
struct Beside {
  double per_s = 0;      // of the working ones
  double connect_s = 0;  // until all idle ones were answered
  double kb_each = 0;
  int open = 0;  // of them, at the end
};

Beside MeasureBeside(const AuscultdProcess& server, const Options& options, int64_t first_us) {
  Beside beside;
  const double before_mb = MemoryMb(server.pid(), "VmRSS");
  const Clock::time_point begin = Clock::now();
  const auto idle = Connect(server, options.idle);
  beside.connect_s = std::chrono::duration<double>(Clock::now() - begin).count();
  beside.kb_each = (MemoryMb(server.pid(), "VmRSS") - before_mb) * 1024 / options.idle;
  beside.per_s = MeasureWorking(server, options.seconds, first_us);
  beside.open = static_cast<int>(std::count_if(
      idle.begin(), idle.end(), [](const auto& connection) { return connection->IsOpen(); }));
  Connect(server, kNew);  // dies unless each is answered
  return beside;
}

Json Measure(const AuscultdProcess& server, const Options& options) {
  ApplyPlant(server.address());
  int64_t first_us = absl::ToUnixMicros(absl::Now()) - int64_t{360} * 86'400 * 1'000'000;
  // Each on days of its own: records come in order.
  const auto next_days = [&] { return first_us += int64_t{3} * 86'400 * 1'000'000; };
  MeasureWorking(server, 2 * options.seconds, next_days());
  std::vector<double> alone{MeasureWorking(server, options.seconds, next_days())};
  std::vector<double> kept;
  Beside first;
  int least_open = options.idle;
  for (int round = 0; round < options.rounds; ++round) {
    const Beside beside = MeasureBeside(server, options, next_days());
    if (round == 0) first = beside;
    least_open = std::min(least_open, beside.open);
    alone.push_back(MeasureWorking(server, options.seconds, next_days()));
    kept.push_back(beside.per_s * 2 / (alone[alone.size() - 2] + alone.back()));
    std::printf("alone %.0f and %.0f windows/s, beside %d idle %.0f: %.3f\n",
                alone[alone.size() - 2], alone.back(), options.idle, beside.per_s, kept.back());
    std::fflush(stdout);
  }
  const auto [least, most] = std::ranges::minmax(kept);
  return {{"bench", "idle"},
          {"idle", options.idle},
          {"working", kWorking},
          {"rounds", options.rounds},
          {"kept_ratio", std::accumulate(kept.begin(), kept.end(), 0.0) / options.rounds},
          {"kept_least", least},
          {"kept_most", most},
          {"least_open_at_end", least_open},
          {"connect_s", first.connect_s},
          {"kb_per_idle_connection", first.kb_each}};
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
