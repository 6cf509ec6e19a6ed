// How fast is history scored again, and how far is that from what the parts alone allow? From
// stored features: beside reading the same records and COPYing as many scores, bare. From samples:
// beside the sum of its floors in CPU seconds a record: reading samples, extracting, storing. And
// is every record scored once when the servers that do it are killed?
//
//   rescore_bench [--records 400000] [--raw-records 2000] [--kills 20] [--kill-records 1000000]
//                 [--threads 1] [--quick]

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "bench/process_cost.h"
#include "bench/rescore_scene.h"
#include "db/baseline_store.h"
#include "db/record_pages.h"
#include "db/rescore_rows.h"
#include "db/rescore_store.h"
#include "db/waveform_store.h"
#include "models/point_replay.h"
#include "server/embedded_postgres.h"
#include "server/rescore_calls.h"
#include "server/rescore_jobs.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPoints = 8;
constexpr int kPortion = 4096;
constexpr int kLeaseSeconds = 3;

struct Options {
  int records = 400'000, raw_records = 2000, kills = 20, kill_records = 1'000'000, threads = 1;
};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// A server that does nothing but score again: this program, once more.
class Replica {
 public:
  Replica(const std::string& conninfo, int threads) {
    const std::string count = std::to_string(threads);
    const char* const argv[] = {"rescore_bench", "--replica", conninfo.c_str(), count.c_str(),
                                nullptr};
    if (posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, const_cast<char**>(argv), environ)) {
      Die("no replica");
    }
  }
  ~Replica() { Kill(); }
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

[[noreturn]] void ServeReplica(const std::string& conninfo, int threads) {
  db::Pool pool(conninfo, 2);
  server::PlantDirectory directory(&pool, 1000);
  db::BaselineCache baselines(1000);
  server::RescoreJobs jobs(conninfo, &directory, &baselines,
                           {.lease = std::chrono::seconds(kLeaseSeconds)});
  jobs.Start(threads);
  for (;;) pause();
}

pid_t Postmaster(const support::PostgresCluster& cluster) {
  std::ifstream file(cluster.socket_dir() + "/data/postmaster.pid");
  pid_t pid = 0;
  file >> pid;
  if (pid == 0) Die("no postmaster.pid in " + cluster.socket_dir());
  return pid;
}

int64_t Count(db::Connection& connection, db::Sql sql) {
  return Checked(connection.Query(sql)).Int(0, 0);
}

int64_t Begin(db::Connection& connection, const std::string& scope,
              v1::RescorePlan::Source source) {
  v1::StartRescoreRequest request;
  request.set_scope(scope);
  request.mutable_plan()->set_source(source);
  return Checked(server::BeginRescore(connection, request, "bench", std::nullopt)).id;
}

db::Rescore Await(db::Connection& connection, int64_t id) {
  for (;;) {
    db::Rescore rescore = Checked(db::GetRescore(connection, id));
    if (rescore.done_time_us) {
      if (!rescore.error.empty() || rescore.counts.failed_points > 0) {
        Die("the re-scoring failed: " + rescore.counts.problem);
      }
      return rescore;
    }
    Sleep(0.02);
  }
}

// Reads every record and COPYs as many scores, in the order and the portions of a re-scoring, with
// the next page and the last portion under way meanwhile.
double BareRate(const std::string& conninfo, const std::vector<db::Point>& points, int per_point) {
  const auto reader = Checked(db::Connection::Open(conninfo));
  const auto writer = Checked(db::Connection::Open(conninfo));
  models::Health health;
  health.index = 80;
  health.severity = 1;
  const Clock::time_point begin = Clock::now();
  int64_t records = 0;
  for (const db::Point& point : points) {
    db::RecordPages pages(point.asset_id, point.point_id,
                          {kFirstUs, kFirstUs + per_point * kTenMinutesUs}, kPortion);
    std::future<absl::Status> stored;
    auto rows = std::make_unique<db::RescoreRows>();
    for (;;) {
      const auto page = Checked(pages.Next(*reader));
      for (const db::MeasuredRecord& record : page) {
        rows->AddScore({.asset_id = point.asset_id,
                        .point_id = point.point_id,
                        .measured_at_us = record.measured_at_us,
                        .site_id = point.site_id,
                        .run = 1'000'000'000},
                       {1, 0}, health, "");
      }
      records += static_cast<int64_t>(page.size());
      if (stored.valid()) Check(stored.get());
      if (page.empty()) break;
      stored = std::async(
          std::launch::async, [&writer, leaving = std::shared_ptr<db::RescoreRows>(std::exchange(
                                            rows, std::make_unique<db::RescoreRows>()))] {
            return db::InTransaction(*writer, [&] { return leaving->Copy(*writer); });
          });
    }
  }
  const double rate = static_cast<double>(records) / SecondsSince(begin);
  Check(writer->Execute("DELETE FROM score WHERE run = 1000000000"));
  Check(writer->ExecuteScript("VACUUM score"));
  Check(writer->ExecuteScript("CHECKPOINT"));
  return rate;
}

// The scores of a point are those of a replay in memory.
void CheckAnswer(db::Connection& connection, const db::Point& point, int index, int64_t run,
                 int records) {
  const int version = Checked(db::ActiveVersion(connection, {point.asset_id, point.point_id}));
  const models::Baseline baseline =
      Checked(db::LoadBaseline(connection, point.asset_id, point.point_id, version));
  const features::Machine machine;
  models::PointReplay replay({.machine = &machine, .baseline = &baseline}, {},
                             models::PointReplay::Learning::kNothing);
  const db::Param values[] = {db::Int(point.asset_id), db::Int(point.point_id), db::Int(run)};
  const db::Rows rows = Checked(
      connection.Query("SELECT unix_us(measured_at), condition, verdict, severity FROM score"
                       " WHERE asset_id = $1 AND point_id = $2 AND run = $3 ORDER BY measured_at",
                       values));
  if (rows.count() != records) Die("not every record is scored once");
  for (int n = 0; n < records; ++n) {
    const auto step = replay.Next(LevelsOf(index, n), kFirstUs + n * kTenMinutesUs);
    const auto severity = static_cast<float>(rows.Real(n, 3));
    const bool same_severity = severity == step.health.severity ||
                               (std::isnan(severity) && std::isnan(step.health.severity));
    if (rows.Int(n, 0) != kFirstUs + n * kTenMinutesUs || !same_severity ||
        rows.Int(n, 1) != static_cast<int64_t>(step.health.condition) ||
        rows.Int(n, 2) != static_cast<int64_t>(step.health.verdict)) {
      Die("record " + std::to_string(n) + " is not scored as in memory");
    }
  }
}

nlohmann::ordered_json FromFeatures(const std::string& conninfo, const Options& options) {
  const auto connection = Checked(db::Connection::Open(conninfo));
  const int per_point = options.records / kPoints;
  const std::vector<db::Point> points = MakePoints(*connection, "history", "{}", kPoints);
  FillHistory(conninfo, points, per_point);
  const double bare = BareRate(conninfo, points, per_point);
  const Replica replica(conninfo, options.threads);
  Sleep(0.5);
  const Clock::time_point begin = Clock::now();
  const int64_t run = Begin(*connection, "sites/history", v1::RescorePlan::SOURCE_FEATURES);
  const db::Rescore rescore = Await(*connection, run);
  const double rate = static_cast<double>(rescore.counts.records_done) / SecondsSince(begin);
  CheckAnswer(*connection, points[3], 3, run, per_point);
  std::printf("from features: %.0f records/s; read and COPY alone %.0f; ratio %.2f\n", rate, bare,
              rate / bare);
  std::fflush(stdout);
  return {{"records", rescore.counts.records_done},
          {"records_per_s", rate},
          {"bare_records_per_s", bare},
          {"ratio", rate / bare}};
}

// CPU seconds a record of `work`, of this process and PostgreSQL.
double CpuPerRecord(pid_t postmaster, int64_t records, const std::function<void()>& work) {
  const double before = TreeCpuSeconds(getpid()) + TreeCpuSeconds(postmaster);
  work();
  const double spent = TreeCpuSeconds(getpid()) + TreeCpuSeconds(postmaster) - before;
  return spent / static_cast<double>(records);
}

void StoreAlone(db::Connection& connection, const std::vector<db::Point>& points, int per_point) {
  const features::FeatureVector features = LevelsOf(0, 0);
  const models::Health health;
  for (const db::Point& point : points) {
    db::RescoreRows rows;
    for (int n = 0; n < per_point; ++n) {
      const db::RescoreRows::Key key{.asset_id = point.asset_id,
                                     .point_id = point.point_id,
                                     .measured_at_us = kFirstUs + n * kTenMinutesUs,
                                     .site_id = point.site_id,
                                     .run = 1'000'000'000};
      rows.AddExtraction(key, features);
      rows.AddScore(key, {1, 0}, health, "");
    }
    Check(db::InTransaction(connection, [&] { return rows.Copy(connection); }));
  }
}

nlohmann::ordered_json FromSamples(const support::PostgresCluster& cluster,
                                   const std::string& conninfo, const Options& options) {
  const auto connection = Checked(db::Connection::Open(conninfo));
  const int per_point = options.raw_records / 2;
  const std::vector<db::Point> points = MakePoints(
      *connection, "raw",
      R"({"ratedPowerKw":75,"ratedSpeedRpm":1480,"bearings":[{"position":"drive end","geometry":)"
      R"({"rollingElements":9,"elementDiameterMm":7.94,"pitchDiameterMm":39.04}}]})",
      2);
  FillSamples(conninfo, points, per_point);
  const pid_t postmaster = Postmaster(cluster);
  const int64_t records = 2 * per_point;
  const double read_s = CpuPerRecord(postmaster, records, [&] {
    for (const db::Point& point : points) {
      db::WaveformHistory history({point.asset_id, point.point_id},
                                  db::Period{db::kEarliestUs, db::kLatestUs});
      while (Checked(history.Next(*connection))) {
      }
    }
  });
  const double extract_s = CpuPerRecord(postmaster, records, [&] {
    features::Extractor extractor;
    features::FeatureVector out;
    const features::Machine machine = BenchMachine().machine;
    static std::vector<features::Waveform> waveforms;
    for (int i = 0; waveforms.size() < kDistinctWindows; ++i) waveforms.push_back(WaveformOf(i));
    for (int64_t n = 0; n < records; ++n) {
      Check(extractor.Extract(waveforms[static_cast<size_t>(n % kDistinctWindows)], machine, out));
    }
  });
  const double store_s =
      CpuPerRecord(postmaster, records, [&] { StoreAlone(*connection, points, per_point); });
  Check(connection->Execute("DELETE FROM score WHERE run = 1000000000"));
  Check(connection->Execute("DELETE FROM extraction WHERE run = 1000000000"));
  const Replica replica(conninfo, options.threads);
  Sleep(0.5);
  const double whole_s = CpuPerRecord(postmaster, records, [&] {
    Await(*connection, Begin(*connection, "sites/raw", v1::RescorePlan::SOURCE_SAMPLES));
  });
  if (Count(*connection, "SELECT count(*) FROM extraction") != records) {
    Die("not every record was extracted once");
  }
  const double floors_s = read_s + extract_s + store_s;
  std::printf(
      "from samples: %.1f us CPU a record; read %.1f + extract %.1f + store %.1f us; ratio %.2f\n",
      1e6 * whole_s, 1e6 * read_s, 1e6 * extract_s, 1e6 * store_s, floors_s / whole_s);
  std::fflush(stdout);
  return {{"records", records},        {"cpu_us", 1e6 * whole_s},
          {"read_us", 1e6 * read_s},   {"extract_us", 1e6 * extract_s},
          {"store_us", 1e6 * store_s}, {"ratio", floors_s / whole_s}};
}

// Two replicas, one of them killed and replaced each time so many more records are done.
nlohmann::ordered_json Killed(const std::string& conninfo, const Options& options) {
  const auto connection = Checked(db::Connection::Open(conninfo));
  const int per_point = options.kill_records / kPoints;
  const std::vector<db::Point> points = MakePoints(*connection, "killed", "{}", kPoints);
  FillHistory(conninfo, points, per_point);
  const auto pass = [&](int kills) {
    std::vector<std::unique_ptr<Replica>> replicas;
    for (int i = 0; i < 2; ++i) replicas.push_back(std::make_unique<Replica>(conninfo, 1));
    Sleep(0.5);
    const Clock::time_point begin = Clock::now();
    const int64_t run = Begin(*connection, "sites/killed", v1::RescorePlan::SOURCE_FEATURES);
    for (int kill = 0; kill < kills; ++kill) {
      const int64_t until = int64_t{options.kill_records} * (kill + 1) / (kills + 1);
      while (Checked(db::GetRescore(*connection, run)).counts.records_done < until) Sleep(0.01);
      replicas[static_cast<size_t>(kill % 2)] = nullptr;
      replicas[static_cast<size_t>(kill % 2)] = std::make_unique<Replica>(conninfo, 1);
    }
    Await(*connection, run);
    const double seconds = SecondsSince(begin);
    CheckAnswer(*connection, points[0], 0, run, per_point);
    CheckAnswer(*connection, points[7], 7, run, per_point);
    const db::Param values[] = {db::Int(run)};
    const int64_t scores =
        Checked(connection->Query("SELECT count(*) FROM score WHERE run = $1", values)).Int(0, 0);
    if (scores != int64_t{per_point} * kPoints) Die("not every record is scored once");
    return seconds;
  };
  const double alone_s = pass(0);
  const double killed_s = pass(options.kills);
  std::printf("%d records, %d kills: each scored once; %.1f s, without kills %.1f s\n",
              per_point * kPoints, options.kills, killed_s, alone_s);
  return {{"records", per_point * kPoints},
          {"kills", options.kills},
          {"lease_s", kLeaseSeconds},
          {"seconds", killed_s},
          {"seconds_without_kills", alone_s}};
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  if (argc == 4 && std::strcmp(argv[1], "--replica") == 0)
    ServeReplica(argv[2], std::atoi(argv[3]));
  const std::map<std::string, int*> numbers = {{"--records", &options.records},
                                               {"--raw-records", &options.raw_records},
                                               {"--kills", &options.kills},
                                               {"--kill-records", &options.kill_records},
                                               {"--threads", &options.threads}};
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto number = numbers.find(name);
    if (name == "--quick") {
      options.records = 80'000;
      options.raw_records = 400;
      options.kill_records = 80'000;
      options.kills = 5;
    } else if (number != numbers.end() && i + 1 < argc) {
      *number->second = std::atoi(argv[++i]);
    } else {
      Die("unknown argument " + name + "; see the head of bench/rescore_bench.cc");
    }
  }
  return options;
}

int Main(const Options& options) {
  support::PostgresCluster cluster({.settings = server::kClusterSettings});
  const support::TestDatabase database(cluster);
  nlohmann::ordered_json result = {{"bench", "rescore"}, {"threads", options.threads}};
  if (options.records > 0) result["features"] = FromFeatures(database.conninfo(), options);
  if (options.raw_records > 0) {
    result["samples"] = FromSamples(cluster, database.conninfo(), options);
  }
  if (options.kill_records > 0) result["killed"] = Killed(database.conninfo(), options);
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}
