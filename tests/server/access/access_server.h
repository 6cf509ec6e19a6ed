#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auscult/v1/admin_service.grpc.pb.h"
#include "db/key_store.h"
#include "db/plant_store.h"
#include "server/access/grants.h"
#include "server/access/key_secret.h"
#include "server/server.h"
#include "tests/server/plant_server.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {

// The whole server, on a database with the sites "own" and "other", each with the point
// "sites/.../assets/pump/points/de".
class AccessServer : public ::testing::Test {
 protected:
  AccessServer() {
    config_.listen = "127.0.0.1:0";
    config_.rest_listen = "";
    config_.database = database_.conninfo();
    connection_ = database_.Connect();
    for (const char* slug : {"own", "other"}) {
      db::Site site;
      site.slug = slug;
      EXPECT_TRUE(db::CreateSite(*connection_, site).ok());
      db::Asset asset;
      asset.site_slug = slug;
      asset.slug = "pump";
      EXPECT_TRUE(db::CreateAsset(*connection_, asset).ok());
      db::Point point;
      point.site_slug = slug;
      point.asset_slug = "pump";
      point.slug = "de";
      point.definition = R"({"channels":[{"quantity":"QUANTITY_ACCELERATION","unit":"g"}]})";
      EXPECT_TRUE(db::CreatePoint(*connection_, point).ok());
    }
  }

  void Start() {
    auto server = Server::Start(config_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = Dial(credentials_);
    admin_ = v1::AdminService::NewStub(channel_);
  }

  std::shared_ptr<grpc::Channel> Dial(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), credentials);
  }

  // Stores a key and answers its secret.
  std::string StoreKey(const std::string& slug, const std::vector<SiteRole>& roles,
                       std::optional<int64_t> expire_time_us = std::nullopt) {
    const absl::StatusOr<std::string> secret = MakeSecret();
    EXPECT_TRUE(secret.ok()) << secret.status();
    db::AccessKey key;
    key.slug = slug;
    key.grants = StoredGrants(GrantsOf(roles));
    key.secret_hash = HashSecret(*secret);
    key.expire_time_us = expire_time_us;
    EXPECT_TRUE(db::CreateAccessKey(*connection_, key).ok());
    return *secret;
  }
  // Stores a key that is that of a certificate.
  void StoreCertificate(const std::string& slug, const std::vector<SiteRole>& roles,
                        const std::string& name) {
    db::AccessKey key;
    key.slug = slug;
    key.grants = StoredGrants(GrantsOf(roles));
    key.certificate = name;
    EXPECT_TRUE(db::CreateAccessKey(*connection_, key).ok());
  }

  template <typename Request, typename Response>
  grpc::Status Ask(const std::string& credential,
                   grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    if (!credential.empty()) context.AddMetadata("authorization", "Bearer " + credential);
    response.Clear();
    return ((*admin_).*method)(&context, request, &response);
  }

  // Whom the server takes the bearer for; the reason of the refusal where it takes him for nobody.
  std::string WhoIs(const std::string& credential) {
    v1::Caller caller;
    const grpc::Status status =
        Ask(credential, &v1::AdminService::Stub::GetCaller, v1::GetCallerRequest(), caller);
    return status.ok() ? caller.principal() : RefusalOf(status).reason;
  }

  const support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_;
  Config config_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_ = grpc::InsecureChannelCredentials();
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace auscult::server
