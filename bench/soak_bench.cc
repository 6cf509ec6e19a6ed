// Does the server grow? Records come at a steady rate to a real auscultd with a real PostgreSQL,
// over streams that begin anew every minute; each second somebody comes over a new connection,
// reads a trend and leaves, and somebody asks HTTP for the metrics. Resident memory, descriptors
// and threads of the server are sampled every five seconds; the line fitted through the memory
// after the first ten minutes (a third of shorter runs) says by how much it grows in an hour, and
// so does the line through the lowest sample of each minute.
//
//   soak_bench [--minutes 45] [--load 0.5] [--quick]
//
// --load is the share of the capacity that the same senders reach in the first ten seconds.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "bench/ingest_load.h"
#include "bench/process_cost.h"
#include "tests/support/auscultd_process.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int kSenders = 4, kPointsOfSender = 8, kSamples = 4096, kMessages = 16;
constexpr double kRateHz = 25'600;
constexpr std::chrono::seconds kLongestLag{1}, kSamplePeriod{5}, kStreamLife{60}, kCapacityTime{10};
constexpr char kAsset[] = "sites/soak/assets/machine";

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "soak_bench: %s\n", what.c_str());
  std::exit(1);
}

struct Options {
  double minutes = 45, load = 0.5;
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--quick") {
      options.minutes = 1;
    } else if (flag == "--minutes" && i + 1 < argc) {
      options.minutes = std::atof(argv[++i]);
    } else if (flag == "--load" && i + 1 < argc) {
      options.load = std::atof(argv[++i]);
    } else {
      Fail("usage: soak_bench [--minutes 45] [--load 0.5] [--quick]");
    }
  }
  if (!(options.minutes > 0) || !(options.load > 0)) Fail("minutes and load must be positive");
  return options;
}

std::string PointName(int sender, int point) {
  return std::string(kAsset) + "/points/p" + std::to_string(sender * kPointsOfSender + point);
}

void Must(const grpc::Status& status) {
  if (!status.ok()) Fail(status.error_message());
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void CreatePlant(const std::string& address) {
  const auto stub = v1::AssetService::NewStub(NewChannel(address));
  v1::CreateSiteRequest site;
  site.set_site_id("soak");
  v1::Site made_site;
  grpc::ClientContext making_site;
  Must(stub->CreateSite(&making_site, site, &made_site));
  v1::CreateAssetRequest asset;
  asset.set_parent("sites/soak");
  asset.set_asset_id("machine");
  v1::Asset made_asset;
  grpc::ClientContext making_asset;
  Must(stub->CreateAsset(&making_asset, asset, &made_asset));
  for (int i = 0; i < kSenders * kPointsOfSender; ++i) {
    v1::CreatePointRequest point;
    point.set_parent(kAsset);
    point.set_point_id("p" + std::to_string(i));
    v1::Channel& channel = *point.mutable_point()->add_channels();
    channel.set_quantity(v1::QUANTITY_ACCELERATION);
    channel.set_unit("g");
    v1::Point made_point;
    grpc::ClientContext making_point;
    Must(stub->CreatePoint(&making_point, point, &made_point));
  }
}

std::vector<v1::StreamWaveformsRequest> Messages() {
  std::vector<v1::StreamWaveformsRequest> messages(kMessages);
  for (int n = 0; n < kMessages; ++n) {
    v1::Waveform& waveform = *messages[n].mutable_waveform();
    waveform.set_sample_rate_hz(kRateHz);
    waveform.mutable_conditions()->set_speed_rpm(1480);
    v1::ChannelSamples& channel = *waveform.add_channels();
    for (int i = 0; i < kSamples; ++i) {
      channel.mutable_floats()->add_values(
          static_cast<float>(std::sin(0.029 * i + n) + 0.2 * std::sin(0.76 * i + 3 * n)));
    }
  }
  return messages;
}

// Sends `per_second` records of its points until told to stop, over one stream after the other.
class SteadySender {
 public:
  SteadySender(std::string address, int index, double per_second, int64_t first_us,
               const std::atomic<bool>* stop)
      : address_(std::move(address)),
        index_(index),
        gap_(1 / per_second),
        next_us_(first_us),
        messages_(Messages()),
        stop_(stop),
        thread_([this] { Run(); }) {}
  SteadySender(const SteadySender&) = delete;
  SteadySender& operator=(const SteadySender&) = delete;
  ~SteadySender() { thread_.join(); }
  int64_t acked() const { return acked_; }

 private:
  void Run() {
    while (!*stop_) {
      const auto stub = v1::IngestService::NewStub(NewChannel(address_));
      grpc::ClientContext context;
      const auto stream = stub->StreamWaveforms(&context);
      std::thread reader([&] {
        v1::StreamWaveformsResponse ack;
        while (stream->Read(&ack)) {
          if (ack.result().outcome() != v1::IngestResult::OUTCOME_ACCEPTED) Fail(ack.DebugString());
          ++acked_;
        }
      });
      auto due = Clock::now();
      for (const auto end = due + kStreamLife; !*stop_ && Clock::now() < end; ++sent_) {
        std::this_thread::sleep_until(due);
        // What a busy machine kept it from sending is not made up for in a burst.
        due = std::max(due, Clock::now() - kLongestLag) +
              std::chrono::duration_cast<Clock::duration>(gap_);
        if (!stream->Write(NextMessage())) Fail("the stream broke off");
      }
      stream->WritesDone();
      reader.join();
      Must(stream->Finish());
      if (sent_ != acked_) Fail("not everything was acknowledged");
    }
  }

  const v1::StreamWaveformsRequest& NextMessage() {
    v1::StreamWaveformsRequest& message = messages_[static_cast<size_t>(sent_ % kMessages)];
    message.set_sequence(static_cast<uint64_t>(sent_));
    next_us_ += 1000;
    message.mutable_waveform()->set_point(
        PointName(index_, static_cast<int>(sent_ % kPointsOfSender)));
    auto& time = *message.mutable_waveform()->mutable_measured_at();
    time.set_seconds(next_us_ / 1'000'000);
    time.set_nanos(static_cast<int32_t>(next_us_ % 1'000'000) * 1000);
    return message;
  }

  const std::string address_;
  const int index_;
  const Seconds gap_;
  int64_t next_us_, sent_ = 0;
  std::vector<v1::StreamWaveformsRequest> messages_;
  const std::atomic<bool>* const stop_;
  std::atomic<int64_t> acked_{0};
  std::thread thread_;
};

// Comes, reads a period of a point that soon is full, so that answers do not grow, asks for the
// metrics, and leaves.
void Visit(const support::AuscultdProcess& server, int64_t from_us) {
  v1::QueryTrendRequest request;
  request.set_name(PointName(0, 0));
  request.add_series("rms");
  request.mutable_start_time()->set_seconds(from_us / 1'000'000);
  request.mutable_end_time()->set_seconds(from_us / 1'000'000 + 5);
  request.set_max_points(500);
  v1::QueryTrendResponse response;
  grpc::ClientContext context;
  Must(v1::TrendService::NewStub(NewChannel(server.address()))
           ->QueryTrend(&context, request, &response));
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(server.http_port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr char kRequest[] =
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      send(socket, kRequest, sizeof kRequest - 1, MSG_NOSIGNAL) != sizeof kRequest - 1) {
    Fail("HTTP does not answer");
  }
  char buffer[65536];
  ssize_t size = recv(socket, buffer, sizeof buffer, 0);
  if (size < 12 || std::memcmp(buffer + 9, "200", 3) != 0) Fail("no metrics");
  while (size > 0) size = recv(socket, buffer, sizeof buffer, 0);
  close(socket);
}

struct Sample {
  double hours = 0, resident_mb = 0, descriptors = 0, threads = 0;
};

Sample TakeSample(pid_t pid, Clock::time_point begin) {
  std::error_code gone;
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd", gone);
  if (gone) Fail("the server is gone");
  const auto count = std::distance(files, std::filesystem::directory_iterator());
  return {Seconds(Clock::now() - begin).count() / 3600, MemoryMb(pid, "VmRSS"),
          static_cast<double>(count), MemoryMb(pid, "Threads") * 1024};
}

// By least squares, with the standard error of the slope.
struct Line {
  double mean_mb = 0, mb_per_hour = 0, error_mb_per_hour = 0;
};

Line Fit(const std::vector<Sample>& samples) {
  const auto n = static_cast<double>(samples.size());
  double t = 0, y = 0;
  for (const Sample& sample : samples) {
    t += sample.hours / n;
    y += sample.resident_mb / n;
  }
  double tt = 0, ty = 0, residual = 0;
  for (const Sample& sample : samples) {
    tt += (sample.hours - t) * (sample.hours - t);
    ty += (sample.hours - t) * (sample.resident_mb - y);
  }
  const double slope = ty / tt;
  for (const Sample& sample : samples) {
    const double off = sample.resident_mb - y - slope * (sample.hours - t);
    residual += off * off;
  }
  return {y, slope, std::sqrt(residual / (n - 2) / tt)};
}

double MeasureCapacity(const std::string& address, int64_t first_us) {
  const auto begin = Clock::now();
  int64_t acked = 0;
  {
    std::vector<std::unique_ptr<IngestLoad>> load;
    for (int i = 0; i < kSenders; ++i) {
      std::vector<std::string> points;
      for (int p = 0; p < kPointsOfSender; ++p) points.push_back(PointName(i, p));
      load.push_back(std::make_unique<IngestLoad>(address, Messages(), points, first_us));
    }
    std::this_thread::sleep_for(kCapacityTime);
    for (const auto& one : load) acked += one->acked();
  }
  return static_cast<double>(acked) / Seconds(Clock::now() - begin).count();
}

// The lowest of each minute: what the server holds when the fewest records are on their way, for
// those come and go by megabytes.
std::vector<Sample> Floors(const std::vector<Sample>& samples) {
  std::map<int, Sample> lowest;
  for (const Sample& sample : samples) {
    const auto [place, is_first] = lowest.try_emplace(static_cast<int>(sample.hours * 60), sample);
    if (!is_first && sample.resident_mb < place->second.resident_mb) place->second = sample;
  }
  std::vector<Sample> floors;
  for (const auto& [minute, sample] : lowest) floors.push_back(sample);
  return floors;
}

nlohmann::json Judge(const std::vector<Sample>& samples, double capacity, const Options& options,
                     double per_second, double cpu_share) {
  const double warm_hours = std::min(10.0, options.minutes / 3) / 60;
  std::vector<Sample> late;
  std::ranges::copy_if(samples, std::back_inserter(late),
                       [&](const Sample& sample) { return sample.hours >= warm_hours; });
  const std::vector<Sample> floors = Floors(late);
  if (late.size() < 3) Fail("too short to fit a line");
  const Line line = Fit(late);
  const Line floor = floors.size() < 3 ? line : Fit(floors);
  const auto peak = std::ranges::max_element(samples, {}, &Sample::resident_mb);
  return {{"bench", "soak"},
          {"minutes", options.minutes},
          {"load", options.load},
          {"capacity_records_per_s", capacity},
          {"records_per_s", per_second},
          {"server_cores", cpu_share},
          {"resident_mean_mb", line.mean_mb},
          {"resident_peak_mb", peak->resident_mb},
          {"slope_percent_per_hour", 100 * line.mb_per_hour / line.mean_mb},
          {"slope_error_percent_per_hour", 100 * line.error_mb_per_hour / line.mean_mb},
          {"floor_mean_mb", floor.mean_mb},
          {"floor_slope_percent_per_hour", 100 * floor.mb_per_hour / floor.mean_mb},
          {"floor_slope_error_percent_per_hour", 100 * floor.error_mb_per_hour / floor.mean_mb},
          {"descriptors_first", late.front().descriptors},
          {"descriptors_last", late.back().descriptors},
          {"threads_first", late.front().threads},
          {"threads_last", late.back().threads}};
}

int Soak(const std::string& program, const Options& options) {
  support::TestDatabase database;
  const std::string log = std::filesystem::temp_directory_path() / "soak_bench.log";
  support::AuscultdProcess server(program, {"--database", database.conninfo()}, log);
  CreatePlant(server.address());
  const int64_t now_us = std::chrono::duration_cast<std::chrono::microseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  // Measured time runs at its own pace, and must not come near the present.
  const int64_t first_us = now_us - 8 * 86'400'000'000, steady_us = now_us - 4 * 86'400'000'000;
  const double capacity = MeasureCapacity(server.address(), first_us);
  const double per_second = options.load * capacity;
  std::printf("capacity %.0f records a second; %.0f for %.0f minutes\n", capacity, per_second,
              options.minutes);
  std::vector<Sample> samples;
  const auto begin = Clock::now();
  const double cpu_before = TreeCpuSeconds(server.pid());
  int64_t acked = 0;
  {
    std::atomic<bool> stop{false};
    std::vector<std::unique_ptr<SteadySender>> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.push_back(std::make_unique<SteadySender>(server.address(), i, per_second / kSenders,
                                                       steady_us, &stop));
    }
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double, std::ratio<60>>(options.minutes));
    for (auto now = begin, next = begin; now < end; now = Clock::now()) {
      Visit(server, steady_us);
      std::this_thread::sleep_until(now + std::chrono::seconds(1));
      if (now < next) continue;
      next = now + kSamplePeriod;
      samples.push_back(TakeSample(server.pid(), begin));
      if (samples.size() % 12 == 1) {
        std::printf("%5.1f min %8.1f MB %4.0f descriptors %3.0f threads\n",
                    samples.back().hours * 60, samples.back().resident_mb,
                    samples.back().descriptors, samples.back().threads);
        std::fflush(stdout);
      }
    }
    stop = true;
    for (const auto& sender : senders) acked += sender->acked();
  }
  const double elapsed_s = Seconds(Clock::now() - begin).count();
  const double cpu_share = (TreeCpuSeconds(server.pid()) - cpu_before) / elapsed_s;
  if (server.Stop() != 0) Fail("the server did not end in order");
  std::printf("%s\n",
              Judge(samples, capacity, options, static_cast<double>(acked) / elapsed_s, cpu_share)
                  .dump()
                  .c_str());
  return 0;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "auscultd";
  return auscult::bench::Soak(program, auscult::bench::ParseOptions(argc, argv));
}
