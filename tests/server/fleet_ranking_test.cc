#include "server/fleet_ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using ::testing::ElementsAreArray;

// Forty machines of up to three points in every condition, some silent for long, some with process
// readings, some with nothing at all.
class FleetRanking : public PlantServer {
 protected:
  void SetUp() override {
    CreateSite("a");
    const absl::Status made = connection_->ExecuteScript(
        "SELECT setseed(0.25);"
        "INSERT INTO asset (site_id, slug) SELECT site_id, 'm' || n FROM site,"
        " generate_series(1, 40) n;"
        "INSERT INTO point (asset_id, site_id, slug, definition) SELECT asset_id, site_id,"
        " 'p' || n, CASE WHEN random() < 0.3 THEN '{\"stale_after_s\": 900000}' ELSE '{}' "
        "END::jsonb"
        " FROM asset, generate_series(1, 3) n WHERE random() < 0.6;"
        "INSERT INTO point_state (asset_id, point_id, site_id, condition, health,"
        " last_measured_at, zone, verdict, confidence, since)"
        " SELECT asset_id, point_id, site_id, (random() * 6)::int,"
        " CASE WHEN random() < 0.8 THEN (random() * 5)::int * 10 END,"
        " now() - CASE WHEN random() < 0.25 THEN interval '7 days' ELSE interval '1 hour' END,"
        " 1, 1, 0.5, now() FROM point;"
        "INSERT INTO process_state (asset_id, site_id, condition, health, last_measured_at)"
        " SELECT asset_id, site_id, 1 + (random() * 3)::int,"
        " CASE WHEN random() < 0.8 THEN (random() * 5)::int * 10 END,"
        " now() - CASE WHEN random() < 0.3 THEN interval '9 days' ELSE interval '1 hour' END"
        " FROM asset WHERE random() < 0.4");
    ASSERT_TRUE(made.ok()) << made;
  }

  std::vector<std::string> List(int page_size, const std::string& conditions = "") {
    auto request = Parsed<v1::ListAssetHealthRequest>("parent: 'sites/a' " + conditions);
    request.set_page_size(page_size);
    std::vector<std::string> names;
    do {
      v1::ListAssetHealthResponse response;
      const grpc::Status status =
          Call(&v1::HealthService::Stub::ListAssetHealth, request, response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const v1::AssetHealthReport& report : response.assets()) {
        names.push_back(report.name());
        conditions_.push_back(report.health().condition());
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty() && names.size() < 100);
    return names;
  }
  std::vector<v1::Condition> conditions_;
};

// A page as large as the fleet ranks all of it, a small one only what is urgent.
TEST_F(FleetRanking, OfAPageIsThatOfTheWholeFleet) {
  const std::vector<std::string> all = List(1000);
  ASSERT_EQ(all.size(), 40u);
  const auto urgent = std::count_if(conditions_.begin(), conditions_.end(), [](v1::Condition c) {
    return c == v1::CONDITION_ALARM || c == v1::CONDITION_ALERT || c == v1::CONDITION_WATCH;
  });
  EXPECT_GT(urgent, 10);
  EXPECT_LT(urgent, 36);
  for (const int page_size : {1, 3, 7}) EXPECT_THAT(List(page_size), ElementsAreArray(all));
}

TEST_F(FleetRanking, OfConditionsIsThatOfTheWholeFleet) {
  const std::vector<std::string> all = List(1000);
  const std::vector<v1::Condition> conditions = conditions_;
  for (const v1::Condition wanted : {v1::CONDITION_ALARM, v1::CONDITION_WATCH}) {
    std::vector<std::string> expected;
    for (size_t i = 0; i < all.size(); ++i) {
      if (conditions[i] == wanted) expected.push_back(all[i]);
    }
    EXPECT_FALSE(expected.empty());
    EXPECT_THAT(List(2, "conditions: " + v1::Condition_Name(wanted)), ElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace auscult::server
