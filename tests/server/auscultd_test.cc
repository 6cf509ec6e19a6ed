#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "tests/server/daemon.h"
#include "tests/server/made_cluster.h"
#include "tests/server/raw_call.h"

namespace auscult::server {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPoint[] = "sites/a/assets/pump/points/de";

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

void CreatePlant(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = v1::AssetService::NewStub(channel);
  v1::CreateSiteRequest site;
  site.set_site_id("a");
  site.mutable_site();
  v1::CreateAssetRequest asset;
  asset.set_parent("sites/a");
  asset.set_asset_id("pump");
  asset.mutable_asset()->set_kind("pump");
  v1::CreatePointRequest point;
  point.set_parent("sites/a/assets/pump");
  point.set_point_id("de");
  point.mutable_point()->add_channels()->set_quantity(v1::QUANTITY_ACCELERATION);
  grpc::ClientContext contexts[3];
  v1::Site made_site;
  v1::Asset made_asset;
  v1::Point made_point;
  for (const grpc::Status& status : {stub->CreateSite(&contexts[0], site, &made_site),
                                     stub->CreateAsset(&contexts[1], asset, &made_asset),
                                     stub->CreatePoint(&contexts[2], point, &made_point)}) {
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
}

constexpr int64_t kStartSeconds = 1'700'000'000;

v1::StreamWaveformsRequest Message(uint64_t sequence) {
  constexpr int kSamples = 4096;
  constexpr double kRateHz = 10'000;
  v1::StreamWaveformsRequest message;
  message.set_sequence(sequence);
  v1::Waveform& waveform = *message.mutable_waveform();
  waveform.set_point(kPoint);
  waveform.mutable_measured_at()->set_seconds(kStartSeconds + static_cast<int64_t>(sequence) * 60);
  waveform.set_sample_rate_hz(kRateHz);
  v1::ChannelSamples& channel = *waveform.add_channels();
  channel.set_unit("m/s2");
  for (int i = 0; i < kSamples; ++i) {
    channel.mutable_floats()->add_values(static_cast<float>(
        std::sin(0.1 * i + static_cast<double>(sequence)) + 0.3 * std::sin(0.77 * i)));
  }
  return message;
}

// Sends until the server ends the stream; sequence numbers of what it acknowledged.
std::set<uint64_t> StreamUntilTheEnd(const std::shared_ptr<grpc::Channel>& channel,
                                     std::atomic<size_t>& acknowledged_count,
                                     grpc::Status& status) {
  grpc::ClientContext context;
  const auto stream = v1::IngestService::NewStub(channel)->StreamWaveforms(&context);
  std::thread writer([&] {
    for (uint64_t sequence = 1; stream->Write(Message(sequence)); ++sequence) {
    }
  });
  std::set<uint64_t> acknowledged;
  for (v1::StreamWaveformsResponse ack; stream->Read(&ack);) {
    if (ack.result().outcome() == v1::IngestResult::OUTCOME_ACCEPTED) {
      acknowledged.insert(ack.sequence());
      acknowledged_count = acknowledged.size();
    }
  }
  writer.join();
  status = stream->Finish();
  return acknowledged;
}

std::set<int64_t> StoredTimes(const std::shared_ptr<grpc::Channel>& channel) {
  v1::QueryTrendRequest request;
  request.set_name(kPoint);
  request.add_series("rms");
  request.mutable_start_time()->set_seconds(kStartSeconds);
  request.set_max_points(100'000);
  v1::QueryTrendResponse response;
  grpc::ClientContext context;
  const grpc::Status status =
      v1::TrendService::NewStub(channel)->QueryTrend(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::set<int64_t> times;
  for (const v1::Series& series : response.series()) {
    times.insert(series.time_us().begin(), series.time_us().end());
  }
  return times;
}

TEST(Auscultd, AnswersQuestionsAboutItselfAndEnds) {
  Daemon version({"--version"}), help({"--help"});
  EXPECT_EQ(version.Wait(seconds(10)), 0);
  EXPECT_THAT(version.Out(), StartsWith("auscultd 0."));
  EXPECT_EQ(help.Wait(seconds(10)), 0);
  EXPECT_THAT(help.Out(), AllOf(HasSubstr("--listen"), HasSubstr("AUSCULT_COMMIT_RECORDS")));
}

TEST(Auscultd, ChecksItsSettingsWithoutTouchingAnything) {
  const DataFolder folder;
  Daemon check({"--check-config", "--data-dir", folder.path()}, {"AUSCULT_WORKERS=3"});
  EXPECT_EQ(check.Wait(seconds(10)), 0);
  EXPECT_THAT(check.Out(), AllOf(HasSubstr("workers = 3  # AUSCULT_WORKERS\n"),
                                 HasSubstr("data_dir = \"" + folder.path() + "\"  # --data-dir\n"),
                                 EndsWith("OK\n")));
  EXPECT_FALSE(std::filesystem::exists(folder.path()));
}

TEST(Auscultd, EndsWithTwoWhereItIsUsedWrongly) {
  struct Case {
    std::vector<std::string> arguments, variables;
    const char* expected;
  };
  for (const Case& c : {Case{{"--worker=2"}, {}, "did you mean --workers?"},
                        Case{{}, {"AUSCULT_WORKRES=2"}, "did you mean AUSCULT_WORKERS?"},
                        Case{{"--listen", "0.0.0.0:7070"}, {}, "TLS"},
                        Case{{"--check-config", "--writers=65"}, {}, "0 to 64"}}) {
    SCOPED_TRACE(c.expected);
    Daemon daemon(c.arguments, c.variables);
    EXPECT_EQ(daemon.Wait(seconds(10)), 2);
    EXPECT_THAT(daemon.Err(), AllOf(StartsWith("auscultd: "), HasSubstr(c.expected)));
    EXPECT_EQ(daemon.Out(), "");
  }
}

TEST(Auscultd, SaysWhereItListensAndStoresAndStopsWhenAsked) {
  for (const int signal : {SIGTERM, SIGINT}) {
    SCOPED_TRACE(signal);
    const DataFolder folder;
    GiveCluster(folder);
    std::vector<std::string> arguments = Daemon::Arguments(folder);
    arguments.push_back("--log-format=json");
    Daemon daemon(arguments);
    const std::string address = daemon.AwaitAddress();
    ASSERT_NE(address, "") << daemon.Err();
    EXPECT_THAT(daemon.Out(), HasSubstr("stores in  " + folder.path()));
    EXPECT_EQ(AskHealth(ChannelTo(address), "").bytes, kServing);
    daemon.Signal(signal);
    EXPECT_EQ(daemon.Wait(seconds(20)), 0) << daemon.Err();
    EXPECT_FALSE(FindPostmaster(folder.cluster()));
    std::istringstream lines(daemon.Err());
    nlohmann::json last;
    for (std::string line; std::getline(lines, line);) {
      last = nlohmann::json::parse(line, nullptr, false);
      EXPECT_TRUE(last.contains("time") && last.contains("level")) << line;
    }
    EXPECT_EQ(last["message"], "stopped");
  }
}

TEST(Auscultd, RefusesToRunPostgresAsAUserThatItMayNot) {
  const DataFolder folder;
  std::vector<std::string> arguments = {"--data-dir",  folder.path(),   "--listen",
                                        "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"};
  const bool root = geteuid() == 0;
  if (!root) arguments.insert(arguments.end(), {"--service-user", "daemon"});
  Daemon daemon(arguments);
  EXPECT_EQ(daemon.Wait(seconds(10)), 1);
  EXPECT_THAT(daemon.Err(), HasSubstr(root ? "--service-user NAME" : "only root may"));
  EXPECT_FALSE(std::filesystem::exists(folder.path()));
}

TEST(Auscultd, EndsWithOneWhereItsDatabaseCannotBeReached) {
  Daemon daemon({"--listen", "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"},
                {"AUSCULT_DATABASE=host=127.0.0.1 port=1 dbname=x password=s3cret"});
  EXPECT_EQ(daemon.Wait(seconds(10)), 1);
  EXPECT_THAT(daemon.Err(), AllOf(HasSubstr("password=***"), HasSubstr("refused")));
  EXPECT_EQ(daemon.Err().find("s3cret"), std::string::npos);
}

TEST(Auscultd, AdoptsItsDatabaseAfterItWasKilled) {
  const DataFolder folder;
  GiveCluster(folder);
  Daemon first(Daemon::Arguments(folder));
  const std::string address = first.AwaitAddress();
  ASSERT_NE(address, "") << first.Err();
  CreatePlant(ChannelTo(address));
  first.Signal(SIGKILL);
  first.Wait(seconds(10));
  const auto survivor = FindPostmaster(folder.cluster());
  ASSERT_TRUE(survivor);

  Daemon second(Daemon::Arguments(folder));
  const std::string again = second.AwaitAddress();
  ASSERT_NE(again, "") << second.Err();
  EXPECT_THAT(second.Err(), HasSubstr("adopting"));
  const auto adopted = FindPostmaster(folder.cluster());
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->pid, survivor->pid);
  EXPECT_EQ(StoredTimes(ChannelTo(again)).size(), 0u);
  second.Signal(SIGTERM);
  EXPECT_EQ(second.Wait(seconds(20)), 0) << second.Err();
  EXPECT_FALSE(FindPostmaster(folder.cluster()));
}

TEST(Auscultd, StartsItsDatabaseAgainWhenThatDies) {
  const DataFolder folder;
  GiveCluster(folder);
  Daemon daemon(Daemon::Arguments(folder));
  const std::string address = daemon.AwaitAddress();
  ASSERT_NE(address, "") << daemon.Err();
  const auto channel = ChannelTo(address);
  CreatePlant(channel);
  const auto postmaster = FindPostmaster(folder.cluster());
  ASSERT_TRUE(postmaster);
  kill(postmaster->pid, SIGKILL);
  v1::IngestWaveformRequest request;
  *request.mutable_waveform() = Message(1).waveform();
  // What is refused as UNAVAILABLE meanwhile is sent again, as a sender does.
  const auto stub = v1::IngestService::NewStub(channel);
  v1::IngestWaveformResponse response;
  grpc::Status status(grpc::StatusCode::UNAVAILABLE, "not tried");
  const auto give_up = std::chrono::steady_clock::now() + seconds(30);
  while (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         std::chrono::steady_clock::now() < give_up) {
    grpc::ClientContext context;
    status = stub->IngestWaveform(&context, request, &response);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(status.ok()) << status.error_message() << "\n" << daemon.Err();
  EXPECT_NE(response.result().outcome(), v1::IngestResult::OUTCOME_REJECTED);
  EXPECT_EQ(StoredTimes(channel).size(), 1u);
  EXPECT_THAT(daemon.Err(), HasSubstr("starting it again"));
}

TEST(Auscultd, RefusesADataFolderInUse) {
  const DataFolder folder;
  GiveCluster(folder);
  Daemon first(Daemon::Arguments(folder));
  const std::string address = first.AwaitAddress();
  ASSERT_NE(address, "") << first.Err();
  Daemon second(Daemon::Arguments(folder));
  EXPECT_EQ(second.Wait(seconds(20)), 1);
  EXPECT_THAT(second.Err(), AllOf(HasSubstr("in use"), HasSubstr("--data-dir")));
  EXPECT_EQ(AskHealth(ChannelTo(address), "").bytes, kServing);
}

TEST(Auscultd, KeepsWhatItAcknowledgedWhenItIsStoppedUnderLoad) {
  const DataFolder folder;
  GiveCluster(folder);
  std::set<uint64_t> acknowledged;
  {
    Daemon daemon(Daemon::Arguments(folder));
    const std::string address = daemon.AwaitAddress();
    ASSERT_NE(address, "") << daemon.Err();
    CreatePlant(ChannelTo(address));
    std::atomic<size_t> count = 0;
    grpc::Status status;
    std::thread sender(
        [&] { acknowledged = StreamUntilTheEnd(ChannelTo(address), count, status); });
    while (count < 50 && !daemon.Wait(std::chrono::milliseconds(1))) {
    }
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.Wait(seconds(20)), 0) << daemon.Err();
    sender.join();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
  EXPECT_GE(acknowledged.size(), 50u);
  Daemon daemon(Daemon::Arguments(folder));
  const std::string address = daemon.AwaitAddress();
  ASSERT_NE(address, "") << daemon.Err();
  const std::set<int64_t> stored = StoredTimes(ChannelTo(address));
  for (const uint64_t sequence : acknowledged) {
    const int64_t time_us = (kStartSeconds + static_cast<int64_t>(sequence) * 60) * 1'000'000;
    EXPECT_TRUE(stored.contains(time_us)) << "acknowledged and not stored: " << sequence;
  }
}

TEST(Auscultd, EndsAtOnceAtTheSecondSignal) {
  const DataFolder folder;
  GiveCluster(folder);
  Daemon daemon(Daemon::Arguments(folder));
  const std::string address = daemon.AwaitAddress();
  ASSERT_NE(address, "") << daemon.Err();
  // A watch of the health is a call that never ends by itself.
  const auto channel = ChannelTo(address);
  std::thread watcher([&] { RawCall(channel, "/grpc.health.v1.Health/Watch", ""); });
  EXPECT_EQ(AskHealth(channel, "").bytes, kServing);
  daemon.Signal(SIGTERM);
  EXPECT_FALSE(daemon.Wait(std::chrono::milliseconds(500)));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait(seconds(2)), 1);
  watcher.join();
}

}  // namespace
}  // namespace auscult::server
