#include "server/point_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/fleet_health.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

class Points : public PlantServer {};

TEST_F(Points, AreCreatedReadListedAndUpdated) {
  CreateSite("a");
  const std::string pump = CreateAsset("a", "pump").name();
  const std::string fan = CreateAsset("a", "fan").name();
  CreatePoint(pump, "nde");
  const auto wanted = Parsed<v1::Point>(
      "display_name: 'DE' sample_rate_hz: 25600.5 stale_after_s: 3600 keep_raw_every: -1"
      " channels { id: 'H' quantity: QUANTITY_ACCELERATION unit: 'g' }"
      " channels { id: 'V' quantity: QUANTITY_VELOCITY unit: 'mm/s' }");
  const v1::Point made = CreatePoint(pump, "de", wanted);
  CreatePoint(fan, "x");
  StoreRecord("pump", "de", NowUs(), 2, 70);

  v1::GetPointRequest get;
  get.set_name(pump + "/points/de");
  v1::Point read;
  ASSERT_TRUE(Call(&Stub::GetPoint, get, read).ok());
  EXPECT_EQ(read.channels_size(), 2);
  EXPECT_EQ(read.channels(1).unit(), "mm/s");
  EXPECT_EQ(read.sample_rate_hz(), 25600.5);
  EXPECT_EQ(read.health().condition(), v1::CONDITION_WATCH);
  EXPECT_EQ(read.health().record_count(), 1);

  v1::ListPointsRequest list;
  list.set_parent("sites/a/assets/-");
  list.set_page_size(2);
  v1::ListPointsResponse response;
  std::vector<std::string> names;
  do {
    ASSERT_TRUE(Call(&Stub::ListPoints, list, response).ok());
    for (const v1::Point& point : response.points()) names.push_back(point.name());
    list.set_page_token(response.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(names, ElementsAre(fan + "/points/x", pump + "/points/de", pump + "/points/nde"));
  list.set_parent(pump + "x");
  ExpectRefused(Call(&Stub::ListPoints, list, response), StatusCode::NOT_FOUND, "UNKNOWN_ASSET",
                "parent");

  v1::UpdatePointRequest update;
  update.mutable_point()->set_name(made.name());
  update.mutable_point()->set_etag(made.etag());
  update.mutable_point()->set_stale_after_s(60);
  ASSERT_TRUE(Call(&Stub::UpdatePoint, update, read).ok());
  EXPECT_EQ(read.stale_after_s(), 60);
  EXPECT_EQ(read.keep_raw_every(), -1);
}

TEST_F(Points, KeepTheirChannelsOnceTheyHaveRecords) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  const std::string name = CreatePoint(asset, "de").name();
  auto update = Parsed<v1::UpdatePointRequest>(
      "point { channels { quantity: QUANTITY_VELOCITY unit: 'mm/s' } }"
      " update_mask { paths: 'channels' }");
  update.mutable_point()->set_name(name);
  v1::Point point;
  ASSERT_TRUE(Call(&Stub::UpdatePoint, update, point).ok());
  StoreRecord("pump", "de", NowUs(), 0, 0);
  update.mutable_point()->mutable_channels(0)->set_unit("in/s");
  ExpectRefused(Call(&Stub::UpdatePoint, update, point), StatusCode::FAILED_PRECONDITION,
                "CHANNELS_FIXED", "point.channels");

  v1::DeletePointRequest remove;
  remove.set_name(name);
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Stub::DeletePoint, remove, empty), StatusCode::FAILED_PRECONDITION,
                "POINT_IN_USE");
  remove.set_force(true);
  EXPECT_TRUE(Call(&Stub::DeletePoint, remove, empty).ok());
  ExpectRefused(Call(&Stub::DeletePoint, remove, empty), StatusCode::NOT_FOUND, "UNKNOWN_POINT",
                "name");
}

TEST_F(Points, AreRefusedWithTheFieldToBlame) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  const std::string acceleration = "channels { quantity: QUANTITY_ACCELERATION unit: 'g' } ";
  std::string seventeen;
  for (int i = 0; i < 17; ++i) {
    seventeen += "channels { id: '" + std::to_string(i) + "' quantity: QUANTITY_CURRENT } ";
  }
  struct Case {
    std::string point, reason, field;
  };
  const Case cases[] = {
      {"", "CHANNEL_COUNT", "point.channels"},
      {seventeen, "CHANNEL_COUNT", "point.channels"},
      {"channels { unit: 'g' }", "UNKNOWN_QUANTITY", "point.channels[0].quantity"},
      {"channels { quantity: QUANTITY_ACCELERATION unit: 'furlong' }", "UNKNOWN_UNIT",
       "point.channels[0].unit"},
      {"channels { quantity: QUANTITY_ACCELERATION unit: 'mm/s' }", "UNIT_MISMATCH",
       "point.channels[0].unit"},
      {acceleration + acceleration, "NO_CHANNEL_ID", "point.channels[0].id"},
      {"channels { id: 'H' quantity: QUANTITY_VELOCITY } channels { id: 'H' quantity:"
       " QUANTITY_VELOCITY }",
       "DUPLICATE_CHANNEL", "point.channels[1].id"},
      {"channels { id: 'H/V' quantity: QUANTITY_VELOCITY }", "BAD_CHANNEL_ID",
       "point.channels[0].id"},
      {"channels { id: 'H' quantity: QUANTITY_VELOCITY } channels { id: 'I' quantity:"
       " QUANTITY_CURRENT }",
       "MIXED_CHANNELS", "point.channels[1].quantity"},
      {"channels { id: 'T' quantity: QUANTITY_TACHOMETER } channels { id: 'H' quantity:"
       " QUANTITY_VELOCITY }",
       "TACHOMETER_FIRST", "point.channels[0].quantity"},
      {"channels { id: 'H' quantity: QUANTITY_VELOCITY } channels { id: 'T' quantity:"
       " QUANTITY_TACHOMETER unit: 'V' }",
       "UNIT_MISMATCH", "point.channels[1].unit"},
      {acceleration + "sample_rate_hz: -1", "OUT_OF_RANGE", "point.sample_rate_hz"},
      {acceleration + "sample_rate_hz: nan", "NOT_FINITE", "point.sample_rate_hz"},
      {acceleration + "stale_after_s: -1", "OUT_OF_RANGE", "point.stale_after_s"}};
  for (const Case& test : cases) {
    SCOPED_TRACE(test.point);
    v1::CreatePointRequest request;
    request.set_parent(asset);
    request.set_point_id("p");
    *request.mutable_point() = Parsed<v1::Point>(test.point);
    v1::Point point;
    ExpectRefused(Call(&Stub::CreatePoint, request, point), StatusCode::INVALID_ARGUMENT,
                  test.reason, test.field);
  }
  v1::CreatePointRequest orphan;
  orphan.set_parent("sites/a/assets/none");
  orphan.set_point_id("p");
  *orphan.mutable_point() = AccelerationPoint();
  v1::Point point;
  ExpectRefused(Call(&Stub::CreatePoint, orphan, point), StatusCode::NOT_FOUND, "UNKNOWN_ASSET",
                "parent");
}

}  // namespace
}  // namespace auscult::server
