#include "server/audit_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "server/plant_import.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using ::testing::HasSubstr;

class AuditCalls : public PlantServer {
 protected:
  absl::StatusOr<v1::ListAuditEntriesResponse> List(const std::string& request) {
    CallScope scope{.connection = *connection_, .still_wanted = [] { return absl::OkStatus(); }};
    v1::ListAuditEntriesResponse response;
    absl::Status status =
        ListAuditEntries(scope, Parsed<v1::ListAuditEntriesRequest>(request), response);
    if (!status.ok()) return status;
    return response;
  }
};

TEST_F(AuditCalls, ShowWhoDidWhat) {
  CreateSite("north");
  const v1::Asset pump = CreateAsset("north", "pump");
  v1::UpdateAssetRequest update;
  update.mutable_asset()->set_name(pump.name());
  update.mutable_asset()->set_kind("centrifugal");
  v1::Asset updated;
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "r-17");
  ASSERT_TRUE(assets_->UpdateAsset(&context, update, &updated).ok());
  const auto list = List("");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->entries_size(), 3);
  const v1::AuditEntry& last = list->entries(2);
  EXPECT_EQ(last.sequence(), 3);
  EXPECT_EQ(last.actor(), "local");
  EXPECT_EQ(last.request_id(), "r-17");
  EXPECT_EQ(last.site(), "sites/north");
  EXPECT_EQ(last.subject(), "asset");
  EXPECT_EQ(last.action(), "update");
  EXPECT_THAT(last.before(), HasSubstr(R"("kind": "")"));
  EXPECT_THAT(last.after(), HasSubstr(R"("kind": "centrifugal")"));
  EXPECT_EQ(last.previous_hash(), list->entries(1).hash());
  EXPECT_EQ(last.hash().size(), 64u);
  EXPECT_GT(last.time().seconds(), 1'700'000'000);
  EXPECT_EQ(list->entries(0).previous_hash(), std::string(64, '0'));
}

TEST_F(AuditCalls, ComeInPagesAndBySite) {
  CreateSite("north");
  CreateSite("south");
  for (int i = 0; i < 5; ++i) CreateAsset(i % 2 == 0 ? "north" : "south", "a" + std::to_string(i));
  std::vector<int64_t> seen;
  std::string token;
  do {
    const auto page = List("page_size: 3 after_sequence: 1 page_token: '" + token + "'");
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->entries_size(), 3);
    for (const v1::AuditEntry& entry : page->entries()) seen.push_back(entry.sequence());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, (std::vector<int64_t>{2, 3, 4, 5, 6, 7}));
  const auto north = List("site: 'sites/north'");
  ASSERT_TRUE(north.ok()) << north.status();
  EXPECT_EQ(north->entries_size(), 4);
  for (const v1::AuditEntry& entry : north->entries()) EXPECT_EQ(entry.site(), "sites/north");
  EXPECT_TRUE(absl::IsNotFound(List("site: 'sites/west'").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(List("site: 'west'").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(List("page_token: 'x'").status()));
  const auto other = List("page_size: 1 site: 'sites/north'");
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(
      absl::IsInvalidArgument(List("page_token: '" + other->next_page_token() + "'").status()))
      << "of another list";
}

// Entries are large where machines are: the answer stays below what a client takes.
TEST_F(AuditCalls, EndAPageBeforeItIsTooLarge) {
  CreateSite("north");
  const absl::Status status = connection_->Execute(
      "INSERT INTO asset (site_id, slug, machine) SELECT site_id, 'a' || n,"
      " jsonb_build_object('note', repeat('x', 100000)) FROM site, generate_series(1, 30) AS n");
  ASSERT_TRUE(status.ok()) << status;
  int entries = 0, pages = 0;
  std::string token;
  do {
    const auto page = List("page_size: 1000 page_token: '" + token + "'");
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LT(page->ByteSizeLong(), 2u << 20);
    entries += page->entries_size();
    ++pages;
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(entries, 31);
  EXPECT_GT(pages, 3);
}

TEST_F(AuditCalls, ShowWhatSomebodyWroteOverAsItStands) {
  CreateSite("north");
  ASSERT_TRUE(connection_->Execute("ALTER TABLE audit DISABLE TRIGGER USER").ok());
  ASSERT_TRUE(connection_->Execute("UPDATE audit SET hashed = 'not JSON'").ok());
  const auto list = List("");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->entries_size(), 1);
  EXPECT_EQ(list->entries(0).sequence(), 1);
  EXPECT_EQ(list->entries(0).hashed(), "not JSON");
  EXPECT_EQ(list->entries(0).actor(), "");
}

// What the log adds to the largest change there is.
TEST_F(AuditCalls, CostAnImportLittle) {
  constexpr int kPoints = 500, kRounds = 4;
  v1::ImportPlantRequest request;
  request.mutable_plant()->mutable_site()->set_name("sites/big");
  v1::Asset& asset = *request.mutable_plant()->add_assets();
  asset.set_name("sites/big/assets/a");
  asset.mutable_machine();
  for (int i = 0; i < kPoints; ++i) {
    v1::Point& point = *request.mutable_plant()->add_points();
    point = AccelerationPoint();
    point.set_name("sites/big/assets/a/points/p" + std::to_string(i));
  }
  const auto import = [&] {
    CallScope scope{.connection = *connection_, .still_wanted = [] { return absl::OkStatus(); }};
    v1::ImportPlantResponse response;
    const auto begin = std::chrono::steady_clock::now();
    const absl::Status status = server::ImportPlant(scope, request, response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.changes_size(), kPoints + 2);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  // By turns, and the best of each: the machine may be busy with something else.
  double with_log = 1e9, without_log = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(connection_->Execute("ALTER TABLE point ENABLE TRIGGER USER").ok());
    with_log = std::min(with_log, import());
    ASSERT_TRUE(connection_->Execute("ALTER TABLE point DISABLE TRIGGER USER").ok());
    ASSERT_TRUE(connection_->Execute("DELETE FROM site").ok());
    without_log = std::min(without_log, import());
    ASSERT_TRUE(connection_->Execute("DELETE FROM site").ok());
  }
  std::printf("an import of %d points takes %.2f s with the log, %.2f s without: %.2f times\n",
              kPoints, with_log, without_log, with_log / without_log);
  EXPECT_LT(with_log, 2 * without_log);
}

}  // namespace
}  // namespace auscult::server
