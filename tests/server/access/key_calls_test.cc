// Keys, from the first one on, against a real server.

#include "server/access/key_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "tests/server/access/access_server.h"

namespace auscult::server {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class Keys : public AccessServer {
 protected:
  using Stub = v1::AdminService::Stub;

  v1::CreateKeyRequest AboutKey(const std::string& id, v1::Role role, const std::string& site) {
    v1::CreateKeyRequest request;
    request.set_key_id(id);
    v1::Grant& grant = *request.mutable_key()->add_grants();
    grant.set_role(role);
    grant.set_site(site);
    return request;
  }
  std::string Created(const std::string& credential, const v1::CreateKeyRequest& request) {
    v1::CreateKeyResponse response;
    const grpc::Status status = Ask(credential, &Stub::CreateKey, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.key().name(), "keys/" + request.key_id());
    return response.secret();
  }
  std::string ReasonOfCreating(const v1::CreateKeyRequest& request, const std::string& credential) {
    v1::CreateKeyResponse response;
    return RefusalOf(Ask(credential, &Stub::CreateKey, request, response)).reason;
  }
  v1::Key Revoked(const std::string& credential, const std::string& id) {
    v1::RevokeKeyRequest request;
    request.set_name("keys/" + id);
    v1::Key key;
    const grpc::Status status = Ask(credential, &Stub::RevokeKey, request, key);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return key;
  }
};

TEST_F(Keys, AreWantedFromTheFirstOneOn) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(WhoIs(""), "local");
  EXPECT_EQ(WhoIs("ak_nonsense"), "BAD_KEY");
  EXPECT_EQ(WhoIs("nonsense"), "BAD_TOKEN");
  const std::string secret = Created("", AboutKey("boss", v1::ROLE_ADMIN, "sites/-"));
  EXPECT_EQ(secret.size(), 46u);
  EXPECT_TRUE(secret.starts_with("ak_"));
  EXPECT_EQ(WhoIs(""), "NO_CREDENTIALS");
  EXPECT_EQ(WhoIs(secret), "keys/boss");
  EXPECT_EQ(WhoIs(secret.substr(0, 45)), "BAD_KEY");
  EXPECT_EQ(WhoIs(secret + "x"), "BAD_KEY");
  // Of the secret the database has the hash alone.
  const auto rows = connection_->Query("SELECT to_jsonb(k)::text FROM access_key AS k");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Text(0, 0).find(secret.substr(3)), std::string_view::npos);
  // The last key that goes does not open the server again.
  Revoked(secret, "boss");
  EXPECT_EQ(WhoIs(secret), "KEY_REVOKED");
  EXPECT_EQ(WhoIs(""), "NO_CREDENTIALS");
}

TEST_F(Keys, AreAskedForOrNotAsTheSettingSays) {
  config_.auth = "required";
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(WhoIs(""), "NO_CREDENTIALS");
  server_.reset();
  config_.auth = "off";
  const std::string secret = StoreKey("viewer", {{v1::ROLE_VIEWER, ""}});
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(WhoIs(""), "local");
  EXPECT_EQ(WhoIs(secret), "keys/viewer");
  EXPECT_EQ(WhoIs("ak_nonsense"), "BAD_KEY");
}

TEST_F(Keys, AreRefusedWhereTheyMakeNoSense) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(ReasonOfCreating(AboutKey("UPPER", v1::ROLE_VIEWER, "sites/-"), ""), "BAD_ID");
  EXPECT_EQ(ReasonOfCreating(AboutKey("", v1::ROLE_VIEWER, "sites/-"), ""), "BAD_ID");
  EXPECT_EQ(ReasonOfCreating(AboutKey("k", v1::ROLE_UNSPECIFIED, "sites/-"), ""), "BAD_GRANT");
  EXPECT_EQ(ReasonOfCreating(AboutKey("k", static_cast<v1::Role>(77), "sites/-"), ""), "BAD_GRANT");
  EXPECT_EQ(ReasonOfCreating(AboutKey("k", v1::ROLE_VIEWER, "own"), ""), "MALFORMED_NAME");
  EXPECT_EQ(ReasonOfCreating(AboutKey("k", v1::ROLE_VIEWER, ""), ""), "MALFORMED_NAME");
  v1::CreateKeyRequest request = AboutKey("k", v1::ROLE_VIEWER, "sites/-");
  request.mutable_key()->mutable_expire_time()->set_seconds(1);
  EXPECT_EQ(ReasonOfCreating(request, ""), "BAD_TIME");
  request.mutable_key()->clear_expire_time();
  request.mutable_key()->clear_grants();
  EXPECT_EQ(ReasonOfCreating(request, ""), "BAD_GRANT");
  const std::string boss = Created("", AboutKey("boss", v1::ROLE_ADMIN, "sites/-"));
  Revoked(boss, "boss");
}

TEST_F(Keys, KeepTheirNamesAndTheirTimes) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const std::string boss = Created("", AboutKey("boss", v1::ROLE_ADMIN, "sites/-"));
  v1::CreateKeyRequest request = AboutKey("line-3", v1::ROLE_INGEST, "sites/own");
  request.mutable_key()->set_description("gateway of line 3");
  const std::string secret = Created(boss, request);
  EXPECT_EQ(ReasonOfCreating(request, boss), "KEY_EXISTS");
  EXPECT_EQ(WhoIs(secret), "keys/line-3");
  v1::GetKeyRequest get;
  get.set_name("keys/line-3");
  v1::Key key;
  const auto used = [&] {
    EXPECT_TRUE(Ask(boss, &Stub::GetKey, get, key).ok());
    return key.has_last_use_time();
  };
  for (int i = 0; i < 500 && !used(); ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(key.has_last_use_time());
  EXPECT_EQ(key.last_use_time().seconds() % 3600, 0);
  EXPECT_EQ(key.description(), "gateway of line 3");
  EXPECT_EQ(key.creator(), "keys/boss");
  EXPECT_FALSE(key.has_revoke_time());
  const v1::Key revoked = Revoked(boss, "line-3");
  EXPECT_TRUE(revoked.has_revoke_time());
  EXPECT_EQ(Revoked(boss, "line-3").revoke_time().nanos(), revoked.revoke_time().nanos());
  EXPECT_EQ(ReasonOfCreating(request, boss), "KEY_EXISTS");
  get.set_name("keys/none");
  ExpectRefused(Ask(boss, &Stub::GetKey, get, key), grpc::StatusCode::NOT_FOUND, "UNKNOWN_KEY",
                "name");
  v1::ListKeysRequest list;
  list.set_page_size(1);
  v1::ListKeysResponse page;
  std::vector<std::string> names;
  do {
    ASSERT_TRUE(Ask(boss, &Stub::ListKeys, list, page).ok());
    for (const v1::Key& one : page.keys()) names.push_back(one.name());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(names, ElementsAre("keys/boss", "keys/line-3"));
}

TEST_F(Keys, AreRevokedForOtherServersWithinTwoSeconds) {
  const std::string secret = StoreKey("boss", {{v1::ROLE_ADMIN, ""}});
  ASSERT_NO_FATAL_FAILURE(Start());
  auto other = Server::Start(config_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(WhoIs(secret), "keys/boss");
  const auto there = v1::AdminService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string((*other)->port()), grpc::InsecureChannelCredentials()));
  v1::RevokeKeyRequest request;
  request.set_name("keys/boss");
  v1::Key key;
  grpc::ClientContext context;
  context.AddMetadata("authorization", "bearer " + secret);
  ASSERT_TRUE(there->RevokeKey(&context, request, &key).ok());
  const auto begin = std::chrono::steady_clock::now();
  while (WhoIs(secret) != "KEY_REVOKED" &&
         std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(2500));
}

TEST_F(Keys, ShowInListsWhatTheyMaySee) {
  const std::string own = StoreKey("own", {{v1::ROLE_VIEWER, "own"}});
  const std::string both = StoreKey("both", {{v1::ROLE_VIEWER, "own"}, {v1::ROLE_ADMIN, "other"}});
  const std::string all = StoreKey("all", {{v1::ROLE_VIEWER, ""}});
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto assets = v1::AssetService::NewStub(channel_);
  const auto seen = [&](const std::string& credential) {
    std::set<std::string> names;
    grpc::ClientContext context, again;
    context.AddMetadata("authorization", "Bearer " + credential);
    again.AddMetadata("authorization", "Bearer " + credential);
    v1::ListSitesResponse sites;
    EXPECT_TRUE(assets->ListSites(&context, {}, &sites).ok());
    for (const v1::Site& site : sites.sites()) names.insert(site.name());
    v1::ListAssetsRequest request;
    request.set_parent("sites/-");
    v1::ListAssetsResponse found;
    EXPECT_TRUE(assets->ListAssets(&again, request, &found).ok());
    for (const v1::Asset& asset : found.assets()) names.insert(asset.name());
    return names;
  };
  const auto of_all = UnorderedElementsAre("sites/own", "sites/other", "sites/own/assets/pump",
                                           "sites/other/assets/pump");
  EXPECT_THAT(seen(own), UnorderedElementsAre("sites/own", "sites/own/assets/pump"));
  EXPECT_THAT(seen(both), of_all);
  EXPECT_THAT(seen(all), of_all);
}

TEST_F(Keys, SendRecordsOfTheirSitesAlone) {
  const std::string secret = StoreKey("line", {{v1::ROLE_INGEST, "own"}});
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto ingest = v1::IngestService::NewStub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + secret);
  const auto stream = ingest->StreamWaveforms(&context);
  std::vector<std::string> reasons(4);
  uint64_t sequence = 0;
  for (const char* site : {"own", "other", "nowhere", "own"}) {
    v1::StreamWaveformsRequest request;
    request.set_sequence(sequence++);
    request.mutable_waveform()->set_point(std::string("sites/") + site + "/assets/pump/points/de");
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  v1::StreamWaveformsResponse ack;
  while (stream->Read(&ack)) reasons[ack.sequence()] = ack.result().rejection().reason();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(reasons[1], "UNKNOWN_POINT");
  EXPECT_EQ(reasons[2], "UNKNOWN_POINT");
  // Of the own site they come as far as the waveform, which is empty.
  EXPECT_NE(reasons[0], "UNKNOWN_POINT");
  EXPECT_EQ(reasons[0], reasons[3]);
}

}  // namespace
}  // namespace auscult::server
