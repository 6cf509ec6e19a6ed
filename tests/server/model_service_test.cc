#include "server/model_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/model_calls.h"
#include "tests/models/mutations.h"
#include "tests/server/model_server.h"

namespace auscult::server {
namespace {

using models::Fault;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Stub = v1::ModelService::Stub;

class ModelServiceTest : public ModelServer {
 protected:
  v1::ListModelVersionsResponse List(const std::string& parent = "models/diagnosis") {
    v1::ListModelVersionsRequest request;
    request.set_parent(parent);
    v1::ListModelVersionsResponse response;
    const grpc::Status status = Call(&Stub::ListModelVersions, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Get(const std::string& name, v1::ModelVersion& version) {
    v1::GetModelVersionRequest request;
    request.set_name(name);
    return Call(&Stub::GetModelVersion, request, version);
  }
  grpc::Status RollBack(v1::ModelVersion& version) {
    v1::RollbackModelRequest request;
    request.set_name("models/diagnosis");
    return Call(&Stub::RollbackModel, request, version);
  }
  grpc::Status Delete(const std::string& name) {
    v1::DeleteModelVersionRequest request;
    request.set_name(name);
    google::protobuf::Empty response;
    return Call(&Stub::DeleteModelVersion, request, response);
  }
};

TEST_F(ModelServiceTest, BeginsWithThePhysics) {
  const v1::ListModelVersionsResponse list = List("models/-");
  ASSERT_EQ(list.versions_size(), 1);
  const v1::ModelVersion& physics = list.versions(0);
  EXPECT_EQ(physics.name(), "models/diagnosis/versions/0");
  EXPECT_TRUE(physics.active());
  EXPECT_FALSE(physics.has_activate_time());
  EXPECT_THAT(physics.feature_set(), HasSubstr("vibration/"));
  EXPECT_EQ(physics.faults(0), v1::FAULT_HEALTHY);
  EXPECT_GT(physics.faults_size(), 10);
}

TEST_F(ModelServiceTest, ImportsActivatesRollsBackAndDeletes) {
  const models::Classifier classifier = models::MadeClassifier();
  v1::ModelVersion version;
  ASSERT_TRUE(Import(classifier.Serialize(), version).ok());
  EXPECT_EQ(version.name(), "models/diagnosis/versions/1");
  EXPECT_EQ(version.description(), "made");
  EXPECT_FALSE(version.active());
  EXPECT_EQ(version.metrics_json(), classifier.metrics());
  EXPECT_EQ(version.recipe_json(), classifier.recipe());
  EXPECT_THAT(version.faults(), ElementsAre(v1::FAULT_HEALTHY, v1::FAULT_INNER_RACE,
                                            v1::FAULT_OUTER_RACE, v1::FAULT_BALL));
  const std::string name = version.name();
  EXPECT_EQ(Imported(classifier), name);  // the same file is the same version
  EXPECT_EQ(active_.Get().version, 0);
  ASSERT_TRUE(Activate(name, version).ok());
  EXPECT_TRUE(version.active());
  EXPECT_TRUE(version.has_activate_time());
  EXPECT_EQ(version.problem(), "");
  // From the answer on, here.
  EXPECT_EQ(active_.Get().version, 1);
  ExpectRefused(Delete(name), grpc::StatusCode::FAILED_PRECONDITION, "MODEL_ACTIVE", "name");
  EXPECT_EQ(List().versions_size(), 2);
  EXPECT_TRUE(List().versions(0).active());
  ASSERT_TRUE(RollBack(version).ok());
  EXPECT_EQ(version.name(), "models/diagnosis/versions/0");
  EXPECT_EQ(active_.Get().version, 0);
  ExpectRefused(RollBack(version), grpc::StatusCode::FAILED_PRECONDITION, "NOTHING_TO_ROLL_BACK",
                "name");
  EXPECT_TRUE(Delete(name).ok());
  ExpectRefused(Get(name, version), grpc::StatusCode::NOT_FOUND, "UNKNOWN_MODEL_VERSION", "name");
  ExpectRefused(Delete("models/diagnosis/versions/0"), grpc::StatusCode::FAILED_PRECONDITION,
                "MODEL_ACTIVE", "name");
}

TEST_F(ModelServiceTest, NamesThePointsItWasMadeFromOnlyToWhoMaySeeAllSites) {
  v1::GetModelVersionRequest request;
  request.set_name(Imported(models::MadeClassifier()));
  auto lease = pool_.Acquire();
  ASSERT_TRUE(lease.ok()) << lease.status();
  for (const std::string site : {"", "a"}) {
    Caller caller{"keys/k", {{v1::ROLE_ADMIN, site}}, std::nullopt};
    CallScope scope{.connection = **lease,
                    .still_wanted = absl::OkStatus,
                    .caller = std::make_shared<const Caller>(caller)};
    v1::ModelVersion version;
    ASSERT_TRUE(GetModelVersion(scope, request, active_, version).ok());
    EXPECT_EQ(version.recipe_json().empty(), site == "a");
    EXPECT_EQ(version.metrics_json().empty(), site == "a");
    v1::ListModelVersionsRequest list;
    list.set_parent("models/diagnosis");
    v1::ListModelVersionsResponse versions;
    ASSERT_TRUE(ListModelVersions(scope, list, active_, versions).ok());
    EXPECT_EQ(versions.versions(0).recipe_json().empty(), site == "a");
  }
}

TEST_F(ModelServiceTest, RefusesNamesThatNameNothing) {
  v1::ModelVersion version;
  ExpectRefused(Get("models/diagnosis/versions/latest", version),
                grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
  ExpectRefused(Get("models/diagnosis/versions/01", version), grpc::StatusCode::INVALID_ARGUMENT,
                "MALFORMED_NAME", "name");
  ExpectRefused(Get("models/diagnosis/versions/9", version), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_MODEL_VERSION", "name");
  ExpectRefused(Get("models/other/versions/1", version), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_MODEL", "name");
  ExpectRefused(Activate("models/diagnosis/versions/9", version), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_MODEL_VERSION", "name");
}

TEST_F(ModelServiceTest, PagesThroughVersions) {
  for (uint64_t seed = 1; seed <= 5; ++seed) Imported(models::MadeClassifier(seed, 1, 2));
  v1::ListModelVersionsRequest request;
  request.set_parent("models/diagnosis");
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    v1::ListModelVersionsResponse response;
    ASSERT_TRUE(Call(&Stub::ListModelVersions, request, response).ok());
    EXPECT_LE(response.versions_size(), 2);
    for (const auto& version : response.versions()) names.push_back(version.name());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  ASSERT_EQ(names.size(), 6u);
  EXPECT_EQ(names.front(), "models/diagnosis/versions/5");
  EXPECT_EQ(names.back(), "models/diagnosis/versions/0");
}

TEST_F(ModelServiceTest, AThousandDamagedFilesLeaveTheActiveModelWhereItWas) {
  const models::Classifier classifier = models::MadeClassifier();
  v1::ModelVersion version;
  ASSERT_TRUE(Activate(Imported(classifier), version).ok());
  const std::string active = version.name();
  const std::string bytes = classifier.Serialize();
  models::Random random(23);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string damaged = models::Mutate(bytes, random);
    const grpc::Status status = Import(damaged, version);
    if (status.ok()) {
      // An accident may have made another sound number: then that is what is stored.
      EXPECT_TRUE(models::Classifier::Parse(damaged).ok());
      continue;
    }
    ++refused;
    const Refusal refusal = RefusalOf(status);
    ASSERT_EQ(refusal.code, grpc::StatusCode::INVALID_ARGUMENT) << refusal.message;
    ASSERT_EQ(refusal.reason, "BAD_MODEL_FILE");
    ASSERT_EQ(refusal.field, "file");
    ASSERT_THAT(refusal.message, HasSubstr("model file: "));
  }
  EXPECT_GT(refused, 700);
  ASSERT_TRUE(Get(active, version).ok());
  EXPECT_TRUE(version.active());
  EXPECT_EQ(active_.Get().classifier->Serialize(), bytes);
}

TEST_F(ModelServiceTest, SaysThatAStoredFileWasDamagedAndGoesOnWithThePhysics) {
  v1::ModelVersion version;
  const std::string name = Imported(models::MadeClassifier(1));
  const std::string other = Imported(models::MadeClassifier(2));
  ASSERT_TRUE(Activate(name, version).ok());
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE model_version SET file = substring(file FROM 1 FOR 100)")
                  .ok());
  // A server that starts now.
  db::ActiveClassifier fresh;
  RefreshClassifier(fresh, plant_.connection());
  EXPECT_EQ(fresh.Get().classifier, nullptr);
  const auto stored = db::GetModelVersion(plant_.connection(), "diagnosis", 1);
  ASSERT_TRUE(stored.ok());
  EXPECT_THAT(MessageOf(*stored, fresh).problem(), HasSubstr("cannot be used"));
  // A damaged version is not made active.
  ExpectRefused(Activate(other, version), grpc::StatusCode::FAILED_PRECONDITION, "MODEL_DAMAGED",
                "name");
}

}  // namespace
}  // namespace auscult::server
