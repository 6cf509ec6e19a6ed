// Does live ingest keep its pace while history is scored again by the same server? What it can take
// is measured first (closed loop); then records come in at half of that, whether they are answered
// or not, alone and beside a re-scoring in turn: from stored features, which loads the database,
// and from samples, which loads the processors. Every record must be accepted, and every record of
// each re-scoring be scored once.
//
//   ingest_beside_job_bench [--rounds 3] [--seconds 15] [--records 800000] [--quick]
//                           [--program build/release/bin/auscultd]

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "auscult/v1/rescore_service.grpc.pb.h"
#include "bench/ingest_load.h"
#include "bench/own_server.h"
#include "bench/paced_ingest.h"
#include "bench/process_cost.h"
#include "bench/rescore_scene.h"
#include "tests/support/auscultd_process.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::AuscultdProcess;

constexpr int kStreams = 4;
constexpr int kPointsPerStream = 4;
constexpr int kHistoryPoints = 8;
constexpr double kWarmUpSeconds = 3;
// Of measured time, between the records of one phase and those of the next: none come late.
constexpr int64_t kPhaseUs = int64_t{300} * 1'000'000;

struct Options {
  int rounds = 3;
  double seconds = 15;
  int records = 800'000;
  std::string program;
};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// At a share of 0 to 1 of them.
double Quantile(std::vector<double>& values, double share) {
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

struct Pace {
  int64_t records = 0;
  double p50_ms = 0, p99_ms = 0, idle_cores = 0;
  double others_cores = 0;  // what programs beside this one and the host took: should be next to 0
};

// The plant that is sent for, and the phases in which that is done.
class Senders {
 public:
  explicit Senders(std::string address) : address_(std::move(address)) {}

  // Records a second, sent as fast as they are taken.
  double Capacity(double seconds) {
    std::vector<std::unique_ptr<IngestLoad>> loads;
    for (int s = 0; s < kStreams; ++s) {
      loads.push_back(
          std::make_unique<IngestLoad>(address_, Messages(), PointsOf(s), phase_start_us_));
    }
    const auto acked = [&loads] {
      int64_t sum = 0;
      for (const auto& load : loads) sum += load->acked();
      return sum;
    };
    Sleep(kWarmUpSeconds);
    const int64_t before = acked();
    const Clock::time_point begin = Clock::now();
    Sleep(seconds);
    const double rate = static_cast<double>(acked() - before) / SecondsSince(begin);
    loads.clear();
    phase_start_us_ += kPhaseUs;
    return rate;
  }

  // `rate` of them a second, for as long as `wait` takes.
  Pace Paced(double rate, const std::function<void()>& wait) {
    std::vector<std::unique_ptr<PacedIngest>> senders;
    for (int s = 0; s < kStreams; ++s) {
      senders.push_back(std::make_unique<PacedIngest>(address_, Messages(), PointsOf(s),
                                                      phase_start_us_, rate / kStreams));
    }
    const MachineTime before = ReadMachineTime();
    const double own_before_s = TreeCpuSeconds(getpid());
    const Clock::time_point begin = Clock::now();
    wait();
    const double seconds = SecondsSince(begin);
    const MachineTime after = ReadMachineTime();
    Pace pace;
    pace.idle_cores = (after.idle_s - before.idle_s) / seconds;
    pace.others_cores = (after.busy_s - before.busy_s + after.stolen_s - before.stolen_s -
                         (TreeCpuSeconds(getpid()) - own_before_s)) /
                        seconds;
    std::vector<double> took_ms;
    for (const auto& sender : senders) {
      const std::vector<double> took = sender->Stop();
      took_ms.insert(took_ms.end(), took.begin(), took.end());
    }
    pace.records = static_cast<int64_t>(took_ms.size());
    pace.p50_ms = Quantile(took_ms, 0.5);
    pace.p99_ms = Quantile(took_ms, 0.99);
    phase_start_us_ += kPhaseUs;
    return pace;
  }

  int64_t phase_start_us() const { return phase_start_us_; }

 private:
  static std::vector<std::string> PointsOf(int stream) {
    std::vector<std::string> points;
    for (int p = 0; p < kPointsPerStream; ++p) points.push_back(PointName(stream, p));
    return points;
  }

  const std::string address_;
  int64_t phase_start_us_ = absl::ToUnixMicros(absl::Now()) - int64_t{6 * 3600} * 1'000'000;
};

// One re-scoring, from its start on.
class Job {
 public:
  Job(v1::RescoreService::Stub& stub, const v1::StartRescoreRequest& request) : stub_(stub) {
    grpc::ClientContext context;
    google::longrunning::Operation operation;
    const grpc::Status status = stub_.StartRescore(&context, request, &operation);
    if (!status.ok()) Die("re-scoring: " + status.error_message());
    id_ = std::atoll(&operation.name()[operation.name().find('/') + 1]);
  }

  v1::Rescore Now() const {
    grpc::ClientContext context;
    v1::GetRescoreRequest request;
    request.set_name("rescores/" + std::to_string(id_));
    v1::Rescore rescore;
    const grpc::Status status = stub_.GetRescore(&context, request, &rescore);
    if (!status.ok()) Die("re-scoring: " + status.error_message());
    return rescore;
  }

  bool IsRunning() const { return Now().state() == v1::Rescore::STATE_RUNNING; }

  // Once it is done. Ends the program unless `expected` records were scored, each once.
  void Check(db::Connection& connection, int64_t expected) const {
    while (IsRunning()) Sleep(0.05);
    if (Now().state() != v1::Rescore::STATE_DONE) Die(Now().DebugString());
    const db::Param values[] = {db::Int(id_)};
    const db::Rows rows = Checked(connection.Query(
        "SELECT count(*), count(DISTINCT (asset_id, point_id, measured_at)) FROM score"
        " WHERE run = $1",
        values));
    if (rows.Int(0, 0) != expected || rows.Int(0, 1) != expected) {
      Die("scored " + std::to_string(rows.Int(0, 0)) + " of " + std::to_string(expected));
    }
  }

 private:
  v1::RescoreService::Stub& stub_;
  int64_t id_ = 0;
};

struct Round {
  Pace alone, beside;
  double job_records_per_s = 0;
};

class Bench {
 public:
  Bench(const Options& options, const std::string& address, const std::string& conninfo)
      : options_(options),
        connection_(Checked(db::Connection::Open(conninfo))),
        stub_(v1::RescoreService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
        senders_(address) {
    ApplyPlant(address);
    FillHistory(conninfo, MakePoints(*connection_, "history", "{}", kHistoryPoints),
                options.records / kHistoryPoints);
  }

  nlohmann::ordered_json Run() {
    samples_start_us_ = senders_.phase_start_us();
    const double capacity = senders_.Capacity(options_.seconds);
    std::printf("capacity %.0f records/s\n", capacity);
    samples_end_us_ = senders_.phase_start_us();
    nlohmann::ordered_json result = {{"bench", "ingest_beside_job"},
                                     {"capacity_per_s", capacity},
                                     {"seconds", options_.seconds}};
    result["features"] = Rounds("features", capacity / 2, [this] { return FeaturesRequest(); });
    result["samples"] = Rounds("samples", capacity / 2, [this] { return SamplesRequest(); });
    return result;
  }

 private:
  static v1::StartRescoreRequest FeaturesRequest() {
    v1::StartRescoreRequest request;
    request.set_scope("sites/history");
    request.mutable_plan()->set_source(v1::RescorePlan::SOURCE_FEATURES);
    return request;
  }

  // Of what was sent while the capacity was measured.
  v1::StartRescoreRequest SamplesRequest() const {
    v1::StartRescoreRequest request;
    request.set_scope("sites/bench");
    request.mutable_plan()->set_source(v1::RescorePlan::SOURCE_SAMPLES);
    request.mutable_start_time()->set_seconds(samples_start_us_ / 1'000'000);
    request.mutable_end_time()->set_seconds(samples_end_us_ / 1'000'000);
    return request;
  }

  int64_t RecordsOf(const v1::StartRescoreRequest& request) {
    const std::string slug = request.scope().substr(request.scope().find('/') + 1);
    const bool is_all = !request.has_start_time();
    const db::Param values[] = {
        db::Text(slug), db::TimeUs(is_all ? kFirstUs : request.start_time().seconds() * 1'000'000),
        db::TimeUs(is_all ? absl::ToUnixMicros(absl::Now())
                          : request.end_time().seconds() * 1'000'000)};
    return Checked(connection_->Query("SELECT count(*) FROM trend JOIN site USING (site_id)"
                                      " WHERE slug = $1 AND measured_at >= $2 AND measured_at < $3",
                                      values))
        .Int(0, 0);
  }

  Round OneRound(double rate, const v1::StartRescoreRequest& request) {
    // Or the server does, in one half of a round.
    Check(connection_->ExecuteScript("VACUUM ANALYZE"));
    Check(connection_->ExecuteScript("CHECKPOINT"));
    Round round;
    round.alone = senders_.Paced(rate, [this] { Sleep(options_.seconds); });
    const int64_t records = RecordsOf(request);
    Check(connection_->ExecuteScript("CHECKPOINT"));
    const Job job(*stub_, request);
    round.beside = senders_.Paced(rate, [&] {
      const Clock::time_point begin = Clock::now();
      const int64_t first = job.Now().progress().records_done();
      while (SecondsSince(begin) < options_.seconds && job.IsRunning()) Sleep(0.05);
      round.job_records_per_s =
          static_cast<double>(job.Now().progress().records_done() - first) / SecondsSince(begin);
    });
    job.Check(*connection_, records);
    return round;
  }

  nlohmann::ordered_json Rounds(const char* source, double rate,
                                const std::function<v1::StartRescoreRequest()>& request) {
    std::vector<double> p99_alone, p99_beside, p50_alone, p50_beside, job_rates;
    for (int i = 0; i < options_.rounds; ++i) {
      const Round round = OneRound(rate, request());
      std::printf(
          "%-8s alone p50 %6.1f p99 %6.1f ms, beside the job p50 %6.1f p99 %6.1f ms"
          " (%lld and %lld records; job %.0f records/s; cores idle %.2f, %.2f)\n",
          source, round.alone.p50_ms, round.alone.p99_ms, round.beside.p50_ms, round.beside.p99_ms,
          static_cast<long long>(round.alone.records), static_cast<long long>(round.beside.records),
          round.job_records_per_s, round.alone.idle_cores, round.beside.idle_cores);
      std::fflush(stdout);
      p50_alone.push_back(round.alone.p50_ms);
      p50_beside.push_back(round.beside.p50_ms);
      p99_alone.push_back(round.alone.p99_ms);
      p99_beside.push_back(round.beside.p99_ms);
      job_rates.push_back(round.job_records_per_s);
    }
    const double alone = Quantile(p99_alone, 0.5), beside = Quantile(p99_beside, 0.5);
    return {{"rate_per_s", rate},
            {"p50_alone_ms", Quantile(p50_alone, 0.5)},
            {"p50_beside_ms", Quantile(p50_beside, 0.5)},
            {"p99_alone_ms", alone},
            {"p99_beside_ms", beside},
            {"p99_ratio", beside / alone},
            {"job_records_per_s", Quantile(job_rates, 0.5)}};
  }

  const Options options_;
  const std::unique_ptr<db::Connection> connection_;
  const std::unique_ptr<v1::RescoreService::Stub> stub_;
  Senders senders_;
  int64_t samples_start_us_ = 0, samples_end_us_ = 0;
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  options.program = BuiltServer();
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--quick") {
      options.rounds = 1;
      options.seconds = 5;
      options.records = 160'000;
    } else if (name == "--rounds" && i + 1 < argc) {
      options.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (name == "--seconds" && i + 1 < argc) {
      options.seconds = std::clamp(std::atof(argv[++i]), 1.0, 30.0);
    } else if (name == "--records" && i + 1 < argc) {
      options.records = std::max(10'000, std::atoi(argv[++i]));
    } else if (name == "--program" && i + 1 < argc) {
      options.program = argv[++i];
    } else {
      Die("unknown argument " + name + "; see the head of bench/ingest_beside_job_bench.cc");
    }
  }
  return options;
}

int Main(const Options& options) {
  Windows();
  const Folder folder;
  AuscultdProcess server(options.program, ServerArguments(folder.path + "/data"),
                         folder.path + "/auscultd.log");
  const Cluster cluster = FindCluster(folder.path + "/data");
  const nlohmann::ordered_json result = Bench(options, server.address(), cluster.conninfo).Run();
  if (server.Stop() != 0) Die("auscultd did not stop cleanly");
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}
