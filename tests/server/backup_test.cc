#include "server/backup.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "server/fleet_health.h"
#include "tests/server/daemon.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/made_cluster.h"

namespace auscult::server {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

EmbeddedPostgresOptions OptionsOf(const DataFolder& folder) {
  return {folder.path(), "", ServiceUser()};
}

std::unique_ptr<db::Connection> ConnectTo(const DataFolder& folder) {
  auto connection =
      db::Connection::Open("host=" + folder.path() + "/run port=5432 user=auscult dbname=auscult");
  EXPECT_TRUE(connection.ok()) << connection.status();
  return connection.ok() ? *std::move(connection) : nullptr;
}

// What is stored of the time up to `until_us`: how much, and a hash of all of it.
std::string Stored(db::Connection& connection, int64_t until_us) {
  const db::Param until[] = {db::TimeUs(until_us)};
  const auto rows = connection.Query(
      "SELECT (SELECT count(*) || md5(string_agg(t::text, '' ORDER BY asset_id, point_id,"
      "   measured_at)) FROM trend t WHERE measured_at <= $1)"
      " || (SELECT count(*) || md5(string_agg(s::text, '' ORDER BY asset_id, point_id,"
      "   measured_at)) FROM score s WHERE measured_at <= $1)"
      " || (SELECT count(*) || md5(string_agg(w::text, '' ORDER BY asset_id, point_id,"
      "   measured_at)) FROM waveform w WHERE measured_at <= $1)"
      " || (SELECT count(*) || md5(string_agg(p::text, '' ORDER BY asset_id, point_id)) FROM point "
      "p)",
      until);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? std::string(rows->Text(0, 0)) : "";
}

int64_t CountOf(db::Connection& connection, db::Sql sql) {
  const auto rows = connection.Query(sql);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? rows->Int(0, 0) : -1;
}

// Sends one record after the other until it is told to stop; tells the last that was acknowledged.
class SteadySender {
 public:
  explicit SteadySender(const std::string& address)
      : thread_([this, address] {
          const auto stub = v1::IngestService::NewStub(
              grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
          const int64_t begin = NowUs() - 3'600'000'000;
          for (int i = 0; !enough_; ++i) {
            v1::IngestWaveformRequest request;
            const int64_t time_us = begin + i * 1000;
            *request.mutable_waveform() = TestWaveform(TestPoint(0), time_us, 512, i % 97);
            v1::IngestWaveformResponse response;
            grpc::ClientContext context;
            const grpc::Status status = stub->IngestWaveform(&context, request, &response);
            EXPECT_TRUE(status.ok()) << status.error_message();
            last_us_ = time_us;
            ++count_;
          }
        }) {}
  ~SteadySender() { enough_ = true; }
  int64_t last_us() const { return last_us_; }
  int64_t count() const { return count_; }

 private:
  std::atomic<bool> enough_{false};
  std::atomic<int64_t> last_us_{0}, count_{0};
  std::jthread thread_;
};

TEST(Backup, HoldsAllThatWasAcknowledgedBeforeItAndMakesANewServer) {
  const DataFolder original, copies, restored;
  GiveCluster(original);
  Daemon daemon(Daemon::Arguments(original));
  const std::string address = daemon.AwaitAddress();
  ASSERT_NE(address, "") << daemon.Err();
  const auto connection = ConnectTo(original);
  CreateTestPlant(*connection);
  const std::string copy = copies.path() + "/monday";
  int64_t known_us = 0;
  {
    const SteadySender sender(address);
    ASSERT_TRUE(Eventually([&] { return sender.count() > 50; }));
    known_us = sender.last_us();
    const int64_t before = sender.count();
    const absl::Status status = BackUp(OptionsOf(original), copy);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_GT(sender.count(), before) << "nobody had to wait for it";
  }
  const std::string expected = Stored(*connection, known_us);
  EXPECT_FALSE(BackUp(OptionsOf(original), copy).ok()) << "over another backup";
  EXPECT_THAT(MessageOf(Restore(OptionsOf(original), copy)), HasSubstr("holds something"));

  const absl::Status status = Restore(OptionsOf(restored), copy);
  ASSERT_TRUE(status.ok()) << status;
  Daemon second(Daemon::Arguments(restored));
  ASSERT_NE(second.AwaitAddress(), "") << second.Err();
  const auto there = ConnectTo(restored);
  EXPECT_EQ(Stored(*there, known_us), expected);
  // A whole instant: no score without its record, no record that its point does not count.
  const int64_t records = CountOf(*there, "SELECT count(*) FROM trend");
  EXPECT_GE(records, 50);
  EXPECT_EQ(CountOf(*there, "SELECT count(*) FROM score"), records);
  EXPECT_EQ(CountOf(*there, "SELECT sum(record_count) FROM point_state"), records);
}

TEST(Backup, RefusesWithoutAServerOrIntoAFullFolder) {
  const DataFolder stopped, copies;
  EXPECT_THAT(MessageOf(BackUp(OptionsOf(stopped), copies.path())),
              HasSubstr("not the cluster of an auscultd"));
  GiveCluster(stopped);
  EXPECT_THAT(MessageOf(BackUp(OptionsOf(stopped), copies.path())),
              HasSubstr("start auscultd there"));
  EXPECT_FALSE(std::filesystem::exists(copies.path()));
  const auto postgres = EmbeddedPostgres::Start(OptionsOf(stopped));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  std::filesystem::create_directories(copies.path());
  std::ofstream(copies.path() + "/mine") << "text";
  EXPECT_THAT(MessageOf(BackUp(OptionsOf(stopped), copies.path())), HasSubstr("holds something"));
  EXPECT_TRUE(std::filesystem::exists(copies.path() + "/mine"));
}

TEST(Backup, ThatWasDamagedIsNotRestored) {
  const DataFolder original, copies, restored;
  GiveCluster(original);
  const auto postgres = EmbeddedPostgres::Start(OptionsOf(original));
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  const std::string copy = copies.path() + "/monday";
  const absl::Status status = BackUp(OptionsOf(original), copy);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(MessageOf(Restore(OptionsOf(restored), copies.path())), HasSubstr("not a backup"));
  {
    std::fstream file(copy + "/global/pg_filenode.map", std::ios::in | std::ios::out);
    file.seekp(100);
    file << "!";
  }
  EXPECT_THAT(MessageOf(Restore(OptionsOf(restored), copy)), HasSubstr("pg_filenode.map"));
  EXPECT_TRUE(std::filesystem::is_empty(restored.path()));
}

}  // namespace
}  // namespace auscult::server
