#include "server/plant_import.h"

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

constexpr char kPlant[] =
    "plant { site { name: 'sites/a' display_name: 'Demo' time_zone: 'Europe/Berlin' }"
    " bearings { name: 'sites/a/bearings/nu' designation: 'NU 312' source: 'nameplate'"
    "  geometry { rolling_elements: 12 element_diameter_mm: 18.3 pitch_diameter_mm: 95.7 } }"
    // The child comes before its parent.
    " assets { name: 'sites/a/assets/motor' parent_asset: 'sites/a/assets/set' machine {"
    "  rated_power_kw: 30 foundation: FOUNDATION_RIGID"
    "  bearings { position: 'de' bearing: 'sites/a/bearings/nu' shaft_ratio: 0.1 } } }"
    " assets { name: 'sites/a/assets/set' kind: 'pump set' machine {} }"
    " points { name: 'sites/a/assets/motor/points/de' stale_after_s: 7200"
    "  channels { id: 'H' quantity: QUANTITY_ACCELERATION unit: 'g' }"
    "  channels { id: 'V' quantity: QUANTITY_ACCELERATION unit: 'g' } } }";

class ImportPlant : public PlantServer {
 protected:
  v1::ImportPlantResponse Import(const v1::ImportPlantRequest& request) {
    v1::ImportPlantResponse response;
    const grpc::Status status = Call(&Stub::ImportPlant, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // "CREATE sites/a", one line a change.
  static std::vector<std::string> Lines(const v1::ImportPlantResponse& response) {
    std::vector<std::string> lines;
    for (const v1::PlantChange& change : response.changes()) {
      lines.push_back(v1::PlantChange::Action_Name(change.action()).substr(sizeof("ACTION")) + " " +
                      change.name());
    }
    return lines;
  }

  bool Exists(const std::string& site) {
    v1::GetSiteRequest get;
    get.set_name(site);
    v1::Site read;
    return Call(&Stub::GetSite, get, read).ok();
  }

  v1::ImportPlantRequest request_ = Parsed<v1::ImportPlantRequest>(kPlant);
};

TEST_F(ImportPlant, MakesTheSiteOnceAndThenChangesNothing) {
  EXPECT_THAT(
      Lines(Import(request_)),
      ElementsAre("CREATE sites/a", "CREATE sites/a/bearings/nu", "CREATE sites/a/assets/set",
                  "CREATE sites/a/assets/motor", "CREATE sites/a/assets/motor/points/de"));
  v1::GetSiteRequest get;
  get.set_name("sites/a");
  v1::Site before, after;
  ASSERT_TRUE(Call(&Stub::GetSite, get, before).ok());
  for (const bool prune : {false, true}) {
    request_.set_prune(prune);
    const v1::ImportPlantResponse again = Import(request_);
    EXPECT_EQ(again.changes_size(), 0) << again.ShortDebugString();
    EXPECT_EQ(again.unchanged_count(), 5);
  }
  ASSERT_TRUE(Call(&Stub::GetSite, get, after).ok());
  EXPECT_EQ(after.etag(), before.etag());
}

TEST_F(ImportPlant, SaysFieldByFieldWhatChanges) {
  Import(request_);
  v1::Plant& plant = *request_.mutable_plant();
  plant.mutable_site()->set_time_zone("");
  plant.mutable_bearings(0)->mutable_geometry()->set_rolling_elements(13);
  plant.mutable_assets(0)->mutable_machine()->set_rated_power_kw(37);
  plant.mutable_assets(0)->mutable_machine()->clear_bearings();
  plant.mutable_points(0)->mutable_channels(1)->set_id("A");
  request_.set_validate_only(true);
  for (int round = 0; round < 2; ++round) {
    const v1::ImportPlantResponse changes = Import(request_);
    ASSERT_EQ(changes.changes_size(), 4);
    EXPECT_EQ(changes.unchanged_count(), 1);
    EXPECT_THAT(changes.changes(0).differences(),
                ElementsAre("time_zone: \"Europe/Berlin\" -> \"\""));
    EXPECT_THAT(changes.changes(1).differences(0), "geometry.rolling_elements: 12 -> 13");
    EXPECT_THAT(changes.changes(2).differences(),
                ElementsAre("machine.rated_power_kw: 30 -> 37",
                            "machine.bearings[0]: {position: \"de\" bearing: "
                            "\"sites/a/bearings/nu\" shaft_ratio: 0.1} -> none"));
    EXPECT_THAT(changes.changes(3).differences(), ElementsAre("channels[1].id: \"V\" -> \"A\""));
    request_.set_validate_only(false);
  }
  EXPECT_EQ(Import(request_).changes_size(), 0);
}

TEST_F(ImportPlant, ChangesNothingWhenItOnlyValidates) {
  request_.set_validate_only(true);
  EXPECT_EQ(Import(request_).changes_size(), 5);
  EXPECT_FALSE(Exists("sites/a"));
}

TEST_F(ImportPlant, ChangesNothingWhenAnythingIsWrong) {
  *request_.mutable_plant()->add_points() =
      Parsed<v1::Point>("name: 'sites/a/assets/none/points/x'");
  v1::ImportPlantResponse response;
  ExpectRefused(Call(&Stub::ImportPlant, request_, response), StatusCode::INVALID_ARGUMENT,
                "UNKNOWN_ASSET", "plant.points[1].name");
  EXPECT_FALSE(Exists("sites/a"));
}

TEST_F(ImportPlant, NamesTheElementAndFieldThatIsWrong) {
  struct Case {
    const char* plant;
    const char* reason;
    const char* field;
  };
  for (const auto& [plant, reason, field] :
       {Case{"", "MALFORMED_NAME", "plant.site.name"},
        Case{"site { name: 'sites/a' time_zone: 'x' }", "UNKNOWN_TIME_ZONE",
             "plant.site.time_zone"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/b/assets/c' }", "OTHER_SITE",
             "plant.assets[0].name"},
        Case{"site { name: 'sites/a' } assets { name: 'pump' }", "MALFORMED_NAME",
             "plant.assets[0].name"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' } assets { name:"
             " 'sites/a/assets/c' }",
             "DUPLICATE_NAME", "plant.assets[1].name"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' parent_asset:"
             " 'sites/a/assets/d' } assets { name: 'sites/a/assets/d' parent_asset:"
             " 'sites/a/assets/c' }",
             "PARENT_LOOP", "plant.assets[0].parent_asset"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' parent_asset:"
             " 'sites/a/assets/d' }",
             "UNKNOWN_PARENT", "plant.assets[0].parent_asset"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' } assets { name:"
             " 'sites/a/assets/d' machine { gears { teeth: 0 } } }",
             "OUT_OF_RANGE", "plant.assets[1].machine.gears[0].teeth"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' machine { bearings {"
             " bearing: 'sites/a/bearings/x' } } }",
             "UNKNOWN_BEARING", "plant.assets[0].machine.bearings[0].bearing"},
        Case{"site { name: 'sites/a' } bearings { name: 'bearings/x' designation: 'X' }",
             "OTHER_SITE", "plant.bearings[0].name"},
        Case{"site { name: 'sites/a' } bearings { name: 'sites/a/bearings/x' designation: 'X' }",
             "ONE_OF_BEARING", "plant.bearings[0]"},
        Case{"site { name: 'sites/a' } assets { name: 'sites/a/assets/c' } points { name:"
             " 'sites/a/assets/c/points/p' channels { unit: 'g' } }",
             "UNKNOWN_QUANTITY", "plant.points[0].channels[0].quantity"}}) {
    SCOPED_TRACE(plant);
    v1::ImportPlantRequest request;
    *request.mutable_plant() = Parsed<v1::Plant>(plant);
    v1::ImportPlantResponse response;
    ExpectRefused(Call(&Stub::ImportPlant, request, response), StatusCode::INVALID_ARGUMENT, reason,
                  field);
  }
}

TEST_F(ImportPlant, TurnsATreeUpsideDown) {
  const char* const chain[] = {"x", "y", "z"};
  auto plant = [&](bool upwards) {
    v1::ImportPlantRequest request;
    request.mutable_plant()->mutable_site()->set_name("sites/a");
    for (int i = 0; i < 3; ++i) {
      v1::Asset& asset = *request.mutable_plant()->add_assets();
      asset.set_name(std::string("sites/a/assets/") + chain[i]);
      const int parent = upwards ? i + 1 : i - 1;
      if (parent >= 0 && parent < 3) {
        asset.set_parent_asset(std::string("sites/a/assets/") + chain[parent]);
      }
    }
    return request;
  };
  EXPECT_EQ(Import(plant(false)).changes_size(), 4);
  EXPECT_EQ(Import(plant(true)).changes_size(), 3);
  EXPECT_EQ(Import(plant(true)).changes_size(), 0);
}

TEST_F(ImportPlant, DeletesWhatIsNotListedOnlyWhenAskedTo) {
  Import(request_);
  v1::ImportPlantRequest bare;
  *bare.mutable_plant()->mutable_site() = request_.plant().site();
  EXPECT_EQ(Import(bare).changes_size(), 0);
  bare.set_prune(true);
  EXPECT_THAT(Lines(Import(bare)),
              ElementsAre("DELETE sites/a/assets/motor/points/de", "DELETE sites/a/assets/motor",
                          "DELETE sites/a/assets/set", "DELETE sites/a/bearings/nu"));
  EXPECT_EQ(Import(request_).changes_size(), 4);
}

TEST_F(ImportPlant, NeverPrunesRecords) {
  Import(request_);
  StoreRecord("motor", "de", NowUs(), 1, 97);
  v1::ImportPlantRequest bare;
  *bare.mutable_plant()->mutable_site() = request_.plant().site();
  bare.set_prune(true);
  v1::ImportPlantResponse response;
  for (const bool validate_only : {true, false}) {
    bare.set_validate_only(validate_only);
    const grpc::Status status = Call(&Stub::ImportPlant, bare, response);
    ExpectRefused(status, StatusCode::FAILED_PRECONDITION, "POINT_IN_USE");
    EXPECT_THAT(status.error_message(), HasSubstr("sites/a/assets/motor/points/de"));
  }
  request_.mutable_plant()->mutable_points(0)->mutable_channels(0)->set_unit("m/s2");
  ExpectRefused(Call(&Stub::ImportPlant, request_, response), StatusCode::FAILED_PRECONDITION,
                "CHANNELS_FIXED", "plant.points[0].channels");
}

TEST_F(ImportPlant, RefusesAnElementThatChangedSinceItWasRead) {
  Import(request_);
  request_.mutable_plant()->mutable_assets(0)->set_etag("\"0123456789abcdef\"");
  v1::ImportPlantResponse response;
  ExpectRefused(Call(&Stub::ImportPlant, request_, response), StatusCode::ABORTED, "ETAG_MISMATCH",
                "plant.assets[0].etag");
}

TEST_F(ImportPlant, MayBeCalledByManyAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      grpc::ClientContext context;
      v1::ImportPlantResponse response;
      const grpc::Status status = assets_->ImportPlant(&context, request_, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Import(request_).changes_size(), 0);
}

}  // namespace
}  // namespace auscult::server
