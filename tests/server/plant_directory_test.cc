#include "server/plant_directory.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "server/errors.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

class Directory : public PlantServer {};

TEST_F(Directory, SeesAChangeThroughTheServiceAtOnce) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  const std::string name = asset + "/points/de";
  EXPECT_EQ(ReasonOf(directory_.Find(name).status()), "UNKNOWN_POINT");
  EXPECT_EQ(ReasonOf(directory_.Find("sites/a").status()), "MALFORMED_NAME");
  CreatePoint(asset, "de");
  const auto before = directory_.Find(name).value();
  EXPECT_EQ(before->name, name);
  EXPECT_EQ(before->keep_raw_every, 24);
  EXPECT_EQ(before->channels.at(0).unit.symbol, "g");
  EXPECT_EQ(directory_.Find(name).value(), before) << "cached";
  auto update = Parsed<v1::UpdateAssetRequest>("asset { machine { blades: 7 } }");
  update.mutable_asset()->set_name(asset);
  v1::Asset updated;
  ASSERT_TRUE(Call(&Stub::UpdateAsset, update, updated).ok());
  EXPECT_EQ(before->machine->blades, 0);
  EXPECT_EQ(directory_.Find(name).value()->machine->blades, 7);
}

TEST_F(Directory, HoldsNoMoreThanItsCapacity) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  PlantDirectory small(&pool_, 2);
  std::vector<std::shared_ptr<const DirectoryEntry>> entries;
  for (const char* id : {"p1", "p2", "p3"}) {
    entries.push_back(small.Find(CreatePoint(asset, id).name()).value());
  }
  EXPECT_EQ(small.Find(asset + "/points/p3").value(), entries[2]);
  EXPECT_EQ(small.Find(asset + "/points/p2").value(), entries[1]);
  EXPECT_NE(small.Find(asset + "/points/p1").value(), entries[0]) << "the oldest had to go";
}

TEST_F(Directory, RemembersForASecondThatAPointIsUnknown) {
  CreateSite("a");
  const std::string asset = CreateAsset("a", "pump").name();
  PlantDirectory replica(&pool_, 2);
  const auto asked = std::chrono::steady_clock::now();
  for (const char* id : {"p1", "p2", "p3"}) {
    EXPECT_EQ(ReasonOf(replica.Find(asset + "/points/" + id).status()), "UNKNOWN_POINT");
  }
  const std::string name = CreatePoint(asset, "p3").name();
  EXPECT_TRUE(directory_.Find(name).ok()) << "the server that creates it knows it at once";
  const bool found = replica.Find(name).ok();
  const auto since = std::chrono::steady_clock::now() - asked;
  EXPECT_TRUE(!found || since >= PlantDirectory::kUnknownTimeToLive) << "the database was asked";
  std::this_thread::sleep_for(PlantDirectory::kUnknownTimeToLive);
  EXPECT_TRUE(replica.Find(name).ok());
}

}  // namespace
}  // namespace auscult::server
