#include "db/plant_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "db/partitions.h"
#include "db/quota_store.h"
#include "db/reading_writer.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::TestDatabase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kRefused = absl::StatusCode::kFailedPrecondition;

Site MakeSite(const std::string& slug) {
  Site site;
  site.slug = slug;
  site.display_name = "Site " + slug;
  site.time_zone = "Europe/Berlin";
  return site;
}

Asset MakeAsset(const std::string& slug, std::optional<std::string> parent = std::nullopt) {
  Asset asset;
  asset.site_slug = "berlin";
  asset.slug = slug;
  asset.parent_slug = std::move(parent);
  asset.kind = "pump";
  asset.machine = R"({"ratedPowerKw": 37})";
  return asset;
}

Point MakePoint(const std::string& asset, const std::string& slug) {
  Point point;
  point.site_slug = "berlin";
  point.asset_slug = asset;
  point.slug = slug;
  point.definition = R"({"sampleRateHz": 25600})";
  return point;
}

// A site "berlin" with pump-1 <- motor-1, and point de on either.
class Plant {
 public:
  Plant() : connection_(database_.Connect()) {
    EXPECT_TRUE(CreateSite(*connection_, MakeSite("berlin")).ok());
    EXPECT_TRUE(CreateAsset(*connection_, MakeAsset("pump-1")).ok());
    EXPECT_TRUE(CreateAsset(*connection_, MakeAsset("motor-1", "pump-1")).ok());
    EXPECT_TRUE(CreatePoint(*connection_, MakePoint("pump-1", "de")).ok());
    EXPECT_TRUE(CreatePoint(*connection_, MakePoint("motor-1", "de")).ok());
  }
  Connection& connection() { return *connection_; }
  const TestDatabase& database() { return database_; }

  // A record of a point, without the way a real one takes.
  void AddRecord(const std::string& asset) {
    const absl::StatusOr<Point> point = GetPoint(*connection_, "berlin", asset, "de");
    ASSERT_TRUE(point.ok());
    const int64_t instants[] = {1'700'000'000'000'000};
    ASSERT_TRUE(partitions_.EnsureFor(*connection_, instants, instants).ok());
    const Param values[] = {Int(point->asset_id), Int(point->point_id), TimeUs(instants[0])};
    for (const Sql sql :
         {Sql("INSERT INTO trend VALUES ($1, $2, $3, 1, 1, 1, 0, NULL, NULL, '', '{}', NULL)"),
          Sql("INSERT INTO score VALUES ($1, $2, $3, 0, 1, 0, 0, 0, NULL, NULL, 0, NULL)"),
          Sql("INSERT INTO event VALUES ($1, $2, $3, 1, 0, 1, 0, '')"),
          Sql("INSERT INTO waveform VALUES ($1, $2, $3, 1, 1, 1, '', '[]', '')")}) {
      const absl::Status status = connection_->Execute(sql, values);
      ASSERT_TRUE(status.ok()) << status;
    }
    const Reading reading[] = {{"temperature_c", instants[0], 40}};
    ASSERT_TRUE(WriteReadings(*connection_, partitions_, 1, point->asset_id, reading).ok());
  }
  int64_t RecordCount() {
    const absl::StatusOr<Rows> rows = connection_->Query(
        "SELECT (SELECT count(*) FROM trend) + (SELECT count(*) FROM score)"
        " + (SELECT count(*) FROM event) + (SELECT count(*) FROM waveform)"
        " + (SELECT count(*) FROM reading)");
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

 private:
  TestDatabase database_;
  std::unique_ptr<Connection> connection_;
  PartitionCache partitions_;
};

TEST(SiteStore, KeepsWhatItIsGiven) {
  const TestDatabase database;
  const auto connection = database.Connect();
  EXPECT_EQ(GetSite(*connection, "berlin").status().code(), kNotFound);
  const absl::StatusOr<Site> made = CreateSite(*connection, MakeSite("berlin"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_GT(made->site_id, 0);
  EXPECT_EQ(made->revision, 1);
  EXPECT_GT(made->create_time_us, 1'700'000'000'000'000);
  const absl::StatusOr<Site> read = GetSite(*connection, "berlin");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->site_id, made->site_id);
  EXPECT_EQ(read->display_name, "Site berlin");
  EXPECT_EQ(read->time_zone, "Europe/Berlin");
  EXPECT_EQ(read->create_time_us, made->create_time_us);
  EXPECT_EQ(CreateSite(*connection, MakeSite("berlin")).status().code(), kExists);
}

TEST(SiteStore, UpdatesOnlyTheRevisionThatWasRead) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(CreateSite(*connection, MakeSite("berlin")).ok());
  Site site = MakeSite("berlin");
  site.display_name = "Berlin works";
  const absl::StatusOr<Site> updated = UpdateSite(*connection, site, 1);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->revision, 2);
  EXPECT_EQ(updated->display_name, "Berlin works");
  EXPECT_GE(updated->update_time_us, updated->create_time_us);
  const absl::Status stale = UpdateSite(*connection, site, 1).status();
  EXPECT_EQ(stale.code(), kAborted);
  EXPECT_THAT(std::string(stale.message()), HasSubstr("revision 2, not 1"));
  EXPECT_TRUE(UpdateSite(*connection, site, 0).ok());
  EXPECT_EQ(UpdateSite(*connection, MakeSite("paris"), 0).status().code(), kNotFound);
}

TEST(SiteStore, ListsInOrderOfCodePointsFromACursor) {
  const TestDatabase database;
  const auto connection = database.Connect();
  for (const char* slug : {"b", "a-1", "a", "a1", "B"}) {
    ASSERT_TRUE(CreateSite(*connection, MakeSite(slug)).ok());
  }
  std::vector<std::string> slugs;
  for (std::string after; slugs.size() < 10;) {
    const absl::StatusOr<std::vector<Site>> page = ListSites(*connection, after, 2);
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->empty()) break;
    EXPECT_LE(page->size(), 2u);
    for (const Site& site : *page) slugs.push_back(site.slug);
    after = slugs.back();
  }
  EXPECT_THAT(slugs, ElementsAre("B", "a", "a-1", "a1", "b"));
}

TEST(SiteStore, IsDeletedWithAllBelowItOnlyByForce) {
  Plant plant;
  plant.AddRecord("pump-1");
  ASSERT_TRUE(CreateBearing(plant.connection(), {"berlin", "6205", "{}"}).ok());
  EXPECT_EQ(DeleteSite(plant.connection(), "berlin", 0, false).code(), kRefused);
  EXPECT_EQ(DeleteSite(plant.connection(), "berlin", 7, true).code(), kAborted);
  EXPECT_EQ(plant.RecordCount(), 5);
  for (const char* name : {"sites/berlin/quota", "sites/other/quota"}) {
    ASSERT_TRUE(PutQuota(plant.connection(), name, "{}").ok());
  }
  EXPECT_TRUE(DeleteSite(plant.connection(), "berlin", 1, true).ok());
  EXPECT_EQ(GetQuota(plant.connection(), "sites/berlin/quota").status().code(), kNotFound);
  EXPECT_TRUE(GetQuota(plant.connection(), "sites/other/quota").ok());
  EXPECT_EQ(plant.RecordCount(), 0);
  EXPECT_EQ(GetSite(plant.connection(), "berlin").status().code(), kNotFound);
  EXPECT_EQ(GetPoint(plant.connection(), "berlin", "pump-1", "de").status().code(), kNotFound);
  EXPECT_EQ(DeleteSite(plant.connection(), "berlin", 0, true).code(), kNotFound);
}

TEST(AssetStore, KeepsWhatItIsGiven) {
  Plant plant;
  const absl::StatusOr<Asset> asset = GetAsset(plant.connection(), "berlin", "motor-1");
  ASSERT_TRUE(asset.ok()) << asset.status();
  EXPECT_EQ(asset->site_slug, "berlin");
  EXPECT_EQ(asset->parent_slug, "pump-1");
  EXPECT_EQ(asset->kind, "pump");
  EXPECT_EQ(asset->machine, R"({"ratedPowerKw": 37})");
  EXPECT_EQ(asset->revision, 1);
  EXPECT_FALSE(GetAsset(plant.connection(), "berlin", "pump-1")->parent_slug.has_value());
  EXPECT_EQ(CreateAsset(plant.connection(), MakeAsset("motor-1")).status().code(), kExists);
}

TEST(AssetStore, NamesTheSiteOrParentThatIsMissing) {
  Plant plant;
  const absl::Status no_parent =
      CreateAsset(plant.connection(), MakeAsset("fan", "ghost")).status();
  EXPECT_EQ(no_parent.code(), kNotFound);
  EXPECT_THAT(std::string(no_parent.message()), HasSubstr("sites/berlin/assets/ghost"));
  Asset elsewhere = MakeAsset("fan");
  elsewhere.site_slug = "paris";
  EXPECT_THAT(std::string(CreateAsset(plant.connection(), elsewhere).status().message()),
              HasSubstr("sites/paris does not exist"));
}

TEST(AssetStore, RefusesALoop) {
  Plant plant;
  ASSERT_TRUE(CreateAsset(plant.connection(), MakeAsset("bearing-1", "motor-1")).ok());
  for (const char* below : {"pump-1", "motor-1", "bearing-1"}) {
    const absl::Status status =
        UpdateAsset(plant.connection(), MakeAsset("pump-1", below), 0).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << below;
    EXPECT_THAT(std::string(status.message()), HasSubstr("stands below it"));
  }
  EXPECT_TRUE(UpdateAsset(plant.connection(), MakeAsset("bearing-1", "pump-1"), 1).ok());
  EXPECT_TRUE(UpdateAsset(plant.connection(), MakeAsset("bearing-1"), 2).ok());
  EXPECT_EQ(UpdateAsset(plant.connection(), MakeAsset("bearing-1"), 2).status().code(), kAborted);
}

TEST(AssetStore, RefusesALoopMadeByTwoAtOnce) {
  Plant plant;
  ASSERT_TRUE(CreateAsset(plant.connection(), MakeAsset("a")).ok());
  ASSERT_TRUE(CreateAsset(plant.connection(), MakeAsset("b")).ok());
  for (int round = 0; round < 10; ++round) {
    absl::Status first, second;
    {
      const std::jthread one([&] {
        first = UpdateAsset(*plant.database().Connect(), MakeAsset("a", "b"), 0).status();
      });
      const std::jthread two([&] {
        second = UpdateAsset(*plant.database().Connect(), MakeAsset("b", "a"), 0).status();
      });
    }
    EXPECT_NE(first.ok(), second.ok()) << first << second;
    ASSERT_TRUE(UpdateAsset(plant.connection(), MakeAsset("a"), 0).ok());
    ASSERT_TRUE(UpdateAsset(plant.connection(), MakeAsset("b"), 0).ok());
  }
}

TEST(AssetStore, ListsOneSiteOrAllByCursor) {
  Plant plant;
  ASSERT_TRUE(CreateSite(plant.connection(), MakeSite("aachen")).ok());
  Asset there = MakeAsset("zulu");
  there.site_slug = "aachen";
  ASSERT_TRUE(CreateAsset(plant.connection(), there).ok());
  std::vector<std::string> names;
  AssetCursor after;
  for (int page = 0; page < 5; ++page) {
    const auto assets = ListAssets(plant.connection(), "", after, 1);
    ASSERT_TRUE(assets.ok()) << assets.status();
    if (assets->empty()) break;
    after = {assets->front().site_slug, assets->front().slug};
    names.push_back(after.site + "/" + after.asset);
  }
  EXPECT_THAT(names, ElementsAre("aachen/zulu", "berlin/motor-1", "berlin/pump-1"));
  EXPECT_EQ(ListAssets(plant.connection(), "berlin", {"berlin", "motor-1"}, 9)->size(), 1u);
}

TEST(AssetStore, IsDeletedWithItsSubtreeOnlyByForce) {
  Plant plant;
  plant.AddRecord("motor-1");
  const absl::Status refused = DeleteAsset(plant.connection(), "berlin", "pump-1", 0, false);
  EXPECT_EQ(refused.code(), kRefused);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("assets below it"));
  EXPECT_THAT(std::string(DeleteAsset(plant.connection(), "berlin", "motor-1", 0, false).message()),
              HasSubstr("points"));
  EXPECT_TRUE(DeleteAsset(plant.connection(), "berlin", "pump-1", 0, true).ok());
  EXPECT_EQ(plant.RecordCount(), 0);
  EXPECT_TRUE(ListAssets(plant.connection(), "berlin", {}, 9)->empty());
}

TEST(AssetStore, DoesNotLoseReadingsByAccident) {
  Plant plant;
  plant.AddRecord("motor-1");
  ASSERT_TRUE(DeletePoint(plant.connection(), "berlin", "motor-1", "de", 0, true).ok());
  EXPECT_THAT(std::string(DeleteAsset(plant.connection(), "berlin", "motor-1", 0, false).message()),
              HasSubstr("readings"));
}

TEST(PointStore, KeepsWhatItIsGivenAndAStateForIt) {
  Plant plant;
  const absl::StatusOr<Point> point = GetPoint(plant.connection(), "berlin", "pump-1", "de");
  ASSERT_TRUE(point.ok()) << point.status();
  EXPECT_EQ(point->definition, R"({"sampleRateHz": 25600})");
  EXPECT_EQ(CreatePoint(plant.connection(), MakePoint("pump-1", "de")).status().code(), kExists);
  EXPECT_EQ(CreatePoint(plant.connection(), MakePoint("ghost", "de")).status().code(), kNotFound);
  const auto summaries = ListPointSummaries(plant.connection(), "berlin", "pump-1");
  ASSERT_TRUE(summaries.ok()) << summaries.status();
  ASSERT_EQ(summaries->size(), 1u);
  const PointSummary& summary = summaries->front();
  EXPECT_EQ(summary.point.point_id, point->point_id);
  EXPECT_FALSE(summary.condition.has_value());
  EXPECT_EQ(summary.record_count, 0);
  EXPECT_EQ(summary.last_measured_at_us, 0);
  EXPECT_EQ(summary.detail, "");
}

TEST(PointStore, UpdatesOnlyTheRevisionThatWasRead) {
  Plant plant;
  Point point = MakePoint("pump-1", "de");
  point.definition = R"({"a": 1})";
  const absl::StatusOr<Point> updated = UpdatePoint(plant.connection(), point, 1);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->revision, 2);
  EXPECT_EQ(updated->definition, R"({"a": 1})");
  EXPECT_EQ(UpdatePoint(plant.connection(), point, 1).status().code(), kAborted);
  point.slug = "ghost";
  EXPECT_EQ(UpdatePoint(plant.connection(), point, 0).status().code(), kNotFound);
}

TEST(PointStore, IsDeletedWithItsRecordsOnlyByForce) {
  Plant plant;
  plant.AddRecord("pump-1");
  plant.AddRecord("motor-1");
  EXPECT_EQ(DeletePoint(plant.connection(), "berlin", "pump-1", "de", 0, false).code(), kRefused);
  EXPECT_EQ(DeletePoint(plant.connection(), "berlin", "pump-1", "de", 5, true).code(), kAborted);
  EXPECT_EQ(plant.RecordCount(), 10);
  EXPECT_TRUE(DeletePoint(plant.connection(), "berlin", "pump-1", "de", 1, true).ok());
  EXPECT_EQ(plant.RecordCount(), 6);  // the readings belong to the asset
  EXPECT_EQ(ListPointSummaries(plant.connection(), "", "")->size(), 1u);
  EXPECT_EQ(DeletePoint(plant.connection(), "berlin", "pump-1", "de", 0, true).code(), kNotFound);
}

TEST(PointStore, SummariesComeBySlug) {
  Plant plant;
  ASSERT_TRUE(CreatePoint(plant.connection(), MakePoint("pump-1", "a")).ok());
  std::vector<std::string> names;
  const auto summaries = ListPointSummaries(plant.connection(), "berlin", "");
  ASSERT_TRUE(summaries.ok());
  for (const PointSummary& summary : *summaries) {
    names.push_back(summary.point.asset_slug + "/" + summary.point.slug);
  }
  EXPECT_THAT(names, ElementsAre("motor-1/de", "pump-1/a", "pump-1/de"));
}

TEST(BearingStore, CreatesPutsListsAndDeletes) {
  Plant plant;
  EXPECT_TRUE(CreateBearing(plant.connection(), {"berlin", "6205", R"({"n": 9})"}).ok());
  EXPECT_EQ(CreateBearing(plant.connection(), {"berlin", "6205", "{}"}).code(), kExists);
  EXPECT_EQ(CreateBearing(plant.connection(), {"paris", "6205", "{}"}).code(), kNotFound);
  EXPECT_TRUE(PutBearing(plant.connection(), {"berlin", "6205", R"({"n": 8})"}).ok());
  EXPECT_TRUE(PutBearing(plant.connection(), {"berlin", "6206", "{}"}).ok());
  const auto bearings = ListBearings(plant.connection(), "berlin", "", 9);
  ASSERT_TRUE(bearings.ok()) << bearings.status();
  ASSERT_EQ(bearings->size(), 2u);
  EXPECT_EQ((*bearings)[0].definition, R"({"n": 8})");
  EXPECT_EQ(ListBearings(plant.connection(), "berlin", "6205", 9)->front().slug, "6206");
  EXPECT_TRUE(DeleteBearing(plant.connection(), "berlin", "6205").ok());
  EXPECT_EQ(DeleteBearing(plant.connection(), "berlin", "6205").code(), kNotFound);
}

TEST(PlantStore, TakesHostileNamesAsNames) {
  const TestDatabase database;
  const auto connection = database.Connect();
  for (const char* slug : {"'; DROP TABLE site; --", "\\", "%s$1", "\xe4\xb8\xad"}) {
    EXPECT_TRUE(CreateSite(*connection, MakeSite(slug)).ok()) << slug;
    EXPECT_EQ(GetSite(*connection, slug)->slug, slug);
  }
  EXPECT_EQ(CreateSite(*connection, MakeSite("\xff")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PlantStore, WorksInsideATransactionOfTheCaller) {
  Plant plant;
  const absl::Status status = InTransaction(plant.connection(), [&]() -> absl::Status {
    EXPECT_TRUE(CreateSite(plant.connection(), MakeSite("paris")).ok());
    EXPECT_EQ(CreateSite(plant.connection(), MakeSite("paris")).status().code(), kExists);
    EXPECT_EQ(CreatePoint(plant.connection(), MakePoint("pump-1", "de")).status().code(), kExists);
    EXPECT_EQ(DeleteAsset(plant.connection(), "berlin", "pump-1", 0, false).code(), kRefused);
    EXPECT_TRUE(CreatePoint(plant.connection(), MakePoint("pump-1", "nde")).ok());
    return absl::CancelledError("dry run");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(GetSite(plant.connection(), "paris").status().code(), kNotFound);
  EXPECT_EQ(ListPointSummaries(plant.connection(), "", "")->size(), 2u);
}

}  // namespace
}  // namespace auscult::db
