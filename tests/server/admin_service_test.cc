#include "server/admin_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/server.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One asset, "sites/demo/assets/pump".
class AdminCalls : public PlantServer {
 protected:
  AdminCalls() : admin_service_(&OpenGate(), &keys_, &pool_, "/tmp", &tenants_) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&admin_service_);
    admin_server_ = builder.BuildAndStart();
    admin_ = v1::AdminService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                           grpc::InsecureChannelCredentials()));
    CreateSite("demo");
    CreateAsset("demo", "pump");
  }
  ~AdminCalls() override { admin_server_->Shutdown(); }

  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return ((*admin_).*method)(&context, request, &response);
  }
  grpc::Status Update(const std::string& name, const std::string& text) {
    auto request = Parsed<v1::UpdateRetentionPolicyRequest>(text);
    request.mutable_retention_policy()->set_name(name);
    return Ask(&AdminStub::UpdateRetentionPolicy, request, policy_);
  }
  grpc::Status Get(const std::string& name) {
    v1::GetRetentionPolicyRequest request;
    request.set_name(name);
    return Ask(&AdminStub::GetRetentionPolicy, request, policy_);
  }
  grpc::Status Delete(const std::string& name) {
    v1::DeleteRetentionPolicyRequest request;
    request.set_name(name);
    google::protobuf::Empty nothing;
    return Ask(&AdminStub::DeleteRetentionPolicy, request, nothing);
  }

  using AdminStub = v1::AdminService::Stub;
  static constexpr char kPlant[] = "retentionPolicy", kSite[] = "sites/demo/retentionPolicy",
                        kAsset[] = "sites/demo/assets/pump/retentionPolicy";
  KeyRing keys_;
  Tenants tenants_{1 << 20};
  AdminService admin_service_;
  std::unique_ptr<grpc::Server> admin_server_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  v1::RetentionPolicy policy_;
};

TEST_F(AdminCalls, PoliciesInheritFieldByField) {
  ExpectRefused(Get(kAsset), StatusCode::NOT_FOUND, "NO_RETENTION_POLICY", "name");
  ASSERT_TRUE(Update(kPlant, "retention_policy { trend_days: 3650 waveform_days: 90 }").ok());
  EXPECT_EQ(policy_.name(), kPlant);
  EXPECT_EQ(policy_.effective().trend_days(), 3650);
  EXPECT_TRUE(policy_.effective().has_reading_days()) << "what counts is whole";
  EXPECT_EQ(policy_.effective().reading_days(), 0);
  EXPECT_FALSE(policy_.has_reading_days());
  ASSERT_TRUE(Update(kSite, "retention_policy { waveform_days: 30 score_days: 365 }").ok());
  ASSERT_TRUE(Update(kAsset, "retention_policy { waveform_days: 0 }").ok());
  EXPECT_EQ(policy_.effective().waveform_days(), 0) << "for ever, whatever the site says";
  EXPECT_EQ(policy_.effective().score_days(), 365);
  EXPECT_EQ(policy_.effective().trend_days(), 3650);
  EXPECT_FALSE(policy_.has_score_days());
  ASSERT_TRUE(Delete(kSite).ok());
  ASSERT_TRUE(Get(kAsset).ok());
  EXPECT_EQ(policy_.effective().score_days(), 0);
  ExpectRefused(Delete(kSite), StatusCode::NOT_FOUND, "NO_RETENTION_POLICY", "name");
}

TEST_F(AdminCalls, AnUpdateTouchesWhatItNames) {
  ASSERT_TRUE(Update(kAsset, "retention_policy { trend_days: 10 score_days: 20 }").ok());
  ASSERT_TRUE(Update(kAsset, "retention_policy { trend_days: 11 }").ok());
  EXPECT_EQ(policy_.score_days(), 20);
  ASSERT_TRUE(Update(kAsset, "update_mask { paths: 'score_days' }").ok());
  EXPECT_FALSE(policy_.has_score_days()) << "named and not set: inherited";
  EXPECT_EQ(policy_.trend_days(), 11);
  const std::string etag = policy_.etag();
  ASSERT_TRUE(Update(kAsset, "retention_policy { trend_days: 12 }").ok());
  ExpectRefused(Update(kAsset, "retention_policy { trend_days: 13 etag: '" + etag + "' }"),
                StatusCode::ABORTED, "ETAG_MISMATCH", "retention_policy.etag");
  const std::string current = (Get(kAsset), policy_.etag());
  ASSERT_TRUE(Update(kAsset, "retention_policy { trend_days: 14 etag: '" + current + "' }").ok());
  ASSERT_TRUE(Delete(kAsset).ok());
  ExpectRefused(
      Update(kAsset, "retention_policy { trend_days: 15 etag: '" + policy_.etag() + "' }"),
      StatusCode::ABORTED, "ETAG_MISMATCH", "retention_policy.etag");
}

TEST_F(AdminCalls, RefuseWhatIsNoPolicy) {
  ExpectRefused(Update(kSite, "retention_policy { trend_days: -1 }"), StatusCode::INVALID_ARGUMENT,
                "BAD_DAYS", "retention_policy.trend_days");
  ExpectRefused(Update(kSite, "retention_policy { hourly_rollup_days: 36501 }"),
                StatusCode::INVALID_ARGUMENT, "BAD_DAYS", "retention_policy.hourly_rollup_days");
  ExpectRefused(Update(kSite, "update_mask { paths: 'days' }"), StatusCode::INVALID_ARGUMENT,
                "UNKNOWN_PATH", "update_mask");
  for (const char* name : {"", "sites/demo", "retentionpolicy", "sites/-/retentionPolicy",
                           "sites/demo/assets/pump/points/de/retentionPolicy"}) {
    SCOPED_TRACE(name);
    ExpectRefused(Get(name), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
    ExpectRefused(Update(name, ""), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME",
                  "retention_policy.name");
  }
  ExpectRefused(Update("sites/nowhere/retentionPolicy", ""), StatusCode::NOT_FOUND, "UNKNOWN_SITE",
                "retention_policy.name");
  ExpectRefused(Get("sites/demo/assets/fan/retentionPolicy"), StatusCode::NOT_FOUND,
                "UNKNOWN_ASSET", "name");
  ExpectRefused(Get(kSite), StatusCode::NOT_FOUND, "NO_RETENTION_POLICY", "name");
}

TEST_F(AdminCalls, ListPoliciesPageByPageAndForgetThoseOfDeletedAssets) {
  CreateAsset("demo", "fan");
  const std::string fan = "sites/demo/assets/fan/retentionPolicy";
  for (const std::string& name :
       {std::string(kAsset), std::string(kPlant), fan, std::string(kSite)})
    ASSERT_TRUE(Update(name, "retention_policy { trend_days: 5 }").ok());
  v1::ListRetentionPoliciesRequest request;
  request.set_page_size(1);
  v1::ListRetentionPoliciesResponse page;
  std::vector<std::string> names;
  do {
    const grpc::Status status = Ask(&AdminStub::ListRetentionPolicies, request, page);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(page.retention_policies_size(), 1);
    names.push_back(page.retention_policies(0).name());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  EXPECT_THAT(names, ElementsAre(kPlant, kSite, fan, kAsset));
  v1::DeleteSiteRequest deletion;
  deletion.set_name("sites/demo");
  deletion.set_force(true);
  google::protobuf::Empty nothing;
  ASSERT_TRUE(Call(&Stub::DeleteSite, deletion, nothing).ok());
  ASSERT_TRUE(Ask(&AdminStub::ListRetentionPolicies, {}, page).ok());
  ASSERT_EQ(page.retention_policies_size(), 1);
  EXPECT_EQ(page.retention_policies(0).name(), kPlant);
}

TEST_F(AdminCalls, StorageIsToldByKindWithADateForAFullDisk) {
  CreatePoint("sites/demo/assets/pump", "de");
  StoreRecord("pump", "de", 1'795'348'800'000'000, 1, 90);
  v1::Storage storage;
  ASSERT_TRUE(Ask(&AdminStub::GetStorage, v1::GetStorageRequest(), storage).ok());
  EXPECT_GT(storage.disk_total_bytes(), storage.disk_free_bytes());
  EXPECT_GT(storage.disk_free_bytes(), 0);
  EXPECT_FALSE(storage.has_full_time()) << "nothing is known of growth yet";
  bool found = false;
  for (const v1::StorageKind& kind : storage.kinds()) {
    EXPECT_FALSE(kind.has_bytes_per_day());
    if (kind.kind() != "trend") continue;
    found = true;
    EXPECT_EQ(kind.partition_count(), 1);
    EXPECT_EQ(kind.oldest_time().seconds(), 1'795'348'800);
  }
  EXPECT_TRUE(found);
  // Full in a day and a half.
  const db::Param grown[] = {db::Int(storage.disk_free_bytes() * 2 / 3)};
  ASSERT_TRUE(
      connection_
          ->Execute("INSERT INTO storage_sample SELECT"
                    " (now() AT TIME ZONE 'UTC')::date - day, 'trend', (2 - day) * $1::bigint"
                    " FROM generate_series(0, 2) AS day",
                    grown)
          .ok());
  ASSERT_TRUE(Ask(&AdminStub::GetStorage, v1::GetStorageRequest(), storage).ok());
  ASSERT_TRUE(storage.has_full_time());
  // Others write to the same disk meanwhile.
  EXPECT_NEAR(static_cast<double>(storage.full_time().seconds() - storage.sample_time().seconds()),
              1.5 * 86400, 0.05 * 86400);
}

}  // namespace
}  // namespace auscult::server
