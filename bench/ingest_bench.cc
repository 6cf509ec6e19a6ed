// How many windows a second become durable over gRPC into PostgreSQL, the sender on the same
// machine, and how far is that from what the parts alone allow? Three floors, each in CPU seconds a
// window over all processes that take part: gRPC into a null handler, extraction alone, writer
// alone. If nothing else cost anything and no core ever idled, cores / sum of the floors windows
// would be stored every second.
//
//   ingest_bench [--seconds 60] [--quick] [--program build/release/bin/auscultd]

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "bench/ingest_load.h"
#include "bench/ingest_scene.h"
#include "bench/null_ingest.h"
#include "bench/own_server.h"
#include "bench/process_cost.h"
#include "db/trend_writer.h"
#include "features/extract.h"
#include "tests/support/auscultd_process.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::AuscultdProcess;

constexpr int kStreams = 4;
constexpr int kPointsPerStream = 4;
constexpr int kBatchRecords = 256;  // of the writer alone: the largest that the server makes
constexpr double kWarmUpSeconds = 3;
constexpr int kFirstWriterAsset = 50;  // of those that no stream sends to

struct Options {
  double seconds = 60;
  std::string program;
};

// CPU seconds, or CPU seconds a window.
struct Cpu {
  double bench_s = 0, server_s = 0, postgres_s = 0;
  double sum_s() const { return bench_s + server_s + postgres_s; }
};

// Who takes part beside this program; 0 for nobody. The postmaster is a child of the server.
struct Processes {
  pid_t server = 0, postmaster = 0;

  Cpu Spent() const {
    const double below_server_s = server != 0 ? TreeCpuSeconds(server) : 0;
    const double postgres_s = postmaster != 0 ? TreeCpuSeconds(postmaster) : 0;
    return {TreeCpuSeconds(getpid()) - below_server_s, below_server_s - postgres_s, postgres_s};
  }
};

struct Cost {
  double windows_per_s = 0;
  Cpu per_window;
  double idle_cores = 0;
  double others_cores = 0;  // what programs beside this one and the host took: should be next to 0
};

std::unique_ptr<db::Connection> Connect(const Cluster& cluster) {
  auto connection = db::Connection::Open(cluster.conninfo);
  if (!connection.ok()) Die(connection.status().ToString());
  return *std::move(connection);
}

int64_t Count(db::Connection& connection, db::Sql sql) {
  const auto rows = connection.Query(sql);
  if (!rows.ok()) Die(rows.status().ToString());
  return rows->Int(0, 0);
}

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// What `windows` counts up, and what that costs, in the next `seconds`.
Cost Observe(double seconds, const Processes& processes, const std::function<int64_t()>& windows) {
  const int64_t first = windows();
  const Cpu before = processes.Spent();
  const MachineTime machine_before = ReadMachineTime();
  const Clock::time_point begin = Clock::now();
  Sleep(seconds);
  const auto done = static_cast<double>(windows() - first);
  const Cpu after = processes.Spent();
  const MachineTime machine = ReadMachineTime();
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - begin).count();
  Cost cost;
  cost.windows_per_s = done / elapsed_s;
  cost.per_window = {(after.bench_s - before.bench_s) / done,
                     (after.server_s - before.server_s) / done,
                     (after.postgres_s - before.postgres_s) / done};
  cost.idle_cores = (machine.idle_s - machine_before.idle_s) / elapsed_s;
  cost.others_cores = (machine.busy_s - machine_before.busy_s + machine.stolen_s -
                       machine_before.stolen_s - (after.sum_s() - before.sum_s())) /
                      elapsed_s;
  return cost;
}

// With the load of kStreams senders on `address`, after a warm-up in which the points learn their
// baselines. Every sender checks that each record is acknowledged as accepted.
Cost MeasureLoad(const AuscultdProcess& server, const Processes& processes, double warm_up_s,
                 double seconds) {
  const int64_t first_us = absl::ToUnixMicros(absl::Now()) - int64_t{7200} * 1'000'000;
  std::vector<std::unique_ptr<IngestLoad>> loads;
  for (int s = 0; s < kStreams; ++s) {
    std::vector<std::string> points;
    for (int p = 0; p < kPointsPerStream; ++p) points.push_back(PointName(s, p));
    loads.push_back(std::make_unique<IngestLoad>(server.address(), Messages(), points, first_us));
  }
  Sleep(warm_up_s);
  return Observe(seconds, processes, [&loads] {
    int64_t sum = 0;
    for (const auto& load : loads) sum += load->acked();
    return sum;
  });
}

// With one piece of work in each of `threads` threads, done over and over. A piece returns how many
// windows it was.
Cost MeasureThreads(int threads, const Processes& processes, double warm_up_s, double seconds,
                    const std::function<std::function<int64_t()>(int)>& make_work) {
  std::atomic<int64_t> windows{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      const std::function<int64_t()> work = make_work(t);
      while (!stop) windows += work();
    });
  }
  Sleep(warm_up_s);
  const Cost cost = Observe(seconds, processes, [&windows] { return windows.load(); });
  stop = true;
  for (std::thread& thread : running) thread.join();
  return cost;
}

Cost MeasureExtraction(int threads, double seconds) {
  std::vector<features::Waveform> waveforms;
  for (int i = 0; i < kDistinctWindows; ++i) waveforms.push_back(WaveformOf(i));
  const features::Machine machine = BenchMachine().machine;
  const auto make_work = [&](int) -> std::function<int64_t()> {
    return [&, next = size_t{0}, extractor = std::make_shared<features::Extractor>(),
            out = std::make_shared<features::FeatureVector>()]() mutable {
      const features::Waveform& waveform = waveforms[next++ % waveforms.size()];
      if (!extractor->Extract(waveform, machine, *out).ok()) Die("extraction failed");
      return int64_t{1};
    };
  };
  return MeasureThreads(threads, {}, 0.5, seconds, make_work);
}

// A batch as the pipeline would hand it over, for the points of one asset.
std::vector<db::Record> MakeBatch(db::Connection& connection, int asset) {
  const std::string slug = "a" + std::to_string(asset);
  const db::Param parameters[] = {db::Text(slug)};
  const auto rows = connection.Query(
      "SELECT site_id, asset_id, point_id FROM point JOIN asset USING (site_id, asset_id) "
      "WHERE asset.slug = $1 ORDER BY point_id LIMIT 8",
      parameters);
  if (!rows.ok() || rows->count() != 8) Die("no points to write to");
  features::Extractor extractor;
  const auto machine = std::make_shared<features::Machine>(BenchMachine().machine);
  std::vector<db::Record> batch(kBatchRecords);
  for (int i = 0; i < kBatchRecords; ++i) {
    db::Record& record = batch[i];
    record.site_id = rows->Int(i % 8, 0);
    record.asset_id = rows->Int(i % 8, 1);
    record.point_id = rows->Int(i % 8, 2);
    record.channel_ids = {""};
    record.machine = machine;
    const int window = i % kDistinctWindows;
    if (!extractor.Extract(WaveformOf(window), *machine, record.features).ok()) Die("extraction");
    record.raw = {kRateHz,
                  R"([{"id":"","unit":"m/s2","encoding":"FLOAT32_LE","scale":1.0,"offset":0.0,)"
                  R"("samples":16384}])",
                  OctetsOf(window)};
  }
  return batch;
}

Cost MeasureWriter(const Cluster& cluster, const Processes& processes, int writers,
                   double seconds) {
  db::BaselineCache baselines(1000);
  const int64_t first_us = absl::ToUnixMicros(absl::Now()) - int64_t{7200} * 1'000'000;
  const auto make_work = [&](int thread) -> std::function<int64_t()> {
    auto batch = std::make_shared<std::vector<db::Record>>(
        MakeBatch(*Connect(cluster), kFirstWriterAsset + thread));
    auto writer = std::make_shared<db::TrendWriter>(cluster.conninfo, &baselines);
    return [batch, writer, next_us = first_us]() mutable {
      for (db::Record& record : *batch) {
        record.measured_at_us = next_us += 5'000;
        record.content_hash.assign(reinterpret_cast<const char*>(&next_us), sizeof(next_us));
        record.content_hash.resize(16);
      }
      const auto outcomes = writer->Write(*batch);
      if (!outcomes.ok()) Die(outcomes.status().ToString());
      for (const db::Outcome& outcome : *outcomes) {
        if (outcome.kind != db::Outcome::Kind::kAccepted) Die(outcome.rejection.ToString());
      }
      return static_cast<int64_t>(batch->size());
    };
  };
  return MeasureThreads(writers, processes, kWarmUpSeconds, seconds, make_work);
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  options.program = BuiltServer();
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--null-ingest") ServeNullIngest();
    if (name == "--quick") {
      options.seconds = 10;
    } else if (name == "--seconds" && i + 1 < argc) {
      options.seconds = std::max(1.0, std::atof(argv[++i]));
    } else if (name == "--program" && i + 1 < argc) {
      options.program = argv[++i];
    } else if (name != "--listen" || ++i >= argc) {
      Die("unknown argument " + name + "; use --seconds N, --quick, --program PATH");
    }
  }
  return options;
}

Cost MeasureNullIngest(double seconds) {
  const AuscultdProcess server(std::filesystem::read_symlink("/proc/self/exe"), {"--null-ingest"},
                               "/dev/null");
  return MeasureLoad(server, {.server = server.pid()}, 1, seconds);
}

void Print(const char* what, const Cost& cost) {
  std::printf("%-16s %8.0f windows/s  %7.1f us CPU a window", what, cost.windows_per_s,
              1e6 * cost.per_window.sum_s());
  std::printf(
      "  (this program %.1f, server %.1f, PostgreSQL %.1f; cores idle %.2f, others' %.2f)\n",
      1e6 * cost.per_window.bench_s, 1e6 * cost.per_window.server_s,
      1e6 * cost.per_window.postgres_s, cost.idle_cores, cost.others_cores);
  std::fflush(stdout);
}

// Every window that the senders saw acknowledged must be there, each once.
void CheckStored(db::Connection& connection) {
  const int64_t trends = Count(connection, "SELECT count(*) FROM trend");
  if (trends == 0 || trends != Count(connection, "SELECT sum(record_count) FROM point_state") ||
      trends != Count(connection, "SELECT count(*) FROM score") ||
      trends != Count(connection, "SELECT count(*) FROM waveform WHERE length(samples) = 65536")) {
    Die("the tables do not hold the same records");
  }
}

int Main(const Options& options) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const double floor_s = std::max(2.0, options.seconds / 4);
  Windows();
  const Cost wire = MeasureNullIngest(floor_s);
  Print("gRPC alone", wire);
  const Cost extraction = MeasureExtraction(cores, floor_s);
  Print("extraction alone", extraction);

  const Folder folder;
  AuscultdProcess server(options.program, ServerArguments(folder.path + "/data"),
                         folder.path + "/auscultd.log");
  const Cluster cluster = FindCluster(folder.path + "/data");
  const Processes processes{server.pid(), cluster.postmaster};
  const auto connection = Connect(cluster);
  ApplyPlant(server.address());
  Sleep(1);
  const double idle_mb = MemoryMb(server.pid(), "VmRSS");
  const Cost ingest = MeasureLoad(server, processes, kWarmUpSeconds, options.seconds);
  Print("ingest", ingest);
  CheckStored(*connection);
  const double peak_mb = MemoryMb(server.pid(), "VmHWM");
  if (!connection->ExecuteScript("CHECKPOINT").ok()) Die("no checkpoint");
  const Cost writer = MeasureWriter(cluster, processes, std::max(1, cores / 4), floor_s);
  Print("writer alone", writer);
  if (server.Stop() != 0) Die("auscultd did not stop cleanly");

  const double floors_s =
      wire.per_window.sum_s() + extraction.per_window.sum_s() + writer.per_window.sum_s();
  const double ratio = ingest.windows_per_s / (cores / floors_s);
  std::printf("%d cores / %.1f us = %.0f windows/s at best; reached %.2f of it\n", cores,
              1e6 * floors_s, cores / floors_s, ratio);
  const nlohmann::ordered_json result = {{"bench", "ingest"},
                                         {"windows_per_s", ingest.windows_per_s},
                                         {"ratio_to_floor", ratio},
                                         {"cores", cores},
                                         {"seconds", options.seconds},
                                         {"cpu_us_per_window", 1e6 * ingest.per_window.sum_s()},
                                         {"cpu_us_sender", 1e6 * ingest.per_window.bench_s},
                                         {"cpu_us_server", 1e6 * ingest.per_window.server_s},
                                         {"cpu_us_postgres", 1e6 * ingest.per_window.postgres_s},
                                         {"floor_grpc_us", 1e6 * wire.per_window.sum_s()},
                                         {"floor_extract_us", 1e6 * extraction.per_window.sum_s()},
                                         {"floor_writer_us", 1e6 * writer.per_window.sum_s()},
                                         {"cores_idle", ingest.idle_cores},
                                         {"cores_of_others", ingest.others_cores},
                                         {"peak_rss_mb", peak_mb},
                                         {"idle_rss_10000_points_mb", idle_mb}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}
