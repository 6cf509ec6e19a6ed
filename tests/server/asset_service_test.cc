#include "server/asset_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "server/fleet_health.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sites : public PlantServer {};
class Assets : public PlantServer {};

TEST_F(Sites, AreCreatedReadListedUpdatedAndDeleted) {
  v1::CreateSiteRequest create;
  create.set_site_id("hamburg");
  create.mutable_site()->set_display_name("Werk Hamburg – Süd 🏭");
  create.mutable_site()->set_time_zone("Europe/Berlin");
  v1::Site made, read;
  ASSERT_TRUE(Call(&Stub::CreateSite, create, made).ok());
  EXPECT_EQ(made.name(), "sites/hamburg");
  EXPECT_GT(made.create_time().seconds(), 1'500'000'000);
  EXPECT_TRUE(made.etag().starts_with('"'));

  v1::GetSiteRequest get;
  get.set_name("sites/hamburg");
  ASSERT_TRUE(Call(&Stub::GetSite, get, read).ok());
  EXPECT_EQ(read.SerializeAsString(), made.SerializeAsString());

  v1::UpdateSiteRequest update;
  *update.mutable_site() = made;
  update.mutable_site()->set_display_name("'; DROP TABLE site; --");
  v1::Site updated;
  ASSERT_TRUE(Call(&Stub::UpdateSite, update, updated).ok());
  EXPECT_EQ(updated.display_name(), "'; DROP TABLE site; --");
  EXPECT_EQ(updated.time_zone(), "Europe/Berlin");
  EXPECT_NE(updated.etag(), made.etag());
  // The etag sent is of the version before.
  ExpectRefused(Call(&Stub::UpdateSite, update, updated), StatusCode::ABORTED, "ETAG_MISMATCH",
                "site.etag");

  v1::DeleteSiteRequest remove;
  remove.set_name("sites/hamburg");
  remove.set_etag(made.etag());
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Stub::DeleteSite, remove, empty), StatusCode::ABORTED, "ETAG_MISMATCH",
                "etag");
  remove.clear_etag();
  ASSERT_TRUE(Call(&Stub::DeleteSite, remove, empty).ok());
  ExpectRefused(Call(&Stub::GetSite, get, read), StatusCode::NOT_FOUND, "UNKNOWN_SITE", "name");
  CreateSite("hamburg");
  ASSERT_TRUE(Call(&Stub::GetSite, get, read).ok());
  EXPECT_NE(read.etag(), made.etag()) << "a new site under an old name is another one";
}

TEST_F(Sites, AreRefusedWithTheFieldToBlame) {
  struct Case {
    const char* request;
    const char* reason;
    const char* field;
  };
  for (const auto& [text, reason, field] :
       {Case{"site_id: 'Hamburg'", "BAD_ID", "site_id"}, Case{"", "BAD_ID", "site_id"},
        Case{"site_id: 'a' site { time_zone: 'Hamburg' }", "UNKNOWN_TIME_ZONE", "site.time_zone"},
        Case{"site_id: 'a' site { time_zone: '../../etc/passwd' }", "UNKNOWN_TIME_ZONE",
             "site.time_zone"},
        Case{"site_id: 'a' site { time_zone: 'zone.tab' }", "UNKNOWN_TIME_ZONE", "site.time_zone"},
        Case{"site_id: 'a' site { display_name: 'a\\0b' }", "CONTROL_CHARACTER",
             "site.display_name"}}) {
    SCOPED_TRACE(text);
    v1::Site site;
    ExpectRefused(Call(&Stub::CreateSite, Parsed<v1::CreateSiteRequest>(text), site),
                  StatusCode::INVALID_ARGUMENT, reason, field);
  }
  CreateSite("a");
  v1::CreateSiteRequest again;
  again.set_site_id("a");
  v1::Site site;
  ExpectRefused(Call(&Stub::CreateSite, again, site), StatusCode::ALREADY_EXISTS, "SITE_EXISTS",
                "site_id");
}

TEST_F(Sites, AreNotChangedByValidateOnly) {
  v1::CreateSiteRequest create;
  create.set_site_id("a");
  create.set_validate_only(true);
  v1::Site site;
  ASSERT_TRUE(Call(&Stub::CreateSite, create, site).ok());
  EXPECT_EQ(site.name(), "sites/a");
  v1::GetSiteRequest get;
  get.set_name("sites/a");
  EXPECT_EQ(Call(&Stub::GetSite, get, site).error_code(), StatusCode::NOT_FOUND);
  CreateSite("a");
  ExpectRefused(Call(&Stub::CreateSite, create, site), StatusCode::ALREADY_EXISTS, "SITE_EXISTS",
                "site_id");
}

TEST_F(Sites, ComeInPagesThatEnd) {
  for (int i = 0; i < 5; ++i) CreateSite("s" + std::to_string(i));
  v1::ListSitesRequest request;
  request.set_page_size(2);
  v1::ListSitesResponse response;
  std::vector<std::string> names, sizes;
  do {
    ASSERT_TRUE(Call(&Stub::ListSites, request, response).ok());
    sizes.push_back(std::to_string(response.sites_size()));
    for (const v1::Site& site : response.sites()) names.push_back(site.name());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("sites/s0", "sites/s1", "sites/s2", "sites/s3", "sites/s4"));
  EXPECT_THAT(sizes, ElementsAre("2", "2", "1"));
  request.set_page_token("mine");
  ExpectRefused(Call(&Stub::ListSites, request, response), StatusCode::INVALID_ARGUMENT,
                "BAD_PAGE_TOKEN", "page_token");
  request.set_page_size(-1);
  ExpectRefused(Call(&Stub::ListSites, request, response), StatusCode::INVALID_ARGUMENT,
                "BAD_PAGE_SIZE", "page_size");
}

TEST_F(Sites, WithAssetsAreDeletedOnlyByForce) {
  CreateSite("a");
  CreatePoint(CreateAsset("a", "pump").name(), "de");
  v1::DeleteSiteRequest request;
  request.set_name("sites/a");
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Stub::DeleteSite, request, empty), StatusCode::FAILED_PRECONDITION,
                "SITE_IN_USE");
  request.set_force(true);
  EXPECT_TRUE(Call(&Stub::DeleteSite, request, empty).ok());
}

TEST_F(Assets, KeepTheirMachine) {
  CreateSite("a");
  auto create = Parsed<v1::CreateAssetRequest>(
      "parent: 'sites/a' asset_id: 'pump-1' asset { display_name: 'Kühlwasserpumpe' kind: 'pump'"
      " machine { rated_power_kw: 37.5 foundation: FOUNDATION_RIGID rated_speed_rpm: 1485"
      "  line_frequency_hz: 50 pole_pairs: 2 rotor_bars: 28 blades: 7"
      "  bearings { position: 'DE' bearing: 'bearings/skf-6205-2rs-jem' }"
      "  bearings { orders { bpfo: 3.1 bpfi: 4.9 bsf: 2.3 ftf: 0.38 } shaft_ratio: 0.3 }"
      "  gears { position: 'high speed' teeth: 21 } } }");
  v1::Asset made, read;
  ASSERT_TRUE(Call(&Stub::CreateAsset, create, made).ok());
  EXPECT_EQ(made.machine().SerializeAsString(), create.asset().machine().SerializeAsString());
  v1::GetAssetRequest get;
  get.set_name("sites/a/assets/pump-1");
  ASSERT_TRUE(Call(&Stub::GetAsset, get, read).ok());
  EXPECT_EQ(read.machine().SerializeAsString(), create.asset().machine().SerializeAsString());
  EXPECT_EQ(read.health().condition(), v1::CONDITION_NO_DATA);

  auto update = Parsed<v1::UpdateAssetRequest>(
      "asset { name: 'sites/a/assets/pump-1' machine { rated_power_kw: 45 } }"
      " update_mask { paths: 'machine.rated_power_kw' }");
  ASSERT_TRUE(Call(&Stub::UpdateAsset, update, read).ok());
  EXPECT_EQ(read.machine().rated_power_kw(), 45);
  EXPECT_EQ(read.machine().bearings_size(), 2);
  update.mutable_update_mask()->set_paths(0, "machine.colour");
  ExpectRefused(Call(&Stub::UpdateAsset, update, read), StatusCode::INVALID_ARGUMENT,
                "UNKNOWN_PATH", "update_mask");
  update.mutable_update_mask()->set_paths(0, "machine.rated_power_kw");
  update.mutable_asset()->mutable_machine()->set_rated_power_kw(-1);
  ExpectRefused(Call(&Stub::UpdateAsset, update, read), StatusCode::INVALID_ARGUMENT,
                "OUT_OF_RANGE", "asset.machine.rated_power_kw");
}

TEST_F(Assets, FormATreeWithoutLoops) {
  CreateSite("a");
  CreateSite("b");
  const std::string line = CreateAsset("a", "line").name();
  const std::string pump = CreateAsset("a", "pump", line).name();
  const std::string motor = CreateAsset("a", "motor", pump).name();
  const std::string other = CreateAsset("b", "other").name();
  v1::UpdateAssetRequest update;
  update.mutable_asset()->set_name(line);
  v1::Asset asset;
  for (const std::string& below : {line, pump, motor}) {
    update.mutable_asset()->set_parent_asset(below);
    ExpectRefused(Call(&Stub::UpdateAsset, update, asset), StatusCode::INVALID_ARGUMENT,
                  "PARENT_LOOP", "asset.parent_asset");
  }
  update.mutable_asset()->set_parent_asset(other);
  ExpectRefused(Call(&Stub::UpdateAsset, update, asset), StatusCode::INVALID_ARGUMENT, "OTHER_SITE",
                "asset.parent_asset");
  update.mutable_asset()->set_parent_asset("sites/a/assets/none");
  ExpectRefused(Call(&Stub::UpdateAsset, update, asset), StatusCode::NOT_FOUND, "UNKNOWN_ASSET",
                "asset.parent_asset");
  v1::DeleteAssetRequest remove;
  remove.set_name(line);
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Stub::DeleteAsset, remove, empty), StatusCode::FAILED_PRECONDITION,
                "ASSET_IN_USE");
  remove.set_force(true);
  ASSERT_TRUE(Call(&Stub::DeleteAsset, remove, empty).ok());
  v1::GetAssetRequest get;
  get.set_name(motor);
  EXPECT_EQ(Call(&Stub::GetAsset, get, asset).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(Assets, NeedASiteThatExists) {
  v1::Asset asset;
  v1::ListAssetsResponse list;
  ExpectRefused(Call(&Stub::CreateAsset,
                     Parsed<v1::CreateAssetRequest>("parent: 'sites/x' asset_id: 'a'"), asset),
                StatusCode::NOT_FOUND, "UNKNOWN_SITE", "parent");
  ExpectRefused(Call(&Stub::ListAssets, Parsed<v1::ListAssetsRequest>("parent: 'sites/x'"), list),
                StatusCode::NOT_FOUND, "UNKNOWN_SITE", "parent");
  ExpectRefused(Call(&Stub::ListAssets, Parsed<v1::ListAssetsRequest>("parent: 'x'"), list),
                StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "parent");
  CreateSite("x");
  ExpectRefused(Call(&Stub::ListAssets,
                     Parsed<v1::ListAssetsRequest>("parent: 'sites/x' order_by: 'age'"), list),
                StatusCode::INVALID_ARGUMENT, "UNKNOWN_ORDER", "order_by");
}

std::vector<std::string> ListedBy(v1::AssetService::Stub& stub, const std::string& order,
                                  int page_size) {
  v1::ListAssetsRequest request;
  request.set_parent("sites/-");
  request.set_order_by(order);
  request.set_page_size(page_size);
  std::vector<std::string> ids;
  do {
    grpc::ClientContext context;
    v1::ListAssetsResponse response;
    const grpc::Status status = stub.ListAssets(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_LE(response.assets_size(), page_size);
    for (const v1::Asset& asset : response.assets()) {
      ids.push_back(asset.name().substr(asset.name().rfind('/') + 1));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && ids.size() < 100);
  return ids;
}

TEST_F(Assets, AreListedByNameOrWorstFirst) {
  CreateSite("a");
  CreateSite("b");
  const int64_t now_us = NowUs();
  const int64_t old_us = now_us - 20ll * 86400 * 1'000'000;
  struct Case {
    const char *site, *id;
    int condition;  // as models::Condition; -1: no record
    double health;
    int64_t at_us;
  };
  for (const auto& [site, id, condition, health, at_us] :
       {Case{"a", "normal", 1, 97, now_us}, Case{"b", "alarm-20", 4, 20, now_us},
        Case{"a", "alarm-35", 4, 35, now_us}, Case{"a", "watch", 2, 60, now_us},
        Case{"a", "alert", 3, 40, now_us}, Case{"b", "stale", 1, 99, old_us},
        Case{"b", "fresh", -1, 0, 0}, Case{"b", "normal-2", 1, 90, now_us}}) {
    const std::string asset = CreateAsset(site, id).name();
    CreatePoint(asset, "p");
    if (condition >= 0) StoreRecord(id, "p", at_us, condition, health);
  }
  CreateAsset("a", "empty");
  const auto worst_first = ElementsAre("alarm-20", "alarm-35", "alert", "watch", "stale", "fresh",
                                       "normal-2", "normal", "empty");
  EXPECT_THAT(ListedBy(*assets_, "health", 100), worst_first);
  EXPECT_THAT(ListedBy(*assets_, "health", 2), worst_first);
  EXPECT_THAT(ListedBy(*assets_, "name", 4),
              ElementsAre("alarm-35", "alert", "empty", "normal", "watch", "alarm-20", "fresh",
                          "normal-2", "stale"));
}

TEST_F(Assets, ShowTheHealthOfTheirWorstPoint) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  for (const char* point : {"de", "nde", "new"}) CreatePoint(asset, point);
  StoreRecord("pump", "nde", NowUs(), 1, 97);
  StoreRecord("pump", "de", NowUs(), 4, 23,
              R"({"evidence":[{"text":"1x line at 24.8 Hz","supports":true}]})");
  v1::GetAssetRequest get;
  get.set_name(asset);
  v1::Asset read;
  ASSERT_TRUE(Call(&Stub::GetAsset, get, read).ok());
  EXPECT_EQ(read.health().condition(), v1::CONDITION_ALARM);
  EXPECT_EQ(read.health().worst_point(), asset + "/points/de");
  EXPECT_EQ(read.health().point_count(), 3);
  EXPECT_EQ(read.health().stale_point_count(), 1);
  EXPECT_THAT(read.health().summary(), HasSubstr("1x line at 24.8 Hz; health 23, alarm since 20"));
}

TEST_F(Assets, AreUpdatedByManyAtOnceWithoutLosingAny) {
  CreateSite("a");
  const std::string name = CreateAsset("a", "pump").name();
  const char* const texts[] = {"display_name: 'x'", "kind: 'y'", "machine { blades: 7 }",
                               "machine { pole_pairs: 3 }"};
  std::vector<std::thread> threads;
  for (const char* text : texts) {
    threads.emplace_back([&, text] {
      v1::UpdateAssetRequest update;
      *update.mutable_asset() = Parsed<v1::Asset>(text);
      update.mutable_asset()->set_name(name);
      grpc::ClientContext context;
      v1::Asset asset;
      const grpc::Status status = assets_->UpdateAsset(&context, update, &asset);
      EXPECT_TRUE(status.ok()) << status.error_message();
    });
  }
  for (std::thread& thread : threads) thread.join();
  v1::GetAssetRequest get;
  get.set_name(name);
  v1::Asset asset;
  ASSERT_TRUE(Call(&Stub::GetAsset, get, asset).ok());
  EXPECT_EQ(asset.display_name() + asset.kind(), "xy");
  EXPECT_EQ(asset.machine().blades(), 7);
  EXPECT_EQ(asset.machine().pole_pairs(), 3);
}

}  // namespace
}  // namespace auscult::server
