// What a server does that is offered three and ten times what it can take: how much of its capacity
// is left (goodput), what it holds in memory, what becomes of sites that send no more than their
// share beside one that sends all it can, and how soon it is itself again. Capacity is measured
// first, by the same senders, over as many streams, in a closed loop.
//
//   overload_bench [--seconds 20] [--program build/release/bin/auscultd]
//
// 300 seconds give the figures of docs/reliability.md.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "bench/ingest_scene.h"
#include "bench/open_load.h"
#include "bench/own_server.h"
#include "bench/process_cost.h"
#include "db/postgres.h"
#include "tests/support/auscultd_process.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;
using support::AuscultdProcess;
using Counts = OpenLoad::Counts;

constexpr int kGreedyStreams = 16, kPoliteSites = 4;
constexpr double kPoliteShare = 0.1;  // of the capacity, each; a fifth is its fair share
constexpr double kWarmUpSeconds = 3;
constexpr int kBufferMb = 256;

std::string SiteName(int site) {
  return site == 0 ? "sites/greedy" : "sites/polite-" + std::to_string(site);
}
std::string PointOfSite(int site, int point) {
  return SiteName(site) + "/assets/a/points/p" + std::to_string(point);
}

void ApplySite(const std::string& address, int site) {
  v1::ImportPlantRequest request;
  v1::Plant& plant = *request.mutable_plant();
  plant.mutable_site()->set_name(SiteName(site));
  v1::Asset asset = BenchAsset(0);
  asset.set_name(SiteName(site) + "/assets/a");
  *plant.add_assets() = asset;
  for (int p = 0; p < kGreedyStreams; ++p) {
    v1::Point& point = *plant.add_points();
    point.set_name(PointOfSite(site, p));
    v1::Channel& channel = *point.add_channels();
    channel.set_quantity(v1::QUANTITY_ACCELERATION);
    channel.set_unit("m/s2");
  }
  const auto stub =
      v1::AssetService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::ImportPlantResponse response;
  const grpc::Status status = stub->ImportPlant(&context, request, &response);
  if (!status.ok()) Die("plant: " + status.error_message());
}

// Resident memory of a process, looked at ten times a second.
class MemoryWatch {
 public:
  explicit MemoryWatch(pid_t pid) {
    thread_ = std::thread([this, pid] {
      while (!stop_) {
        peak_mb_ = std::max(peak_mb_.load(), MemoryMb(pid, "VmRSS"));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    });
  }
  ~MemoryWatch() {
    stop_ = true;
    thread_.join();
  }
  double peak_mb() const { return peak_mb_; }

 private:
  std::atomic<double> peak_mb_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Phase {
  double offered_per_s = 0, goodput_per_s = 0, polite_offered_per_s = 0, polite_per_s = 0;
  double refused_per_s = 0, bench_cores = 0, peak_mb = 0, recovery_s = 0, answer_p99_ms = 0;
};

class Bench {
 public:
  explicit Bench(const AuscultdProcess& server) : server_(server) {
    for (int site = 0; site <= kPoliteSites + 1; ++site) ApplySite(server.address(), site);
  }

  // In a closed loop where `capacity` is 0, else `factor` times as much.
  Phase Run(double capacity, double factor, double seconds) {
    const double polite = capacity * kPoliteShare;
    const double greedy = (capacity * factor - kPoliteSites * polite) / kGreedyStreams;
    std::vector<std::unique_ptr<OpenLoad>> loads;
    for (int i = 0; i < kGreedyStreams + kPoliteSites; ++i) {
      const bool is_greedy = i < kGreedyStreams;
      const int site = is_greedy ? 0 : i - kGreedyStreams + 1;
      loads.push_back(std::make_unique<OpenLoad>(server_.address(),
                                                 PointOfSite(site, is_greedy ? i : 0),
                                                 is_greedy ? greedy : polite, NextPeriodUs()));
    }
    Sleep(kWarmUpSeconds);
    const MemoryWatch memory(server_.pid());
    Phase phase = Observe(loads, seconds);
    if (capacity > 0) phase.answer_p99_ms = AnswerMs();
    for (const auto& load : loads) load->Stop();
    const Clock::time_point stopped = Clock::now();
    while (!IsItself()) Sleep(0.05);
    phase.recovery_s = Since(stopped);
    for (const auto& load : loads) accepted_ += load->Finish().accepted;
    phase.peak_mb = memory.peak_mb();
    return phase;
  }

  // Acknowledged as accepted, by all that came to their end.
  int64_t accepted() const { return accepted_; }

 private:
  static void Sleep(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
  static double Since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
  double OwnCpu() const { return TreeCpuSeconds(getpid()) - TreeCpuSeconds(server_.pid()); }

  Phase Observe(const std::vector<std::unique_ptr<OpenLoad>>& loads, double seconds) const {
    const auto sum = [&](size_t first, size_t end) {
      Counts counts;
      for (size_t i = first; i < end; ++i) counts += loads[i]->counts();
      return counts;
    };
    const Counts all = sum(0, loads.size()), polite = sum(kGreedyStreams, loads.size());
    const double cpu_s = OwnCpu();
    const Clock::time_point begin = Clock::now();
    Sleep(seconds);
    const double elapsed_s = Since(begin);
    const Counts of_all = sum(0, loads.size()) - all;
    const Counts of_polite = sum(kGreedyStreams, loads.size()) - polite;
    const auto rate = [&](int64_t count) { return static_cast<double>(count) / elapsed_s; };
    return {.offered_per_s = rate(of_all.offered),
            .goodput_per_s = rate(of_all.accepted),
            .polite_offered_per_s = rate(of_polite.offered),
            .polite_per_s = rate(of_polite.accepted),
            .refused_per_s = rate(of_all.refused),
            .bench_cores = (OwnCpu() - cpu_s) / elapsed_s};
  }

  // One record of a site that has sent nothing else. Whether it was accepted.
  bool Probe() {
    v1::IngestWaveformRequest request;
    *request.mutable_waveform() = Messages()[0].waveform();
    request.mutable_waveform()->set_point(PointOfSite(kPoliteSites + 1, 0));
    const int64_t at_us = probe_us_ += 1000;
    request.mutable_waveform()->mutable_measured_at()->set_seconds(at_us / 1'000'000);
    request.mutable_waveform()->mutable_measured_at()->set_nanos(
        static_cast<int32_t>(at_us % 1'000'000) * 1000);
    v1::IngestWaveformResponse response;
    grpc::ClientContext context;
    const bool accepted = probe_->IngestWaveform(&context, request, &response).ok();
    accepted_ += accepted ? 1 : 0;
    return accepted;
  }
  // Within what a record takes at rest.
  bool IsItself() {
    const Clock::time_point begin = Clock::now();
    return Probe() && Since(begin) < 0.1;
  }
  // Of a hundred quick calls while the server is overloaded.
  double AnswerMs() {
    const auto stub = v1::AssetService::NewStub(
        grpc::CreateChannel(server_.address(), grpc::InsecureChannelCredentials()));
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) {
      v1::GetSiteRequest request;
      request.set_name(SiteName(1));
      v1::Site site;
      grpc::ClientContext context;
      const Clock::time_point begin = Clock::now();
      if (!stub->GetSite(&context, request, &site).ok()) Die("GetSite failed");
      times.push_back(1e3 * Since(begin));
    }
    std::sort(times.begin(), times.end());
    return times[98];
  }
  int64_t NextPeriodUs() { return period_us_ += int64_t{1'000'000} * 86'400; }

  const AuscultdProcess& server_;
  const std::unique_ptr<v1::IngestService::Stub> probe_ = v1::IngestService::NewStub(
      grpc::CreateChannel(server_.address(), grpc::InsecureChannelCredentials()));
  int64_t accepted_ = 0;
  // Each stream has days of its own, all of them in the past.
  int64_t period_us_ = absl::ToUnixMicros(absl::Now()) - int64_t{200} * 86'400 * 1'000'000;
  int64_t probe_us_ = absl::ToUnixMicros(absl::Now()) - int64_t{3600} * 1'000'000;
};

// Every acknowledged record is there, once.
void CheckStored(const std::string& data_dir, int64_t accepted) {
  auto connection = db::Connection::Open(FindCluster(data_dir).conninfo);
  if (!connection.ok()) Die(connection.status().ToString());
  const auto rows = (*connection)->Query("SELECT count(*) FROM trend");
  if (!rows.ok()) Die(rows.status().ToString());
  if (rows->Int(0, 0) != accepted) {
    Die(std::to_string(accepted) + " were acknowledged, " + std::to_string(rows->Int(0, 0)) +
        " are stored");
  }
}

Json Show(const char* what, const Phase& phase, const Phase& capacity) {
  const double goodput = phase.goodput_per_s / capacity.goodput_per_s;
  const double polite =
      phase.polite_offered_per_s > 0 ? phase.polite_per_s / phase.polite_offered_per_s : 1;
  std::printf(
      "%-9s offered %7.0f/s  stored %6.0f/s (%.2f)  polite %.3f  refused %5.0f/s  "
      "memory %.0f MB  quick call p99 %.0f ms  recovery %.2f s  sender %.2f cores\n",
      what, phase.offered_per_s, phase.goodput_per_s, goodput, polite, phase.refused_per_s,
      phase.peak_mb, phase.answer_p99_ms, phase.recovery_s, phase.bench_cores);
  std::fflush(stdout);
  return {{"offered_per_s", phase.offered_per_s},
          {"goodput_per_s", phase.goodput_per_s},
          {"goodput_ratio", goodput},
          {"polite_ratio", polite},
          {"refused_per_s", phase.refused_per_s},
          {"peak_rss_mb", phase.peak_mb},
          {"quick_call_p99_ms", phase.answer_p99_ms},
          {"recovery_s", phase.recovery_s},
          {"sender_cores", phase.bench_cores}};
}

struct Options {
  double seconds = 20;
  std::string program = BuiltServer();
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seconds") {
      options.seconds = std::max(1.0, std::atof(argv[i + 1]));
    } else if (name == "--program") {
      options.program = argv[i + 1];
    } else {
      Die("unknown argument " + name + "; use --seconds N, --program PATH");
    }
  }
  return options;
}

int Main(const Options& options) {
  const Folder folder;
  const std::string data_dir = folder.path + "/data";
  std::vector<std::string> arguments = ServerArguments(data_dir);
  arguments.insert(arguments.end(), {"--ingest-buffer-bytes", std::to_string(kBufferMb) + "MB"});
  Json result = {{"bench", "overload"}, {"seconds", options.seconds}, {"buffer_mb", kBufferMb}};
  AuscultdProcess server(options.program, arguments, folder.path + "/auscultd.log");
  {
    Bench bench(server);
    result["idle_rss_mb"] = MemoryMb(server.pid(), "VmRSS");
    const Phase capacity = bench.Run(0, 0, options.seconds);
    result["capacity"] = Show("capacity", capacity, capacity);
    result["overload_3"] =
        Show("3 times", bench.Run(capacity.goodput_per_s, 3, options.seconds), capacity);
    result["overload_10"] =
        Show("10 times", bench.Run(capacity.goodput_per_s, 10, options.seconds), capacity);
    CheckStored(data_dir, bench.accepted());
    result["stored"] = bench.accepted();
  }
  if (server.Stop() != 0) Die("auscultd did not stop cleanly");
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}
