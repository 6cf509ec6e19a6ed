#include "server/bearing_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

class Bearings : public PlantServer {};

TEST_F(Bearings, OfTheCatalogueAreFoundByPartOfTheirName) {
  v1::ListBearingsRequest request;
  v1::ListBearingsResponse response;
  ASSERT_TRUE(Call(&Stub::ListBearings, request, response).ok());
  const int all = response.bearings_size();
  EXPECT_GT(all, 3);
  request.set_query("6205-2rs");
  ASSERT_TRUE(Call(&Stub::ListBearings, request, response).ok());
  ASSERT_EQ(response.bearings_size(), 1);
  EXPECT_EQ(response.bearings(0).name(), "bearings/skf-6205-2rs-jem");
  EXPECT_NEAR(response.bearings(0).orders().bpfi(), 5.4152, 2e-3);
  EXPECT_NE(response.bearings(0).source(), "");
  request.clear_query();
  request.set_page_size(1);
  int pages = 0;
  do {
    ASSERT_TRUE(Call(&Stub::ListBearings, request, response).ok());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, all);
}

TEST_F(Bearings, OfASiteAreKeptWhileTheyAreMounted) {
  CreateSite("a");
  auto create = Parsed<v1::CreateBearingRequest>(
      "parent: 'sites/a' bearing_id: 'nu-312' bearing { designation: 'NU 312' source: 'nameplate'"
      " geometry { rolling_elements: 12 element_diameter_mm: 18 pitch_diameter_mm: 95 } }");
  v1::Bearing made;
  ASSERT_TRUE(Call(&Stub::CreateBearing, create, made).ok());
  EXPECT_NEAR(made.orders().bpfo(), 12 * (1 - 18.0 / 95) / 2, 1e-4);
  ExpectRefused(Call(&Stub::CreateBearing, create, made), StatusCode::ALREADY_EXISTS,
                "BEARING_EXISTS", "bearing_id");
  v1::Asset asset;
  const auto mount = Parsed<v1::CreateAssetRequest>(
      "parent: 'sites/a' asset_id: 'fan' asset { machine { bearings {"
      " bearing: 'sites/a/bearings/nu-312' } } }");
  ASSERT_TRUE(Call(&Stub::CreateAsset, mount, asset).ok());
  v1::DeleteBearingRequest remove;
  remove.set_name("sites/a/bearings/nu-312");
  google::protobuf::Empty empty;
  const grpc::Status in_use = Call(&Stub::DeleteBearing, remove, empty);
  ExpectRefused(in_use, StatusCode::FAILED_PRECONDITION, "BEARING_IN_USE");
  EXPECT_THAT(in_use.error_message(), HasSubstr("sites/a/assets/fan"));
  CreatePoint(asset.name(), "p");
  const auto entry = directory_.Find("sites/a/assets/fan/points/p").value();
  ASSERT_EQ(entry->machine->bearings.size(), 1u);
  EXPECT_EQ(entry->machine->bearings[0].designation, "NU 312");

  auto update = Parsed<v1::UpdateAssetRequest>(
      "asset { name: 'sites/a/assets/fan' } update_mask { paths: 'machine' }");
  ASSERT_TRUE(Call(&Stub::UpdateAsset, update, asset).ok());
  EXPECT_TRUE(Call(&Stub::DeleteBearing, remove, empty).ok());
  remove.set_name("bearings/nice-mfpt");
  ExpectRefused(Call(&Stub::DeleteBearing, remove, empty), StatusCode::INVALID_ARGUMENT,
                "CATALOGUE_BEARING", "name");
}

}  // namespace
}  // namespace auscult::server
