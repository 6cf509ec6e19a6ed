#include "server/trend_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kStartUs = 1'790'000'000'000'000;

// A caller of WatchTrend for the first feature of every set.
class Watcher {
 public:
  Watcher(v1::TrendService::Stub& stub, const std::string& text) {
    auto request = Parsed<v1::WatchTrendRequest>(text);
    if (request.series().empty()) {
      request.add_series(std::string(features::FindFeatureSet(1)->features[0].name));
    }
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    reader_ = stub.WatchTrend(&context_, request);
  }
  ~Watcher() { context_.TryCancel(); }

  // The next message that is no heartbeat; empty where the stream ends.
  v1::WatchTrendResponse Next() {
    v1::WatchTrendResponse response;
    while (reader_->Read(&response)) {
      if (!response.series().empty()) return response;
    }
    return {};
  }
  bool ReadHeartbeat() {
    v1::WatchTrendResponse response;
    return reader_->Read(&response) && response.series().empty();
  }
  grpc::Status Finish() {
    Next();
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchTrendResponse>> reader_;
};

class WatchTrend : public PlantServer {
 protected:
  void SetUp() override {
    CreateSite("a");
    CreateAsset("a", "pump");
    CreatePoint("sites/a/assets/pump", "de");
    CreatePoint("sites/a/assets/pump", "nde");
  }
  void Store(const std::string& point, int n) {
    StoreRecord("pump", point, kStartUs + n * kHourUs, 1, 90);
  }
  const std::string point_ = "name: 'sites/a/assets/pump/points/de'";
};

TEST_F(WatchTrend, TellsWhatIsStoredFromNowOn) {
  Store("de", 0);
  Watcher watcher(*trends_, point_);
  EXPECT_TRUE(watcher.ReadHeartbeat());
  Store("nde", 1);
  Store("de", 1);
  const v1::WatchTrendResponse news = watcher.Next();
  ASSERT_EQ(news.series_size(), 1);
  EXPECT_EQ(news.series(0).source(), "sites/a/assets/pump/points/de");
  EXPECT_EQ(news.series(0).name(), features::FindFeatureSet(1)->features[0].name);
  EXPECT_THAT(news.series(0).value(), ElementsAre(1));
  EXPECT_THAT(news.series(0).time_us(), ElementsAre(kStartUs + kHourUs));
}

TEST_F(WatchTrend, TellsOfEveryPointOfAnAsset) {
  Watcher watcher(*trends_, "name: 'sites/a/assets/pump/points/-'");
  EXPECT_TRUE(watcher.ReadHeartbeat());
  Store("nde", 1);
  EXPECT_EQ(watcher.Next().series(0).source(), "sites/a/assets/pump/points/nde");
  Store("de", 1);
  EXPECT_EQ(watcher.Next().series(0).source(), "sites/a/assets/pump/points/de");
}

TEST_F(WatchTrend, GoesOnFromATimeThatWasSeen) {
  for (int n = 0; n < 5; ++n) Store("de", n);
  Watcher watcher(*trends_, point_ + " after_time { seconds: " +
                                std::to_string((kStartUs + 2 * kHourUs) / 1'000'000) + " }");
  EXPECT_THAT(watcher.Next().series(0).time_us(),
              ElementsAre(kStartUs + 3 * kHourUs, kStartUs + 4 * kHourUs));
}

// They share what is asked of the database.
TEST_F(WatchTrend, TellsEachOfManyWhatItWants) {
  for (int n = 0; n < 3; ++n) Store("de", n);
  const std::string since = " after_time { seconds: " + std::to_string(kStartUs / 1'000'000) + " }";
  std::vector<std::unique_ptr<Watcher>> like;
  for (int i = 0; i < 20; ++i) like.push_back(std::make_unique<Watcher>(*trends_, point_));
  Watcher earlier(*trends_, point_ + since);
  Watcher all(*trends_, "name: 'sites/a/assets/pump/points/-'" + since);
  for (const auto& watcher : like) EXPECT_TRUE(watcher->ReadHeartbeat());
  for (Watcher* const late : {&earlier, &all}) {
    EXPECT_THAT(late->Next().series(0).time_us(),
                ElementsAre(kStartUs + kHourUs, kStartUs + 2 * kHourUs));
  }
  Store("de", 3);
  for (const auto& watcher : like) {
    EXPECT_THAT(watcher->Next().series(0).time_us(), ElementsAre(kStartUs + 3 * kHourUs));
  }
  for (Watcher* const late : {&earlier, &all}) {
    EXPECT_THAT(late->Next().series(0).time_us(), ElementsAre(kStartUs + 3 * kHourUs));
  }
}

TEST_F(WatchTrend, MissesNothingAndTellsNothingTwiceWhileManyWrite) {
  constexpr int kRecords = 300;
  Watcher watcher(*trends_, "name: 'sites/a/assets/pump/points/-'");
  EXPECT_TRUE(watcher.ReadHeartbeat());
  std::vector<std::jthread> writers;
  writers.emplace_back([this] {
    for (int n = 0; n < kRecords; ++n) Store("de", n);
  });
  std::map<int64_t, int> told;
  int count = 0;
  while (count < kRecords) {
    const v1::WatchTrendResponse news = watcher.Next();
    ASSERT_FALSE(news.series().empty());
    for (const int64_t time_us : news.series(0).time_us()) {
      EXPECT_EQ(++told[time_us], 1);
      ++count;
    }
  }
  EXPECT_EQ(std::ssize(told), kRecords);
}

// Years at once would not fit into a message.
TEST_F(WatchTrend, SendsALongPastInPortions) {
  for (int n = 0; n < 2; ++n) Store("de", n);
  const db::Param values[] = {db::TimeUs(kStartUs)};
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO trend (asset_id, point_id, measured_at, site_id,"
                            " feature_set, source, quality, content_hash, features)"
                            " SELECT asset_id, point_id, $1::timestamptz + n * interval '1 second',"
                            " site_id, 1, 1, 0, '\\x00', '{1,2,3}' FROM point,"
                            " generate_series(1, 1200) n WHERE slug = 'de'",
                            values)
                  .ok());
  Watcher watcher(*trends_, point_ + " after_time { seconds: 5 }");
  int count = 0;
  int64_t last_us = 0;
  while (count < 1202) {
    const v1::WatchTrendResponse news = watcher.Next();
    ASSERT_FALSE(news.series().empty());
    EXPECT_LE(news.series(0).value_size(), 500);
    for (const int64_t time_us : news.series(0).time_us()) {
      EXPECT_GT(time_us, last_us);
      last_us = time_us;
      ++count;
    }
  }
  EXPECT_EQ(count, 1202);
}

TEST_F(WatchTrend, RefusesWithTheFieldToBlame) {
  ExpectRefused(Watcher(*trends_, "name: 'sites/a/assets/pump'").Finish(),
                grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
  ExpectRefused(Watcher(*trends_, "name: 'sites/a/assets/pump/points/x'").Finish(),
                grpc::StatusCode::NOT_FOUND, "UNKNOWN_POINT", "name");
  ExpectRefused(Watcher(*trends_, point_ + " after_time { nanos: -1 }").Finish(),
                grpc::StatusCode::INVALID_ARGUMENT, "BAD_TIME", "after_time");
  Store("de", 0);
  ExpectRefused(Watcher(*trends_, point_ + " series: 'nothing' after_time { seconds: 5 }").Finish(),
                grpc::StatusCode::INVALID_ARGUMENT, "UNKNOWN_SERIES", "series[0]");
}

TEST_F(WatchTrend, EndsWhenTheServerStops) {
  Watcher watcher(*trends_, point_);
  EXPECT_TRUE(watcher.ReadHeartbeat());
  trends_service_.StopStreams();
  EXPECT_EQ(watcher.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace auscult::server
