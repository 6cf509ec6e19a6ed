// The whole server behind Debian's pgbouncer in transaction mode, where a session belongs to
// nobody: every statement may run on another one.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "auscult/v1/admin_service.grpc.pb.h"
#include "auscult/v1/alarm_service.grpc.pb.h"
#include "auscult/v1/model_service.grpc.pb.h"
#include "db/migrate.h"
#include "db/partitions.h"
#include "db/retention.h"
#include "db/storage.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "google/protobuf/util/time_util.h"
#include "server/fleet_health.h"
#include "server/server.h"
#include "tests/models/made_classifier.h"
#include "tests/server/data_folder.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr char kProgram[] = "/usr/sbin/pgbouncer";

// Three sessions for whoever asks, in front of the cluster of the tests.
class Bouncer {
 public:
  Bouncer() {
    const auto user = ResolveRunAs(ServiceUser());
    EXPECT_TRUE(user.ok()) << user.status();
    std::filesystem::create_directories(folder_.path());
    const std::string settings = folder_.path() + "/pgbouncer.ini";
    std::ofstream(settings) << "[databases]\n* = host="
                            << support::PostgresCluster::Shared().socket_dir()
                            << " port=5432 user=auscult\n[pgbouncer]\nlisten_addr =\n"
                            << "unix_socket_dir = " << folder_.path()
                            << "\nlisten_port = 5432\nauth_type = any\npool_mode = transaction\n"
                            << "default_pool_size = 3\nmax_client_conn = 200\n";
    EXPECT_EQ(chown(folder_.path().c_str(), user->uid, user->gid), 0);
    const int log = open((folder_.path() + "/log").c_str(), O_WRONLY | O_CREAT, 0644);
    const auto pid = Spawn({kProgram, settings}, *user, log);
    close(log);
    EXPECT_TRUE(pid.ok()) << pid.status();
    pid_ = pid.value_or(0);
  }
  ~Bouncer() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  const std::string& folder() { return path_; }
  std::string Log() const {
    std::ifstream file(folder_.path() + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  DataFolder folder_;
  std::string path_ = folder_.path();
  pid_t pid_ = 0;
};

class BehindPgbouncer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (access(kProgram, X_OK) != 0) GTEST_SKIP() << "NOT TESTED: pgbouncer; it is not installed";
    bouncer_ = std::make_unique<Bouncer>();
    config_.listen = "127.0.0.1:0";
    config_.rest_listen = "127.0.0.1:0";
    config_.database = database_.conninfo() + " host=" + bouncer_->folder();
    config_.writers = 3;
    ASSERT_TRUE(Eventually([&] { return db::Connection::Open(config_.database).ok(); }))
        << bouncer_->Log();
  }
  std::unique_ptr<Server> StartServer() {
    auto server = Server::Start(config_);
    EXPECT_TRUE(server.ok()) << server.status() << bouncer_->Log();
    return server.ok() ? *std::move(server) : nullptr;
  }
  static std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server.port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }
  // `count` records of a point over a stream; all have to be taken.
  static void Stream(const Server& server, int point, int64_t begin_us, int count) {
    const auto stub = v1::IngestService::NewStub(ChannelTo(server));
    grpc::ClientContext context;
    const auto stream = stub->StreamWaveforms(&context);
    for (int i = 0; i < count; ++i) {
      v1::StreamWaveformsRequest request;
      request.set_sequence(static_cast<uint64_t>(i));
      *request.mutable_waveform() =
          TestWaveform(TestPoint(point), begin_us + i * 1'000'000, 512, i % 97);
      ASSERT_TRUE(stream->Write(request));
    }
    stream->WritesDone();
    v1::StreamWaveformsResponse ack;
    int taken = 0;
    while (stream->Read(&ack)) {
      EXPECT_EQ(ack.result().outcome(), v1::IngestResult::OUTCOME_ACCEPTED) << ack.DebugString();
      ++taken;
    }
    EXPECT_EQ(taken, count);
    EXPECT_TRUE(stream->Finish().ok());
  }
  void ExpectTrend(const Server& server, int64_t begin_us, int count) {
    v1::QueryTrendRequest request;
    request.set_name(TestPoint(0));
    request.add_series("kurtosis");
    *request.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(begin_us);
    v1::QueryTrendResponse response;
    grpc::ClientContext context;
    const grpc::Status status =
        v1::TrendService::NewStub(ChannelTo(server))->QueryTrend(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.series_size(), 1);
    EXPECT_EQ(response.series(0).record_count(), count);
  }

  // An operation, asked of one server and followed on the other.
  static void ExpectComparison(const Server& asked_of, const Server& told_by, int64_t begin_us) {
    const auto models = v1::ModelService::NewStub(ChannelTo(asked_of));
    v1::ImportModelVersionRequest import;
    import.set_parent("models/diagnosis");
    import.set_file(models::MadeClassifier().Serialize());
    v1::ModelVersion version;
    grpc::ClientContext importing;
    ASSERT_TRUE(models->ImportModelVersion(&importing, import, &version).ok());
    v1::CompareModelVersionsRequest compare;
    compare.set_candidate(version.name());
    compare.set_scope("sites/-");
    *compare.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(begin_us);
    *compare.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(begin_us + 3'600'000'000);
    google::longrunning::Operation operation;
    grpc::ClientContext comparing;
    const grpc::Status asked = models->CompareModelVersions(&comparing, compare, &operation);
    ASSERT_TRUE(asked.ok()) << asked.error_message();
    const auto operations = google::longrunning::Operations::NewStub(ChannelTo(told_by));
    EXPECT_TRUE(Eventually([&] {
      google::longrunning::GetOperationRequest get;
      get.set_name(operation.name());
      grpc::ClientContext asking;
      return operations->GetOperation(&asking, get, &operation).ok() && operation.done();
    }));
    EXPECT_FALSE(operation.has_error()) << operation.error().message();
  }

  support::TestDatabase database_{support::TestDatabase::Empty{}};
  std::unique_ptr<Bouncer> bouncer_;
  Config config_;
};

TEST_F(BehindPgbouncer, ServersStartIngestAnswerAlarmAndWork) {
  // Two at once, on an empty database.
  std::unique_ptr<Server> first, second;
  {
    const std::jthread starting([&] { second = StartServer(); });
    first = StartServer();
  }
  ASSERT_TRUE(first && second);
  const auto direct = database_.Connect();
  CreateTestPlant(*direct);
  const auto channel = ChannelTo(*first);
  auto limits =
      Parsed<v1::SetPointLimitsRequest>("limits { limits { feature: 'kurtosis' alarm: 0.1 } }");
  limits.mutable_limits()->set_name(TestPoint(0) + "/limits");
  v1::PointLimits set;
  grpc::ClientContext limiting;
  const auto health = v1::HealthService::NewStub(channel);
  ASSERT_TRUE(health->SetPointLimits(&limiting, limits, &set).ok());
  grpc::ClientContext watching;
  watching.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::WatchAlarmsRequest watch;
  watch.set_parent("sites/-");
  const auto changes = v1::AlarmService::NewStub(channel)->WatchAlarms(&watching, watch);

  const int64_t begin = NowUs() - 3'600'000'000;
  constexpr int kRecords = 60;
  {
    std::vector<std::jthread> senders;
    for (int point = 0; point < 6; ++point) {
      const Server& server = point % 2 == 0 ? *first : *second;
      senders.emplace_back([&server, point, begin] { Stream(server, point, begin, kRecords); });
    }
  }
  ExpectTrend(*second, begin, kRecords);
  v1::WatchAlarmsResponse change;
  bool told = false;
  while (!told && changes->Read(&change)) told = change.has_alarm();
  EXPECT_TRUE(told);
  watching.TryCancel();
  while (changes->Read(&change)) {
  }
  changes->Finish();

  ExpectComparison(*first, *second, begin);
  auto policy = Parsed<v1::UpdateRetentionPolicyRequest>(
      "retention_policy { name: 'retentionPolicy' trend_days: 90 }");
  v1::RetentionPolicy kept;
  grpc::ClientContext keeping;
  EXPECT_TRUE(
      v1::AdminService::NewStub(channel)->UpdateRetentionPolicy(&keeping, policy, &kept).ok());
  const auto rows = direct->Query("SELECT count(*) FROM trend");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Int(0, 0), 6 * kRecords);
}

TEST_F(BehindPgbouncer, RetentionAndThinningRun) {
  const auto connection = db::Connection::Open(config_.database);
  ASSERT_TRUE(connection.ok()) << connection.status();
  ASSERT_TRUE(db::Migrate(**connection).ok());
  ASSERT_TRUE(db::MakePartitionsAhead(**connection, 1).ok());
  EXPECT_TRUE(db::ThinWaveforms(**connection, 86400).ok());
  const auto removed = db::ApplyRetention(**connection, 86400, [] { return true; });
  EXPECT_TRUE(removed.ok()) << removed.status();
  EXPECT_TRUE(db::SampleStorage(**connection).ok());
}

}  // namespace
}  // namespace auscult::server
