#include "server/health_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/health_plant.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

class HealthCalls : public HealthPlant {
 protected:
  grpc::Status List(const std::string& text) {
    return Call(&HealthStub::ListAssetHealth, Parsed<v1::ListAssetHealthRequest>(text), list_);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const v1::AssetHealthReport& asset : list_.assets()) names.push_back(asset.name());
    return names;
  }

  v1::ListAssetHealthResponse list_;
};

TEST_F(HealthCalls, RefuseWhatDoesNotExist) {
  v1::AssetHealthReport report;
  v1::GetAssetHealthRequest request;
  request.set_name("sites/a");
  ExpectRefused(Call(&HealthStub::GetAssetHealth, request, report), StatusCode::INVALID_ARGUMENT,
                "MALFORMED_NAME", "name");
  request.set_name("sites/a/assets/fan");
  ExpectRefused(Call(&HealthStub::GetAssetHealth, request, report), StatusCode::NOT_FOUND,
                "UNKNOWN_ASSET", "name");
  ExpectRefused(List("parent: 'sites/b'"), StatusCode::NOT_FOUND, "UNKNOWN_SITE", "parent");
  ExpectRefused(List("parent: 'sites/-' page_size: -1"), StatusCode::INVALID_ARGUMENT,
                "BAD_PAGE_SIZE", "page_size");
  for (const char* condition : {"0", "99"}) {
    v1::ListAssetHealthRequest odd;
    odd.set_parent("sites/-");
    odd.add_conditions(v1::CONDITION_ALARM);
    odd.add_conditions(static_cast<v1::Condition>(std::stoi(condition)));
    ExpectRefused(Call(&HealthStub::ListAssetHealth, odd, list_), StatusCode::INVALID_ARGUMENT,
                  "UNKNOWN_CONDITION", "conditions[1]");
  }
}

TEST_F(HealthCalls, OfAnAssetWithoutRecordsSayThatThereAreNone) {
  const v1::AssetHealthReport report = Report();
  EXPECT_EQ(report.name(), kAsset);
  EXPECT_EQ(report.health().condition(), v1::CONDITION_NO_DATA);
  ASSERT_EQ(report.points_size(), 2);
  EXPECT_EQ(report.points(0).name(), kPoint);
  EXPECT_EQ(report.points(0).health().condition(), v1::CONDITION_NO_DATA);
  EXPECT_FALSE(report.has_advice());
}

TEST_F(HealthCalls, OfAnAssetShowItsPointsAndWhatTheySay) {
  v1::UpdatePointRequest update;
  update.mutable_point()->set_name(kPoint);
  update.mutable_point()->set_display_name("drive end");
  v1::Point point;
  ASSERT_TRUE(Call(&Stub::UpdatePoint, update, point).ok());
  WriteSeries(kPoint, 0, 80);
  WriteSeries(kPoint, 80, 30, 25);
  WriteSeries(kOther, 0, 20);
  const v1::AssetHealthReport report = Report();
  EXPECT_EQ(report.health().condition(), v1::CONDITION_ALARM);
  EXPECT_EQ(report.health().worst_point(), kPoint);
  EXPECT_EQ(report.health().learning_point_count(), 1);
  EXPECT_EQ(report.health().open_alarm_count(), 1);
  const v1::NamedPointHealth& worst = report.points(0);
  EXPECT_EQ(worst.display_name(), "drive end");
  EXPECT_GT(worst.health().severity(), 6);
  EXPECT_GT(worst.health().contributions_size(), 0);
  EXPECT_NE(worst.health().summary(), "");
  EXPECT_EQ(report.points(1).health().condition(), v1::CONDITION_LEARNING);
  EXPECT_EQ(report.advice().language_code(), "en");
  EXPECT_EQ(report.advice().action(), report.health().recommended_action());
  EXPECT_NE(report.advice().action(), "");
  v1::GetAssetHealthRequest request;
  request.set_name(kAsset);
  request.set_language_code("zh");
  v1::AssetHealthReport chinese;
  ASSERT_TRUE(Call(&HealthStub::GetAssetHealth, request, chinese).ok());
  EXPECT_EQ(chinese.advice().language_code(), "zh");
  EXPECT_NE(chinese.advice().action(), report.advice().action());
  request.set_language_code("tlh");
  ExpectRefused(Call(&HealthStub::GetAssetHealth, request, chinese), StatusCode::INVALID_ARGUMENT,
                "UNKNOWN_LANGUAGE", "language_code");
}

TEST_F(HealthCalls, ListTheWorstFirstInPagesOfTheConditionsAskedFor) {
  for (const char* id : {"fan", "mill", "saw"}) {
    const v1::Asset asset = CreateAsset("a", id);
    CreatePoint(asset.name(), std::string(id) + "-p");
  }
  CreateSite("b");
  CreateAsset("b", "other");
  const int64_t now_us = NowUs();
  StoreRecord("fan", "fan-p", now_us, 4, 20);
  StoreRecord("mill", "mill-p", now_us, 1, 97);
  StoreRecord("saw", "saw-p", now_us, 8, 90);  // starting
  StoreRecord("pump", "de", now_us, 3, 50);

  ASSERT_TRUE(List("parent: 'sites/a'").ok());
  EXPECT_THAT(Names(), ElementsAre("sites/a/assets/fan", "sites/a/assets/pump",
                                   "sites/a/assets/saw", "sites/a/assets/mill"));
  EXPECT_EQ(list_.assets(2).health().condition(), v1::CONDITION_STARTING);
  EXPECT_EQ(list_.assets(0).points_size(), 0);
  ASSERT_TRUE(
      List("parent: 'sites/-' conditions: [CONDITION_ALERT, CONDITION_ALARM] page_size: 1").ok());
  EXPECT_THAT(Names(), ElementsAre("sites/a/assets/fan"));
  const std::string token = list_.next_page_token();
  ASSERT_TRUE(List("parent: 'sites/-' conditions: [CONDITION_ALARM, CONDITION_ALERT] page_size: 1"
                   " page_token: '" +
                   token + "'")
                  .ok());
  EXPECT_THAT(Names(), ElementsAre("sites/a/assets/pump"));
  EXPECT_EQ(list_.next_page_token(), "");
  ExpectRefused(List("parent: 'sites/-' page_token: '" + token + "'"), StatusCode::INVALID_ARGUMENT,
                "BAD_PAGE_TOKEN", "page_token");
}

}  // namespace
}  // namespace auscult::server
