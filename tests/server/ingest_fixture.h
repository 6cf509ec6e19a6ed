#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "db/plant_store.h"
#include "grpcpp/grpcpp.h"
#include "server/ingest_service.h"
#include "server/plant_rows.h"
#include "tests/server/open_gate.h"
#include "tests/server/waveforms.h"
#include "tests/support/postgres_cluster.h"

// The ingest path as the server wires it, with a real database and real sockets.
namespace auscult::server {

inline constexpr char kTestAsset[] = "sites/s/assets/a";

inline std::string TestPoint(int index) {
  return std::string(kTestAsset) + "/points/p" + std::to_string(index);
}

// Waits, at most ten seconds, until `holds`.
inline bool Eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Points p0 .. p7 of one asset, each with one channel of acceleration at kTestRateHz.
inline void CreateTestPlant(db::Connection& connection) {
  v1::Site site;
  site.set_name("sites/s");
  ASSERT_TRUE(db::CreateSite(connection, RowOf(site)).ok());
  v1::Asset asset;
  asset.set_name(kTestAsset);
  ASSERT_TRUE(db::CreateAsset(connection, RowOf(asset)).ok());
  for (int i = 0; i < 8; ++i) {
    v1::Point point;
    point.set_name(TestPoint(i));
    v1::Channel& channel = *point.add_channels();
    channel.set_quantity(v1::QUANTITY_ACCELERATION);
    channel.set_unit("g");
    point.set_sample_rate_hz(kTestRateHz);
    const auto created = db::CreatePoint(connection, RowOf(point));
    ASSERT_TRUE(created.ok()) << created.status();
  }
}

class IngestServer {
 public:
  explicit IngestServer(const Config& config = {})
      : connection_(database_.Connect()),
        pool_(database_.conninfo(), 2),
        baselines_(100),
        directory_(&pool_, 1000),
        tenants_(config.ingest_buffer_bytes),
        commit_(config, database_.conninfo(), &baselines_),
        pipeline_(config, &directory_, &commit_),
        service_(config, &OpenGate(), &pipeline_, &pool_, &tenants_) {
    CreateTestPlant(*connection_);
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(static_cast<int>(config.max_message_bytes));
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    grpc_ = builder.BuildAndStart();
  }

  ~IngestServer() { Stop(); }

  void Stop() {
    if (grpc_ == nullptr) return;
    service_.StopStreams();
    grpc_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
    grpc_->Wait();
    grpc_.reset();
    pipeline_.Drain();
    commit_.Drain();
  }

  // Over a connection of its own, on which unread answers fill a window of 64 KB.
  std::unique_ptr<v1::IngestService::Stub> NewStub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return v1::IngestService::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials(), arguments));
  }

  IngestService& service() { return service_; }
  ScoringPipeline& pipeline() { return pipeline_; }
  Tenants& tenants() { return tenants_; }
  std::unique_ptr<db::Connection> Connect() const { return database_.Connect(); }
  std::string conninfo() const { return database_.conninfo(); }

  int64_t StoredRecords() { return Count("SELECT count(*) FROM trend", {}); }
  bool IsStored(int64_t measured_at_us) {
    const db::Param parameters[] = {db::TimeUs(measured_at_us)};
    return Count("SELECT count(*) FROM trend WHERE measured_at = $1::timestamptz", parameters) > 0;
  }
  int64_t Count(db::Sql sql, std::span<const db::Param> parameters) {
    const auto rows = connection_->Query(sql, parameters);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

 private:
  support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_;
  db::Pool pool_;
  db::BaselineCache baselines_;
  PlantDirectory directory_;
  Tenants tenants_;
  GroupCommit commit_;
  ScoringPipeline pipeline_;
  IngestService service_;
  std::unique_ptr<grpc::Server> grpc_;
  int port_ = 0;
};

// While it lives, nothing can be committed.
class CommitBlock {
 public:
  explicit CommitBlock(const IngestServer& server) : connection_(server.Connect()) {
    EXPECT_TRUE(connection_->ExecuteScript("BEGIN; LOCK TABLE point_state").ok());
  }
  ~CommitBlock() { EXPECT_TRUE(connection_->ExecuteScript("ROLLBACK").ok()); }

 private:
  std::unique_ptr<db::Connection> connection_;
};

// A sender on StreamWaveforms.
class Sender {
 public:
  explicit Sender(const IngestServer& server)
      : stub_(server.NewStub()), stream_(stub_->StreamWaveforms(&context_)) {}
  ~Sender() {
    if (!finished_) Vanish();
  }

  bool Send(uint64_t sequence, v1::Waveform waveform) {
    v1::StreamWaveformsRequest request;
    request.set_sequence(sequence);
    *request.mutable_waveform() = std::move(waveform);
    return stream_->Write(request);
  }
  void CloseHalf() { stream_->WritesDone(); }
  std::optional<v1::StreamWaveformsResponse> ReadAck() {
    v1::StreamWaveformsResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  std::vector<v1::StreamWaveformsResponse> ReadAllAcks() {
    std::vector<v1::StreamWaveformsResponse> acks;
    while (auto ack = ReadAck()) acks.push_back(*std::move(ack));
    return acks;
  }
  grpc::Status Finish() {
    finished_ = true;
    return stream_->Finish();
  }
  void Cancel() { context_.TryCancel(); }
  // Cancels and forgets.
  void Vanish() {
    Cancel();
    while (ReadAck()) {
    }
    Finish();
  }

 private:
  std::unique_ptr<v1::IngestService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>>
      stream_;
  bool finished_ = false;
};

}  // namespace auscult::server
