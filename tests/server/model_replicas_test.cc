// What one server makes active counts on the others that share its database.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "auscult/v1/model_service.grpc.pb.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "server/server.h"
#include "tests/models/made_classifier.h"
#include "tests/server/ingest_fixture.h"

namespace auscult::server {
namespace {

using ::testing::HasSubstr;

TEST(ModelReplicas, SeeAnActivationWithinSecondsAndAtTheStart) {
  const support::TestDatabase database{support::TestDatabase::Empty{}};
  Config config;
  config.listen = "127.0.0.1:0";
  config.rest_listen = "127.0.0.1:0";
  config.database = database.conninfo();
  const auto first = Server::Start(config);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Server::Start(config);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT((*second)->Description(), HasSubstr("judges by  the physics"));

  const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string((*first)->port()),
                                           grpc::InsecureChannelCredentials());
  const auto models = v1::ModelService::NewStub(channel);
  v1::ImportModelVersionRequest import;
  import.set_parent("models/diagnosis");
  import.set_file(models::MadeClassifier().Serialize());
  v1::ModelVersion version;
  grpc::ClientContext importing;
  ASSERT_TRUE(models->ImportModelVersion(&importing, import, &version).ok());
  v1::ActivateModelVersionRequest activate;
  activate.set_name(version.name());
  grpc::ClientContext activating;
  ASSERT_TRUE(models->ActivateModelVersion(&activating, activate, &version).ok());

  const std::string judges = "judges by  " + version.name();
  EXPECT_THAT((*first)->Description(), HasSubstr(judges));
  EXPECT_TRUE(
      Eventually([&] { return (*second)->Description().find(judges) != std::string::npos; }));
  // Damaged meanwhile: a server that starts says so, and works.
  ASSERT_TRUE(database.Connect()
                  ->Execute("UPDATE model_version SET file = substring(file FROM 1 FOR 99)")
                  .ok());
  const auto third = Server::Start(config);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_THAT((*third)->Description(), HasSubstr("the physics alone, for " + version.name()));
}

}  // namespace
}  // namespace auscult::server
