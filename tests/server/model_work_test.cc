// TrainModel and CompareModelVersions from the call to the answer, and the operations they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "google/protobuf/util/time_util.h"
#include "tests/server/model_server.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;
using models::Fault;
using ::testing::HasSubstr;
using Operations = google::longrunning::Operations::Stub;

constexpr int64_t kStartUs = db::PlantOfPoints::kStartUs;
constexpr int64_t kHourUs = db::PlantOfPoints::kHourUs;

class ModelWork : public ModelServer {
 protected:
  ModelWork() : ModelServer(4) {}

  // Records of a point with bearing lines, of which that of the ball stands out by `ball`.
  void Store(int point, int first, int count, float ball) {
    std::vector<db::Record> records = plant_.MakeSeries(point, first, count);
    const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
    for (db::Record& record : records) {
      const auto put = [&](const char* name, float value) {
        record.features.values[static_cast<size_t>(features::FeatureIndex(set, name))] = value;
      };
      put("bpfo_existence", 1);
      put("bpfi_existence", 1);
      put("ball_existence", 1 + ball);
      put("ball_depth", 0.1f * ball);
    }
    db::TrendWriter writer(plant_.conninfo(), &baselines_);
    ASSERT_EQ(plant_.Accepted(writer.Write(records)), count);
  }

  void Label(v1::TrainModelRequest& request, int point, int first, int count, v1::Fault fault) {
    v1::LabelledPeriod& label = *request.add_labels();
    label.set_point(PointName(point));
    label.set_fault(fault);
    label.set_rig("rig " + std::to_string(point));
    *label.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(kStartUs + first * kHourUs);
    *label.mutable_end_time() =
        TimeUtil::MicrosecondsToTimestamp(kStartUs + (first + count) * kHourUs);
  }

  grpc::Status Train(const v1::TrainModelRequest& request, Operation& operation) {
    return Call(&v1::ModelService::Stub::TrainModel, request, operation);
  }

  v1::CompareModelVersionsRequest Comparison(const std::string& candidate,
                                             const std::string& scope = "sites/-") {
    v1::CompareModelVersionsRequest request;
    request.set_candidate(candidate);
    request.set_scope(scope);
    *request.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(kStartUs);
    *request.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(kStartUs + 1000 * kHourUs);
    return request;
  }
  grpc::Status Compare(const v1::CompareModelVersionsRequest& request, Operation& operation) {
    return Call(&v1::ModelService::Stub::CompareModelVersions, request, operation);
  }

  db::BaselineCache baselines_{10};
};

TEST_F(ModelWork, TrainsOnLabelledPeriodsOfStoredRecords) {
  v1::TrainModelRequest request;
  request.set_parent("models/diagnosis");
  request.set_description("first of its kind");
  for (int point = 0; point < 4; ++point) {
    Store(point, 0, 20, 0);
    Store(point, 20, 20, 6);
    Label(request, point, 0, 20, v1::FAULT_HEALTHY);
    Label(request, point, 20, 20, v1::FAULT_BALL);
  }
  Operation operation;
  ASSERT_TRUE(Train(request, operation).ok());
  EXPECT_FALSE(operation.done());
  EXPECT_TRUE(operation.metadata().Is<v1::TrainMetadata>());
  operation = Await(operation);
  ASSERT_TRUE(operation.has_response()) << operation.error().message();
  v1::ModelVersion version;
  ASSERT_TRUE(operation.response().UnpackTo(&version));
  EXPECT_EQ(version.name(), "models/diagnosis/versions/1");
  EXPECT_FALSE(version.active());
  EXPECT_EQ(version.description(), "first of its kind");
  EXPECT_THAT(version.recipe_json(), HasSubstr("sites/s/assets/a/points/p0"));
  EXPECT_THAT(version.faults(), ::testing::ElementsAre(v1::FAULT_HEALTHY, v1::FAULT_BALL));
  v1::TrainMetadata metadata;
  ASSERT_TRUE(operation.metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.record_count(), 160);
  EXPECT_EQ(metadata.progress(), 1);
  // The same records and seed are the same model.
  ASSERT_TRUE(Train(request, operation).ok());
  ASSERT_TRUE(Await(operation).response().UnpackTo(&version));
  EXPECT_EQ(version.name(), "models/diagnosis/versions/1");
}

TEST_F(ModelWork, LearnsFromTheFindingsOfClosedCases) {
  for (int point = 0; point < 4; ++point) {
    Store(point, 0, 20, 0);
    Store(point, 20, 20, 6);
    const db::Param values[] = {
        db::Int(plant_.point(point).asset_id), db::Int(plant_.point(point).point_id),
        db::Int(plant_.point(point).site_id),  db::TimeUs(kStartUs),
        db::TimeUs(kStartUs + 19 * kHourUs),   db::TimeUs(kStartUs + 20 * kHourUs),
        db::TimeUs(kStartUs + 39 * kHourUs)};
    // A false alarm, then one in which a ball was found although the outer race was named.
    ASSERT_TRUE(plant_.connection()
                    .Execute("INSERT INTO alarm (asset_id, points, site_id, kind, fault, condition,"
                             " worst_condition, opened_at, updated_at, closed_at, finding,"
                             " found_fault)"
                             " SELECT $1, ARRAY[$2::bigint], $3, 1, 2, 3, 3, f.a, f.a, f.z, f.f,"
                             " f.x FROM (VALUES ($4::timestamptz, $5::timestamptz, 2, NULL),"
                             " ($6, $7, 3, 3)) AS f (a, z, f, x)",
                             values)
                    .ok());
  }
  v1::TrainModelRequest request;
  request.set_parent("models/diagnosis");
  request.set_use_findings(true);
  Operation operation;
  ASSERT_TRUE(Train(request, operation).ok());
  operation = Await(operation);
  v1::TrainMetadata metadata;
  ASSERT_TRUE(operation.metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.record_count(), 160);
  // All of one asset: nothing could be held out.
  EXPECT_EQ(operation.error().code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(operation.error().message(), HasSubstr("rigs"));
}

TEST_F(ModelWork, RefusesTrainingThatCannotBeMeant) {
  Operation operation;
  v1::TrainModelRequest request;
  request.set_parent("models/diagnosis");
  ExpectRefused(Train(request, operation), grpc::StatusCode::INVALID_ARGUMENT, "MISSING_FIELD",
                "labels");
  Label(request, 0, 0, 20, v1::FAULT_OTHER);
  ExpectRefused(Train(request, operation), grpc::StatusCode::INVALID_ARGUMENT, "BAD_LABEL",
                "labels[0].fault");
  request.mutable_labels(0)->set_fault(v1::FAULT_BALL);
  request.mutable_labels(0)->set_point(PointName(77));
  ExpectRefused(Train(request, operation), grpc::StatusCode::NOT_FOUND, "UNKNOWN_POINT",
                "labels[0].point");
  request.mutable_labels(0)->set_point(PointName(0));
  request.mutable_labels(0)->clear_end_time();
  ExpectRefused(Train(request, operation), grpc::StatusCode::INVALID_ARGUMENT, "MISSING_TIME",
                "labels[0].end_time");
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM operation"), 0);
}

TEST_F(ModelWork, ComparesTwoVersionsAndChangesNothing) {
  for (int point = 0; point < 2; ++point) Store(point, 0, 100, 0);
  const std::string before = plant_.Everything();
  const std::string ball =
      Imported(models::ConstantClassifier({Fault::kHealthy, Fault::kBall}, {0.001f, 0.999f}));
  Operation operation;
  ASSERT_TRUE(Compare(Comparison(ball), operation).ok());
  operation = Await(operation);
  v1::ModelComparison result;
  ASSERT_TRUE(operation.response().UnpackTo(&result)) << operation.error().message();
  EXPECT_EQ(result.record_count(), 200);
  EXPECT_EQ(result.point_count(), 2);
  EXPECT_GT(result.verdicts_changed(), 100);
  EXPECT_EQ(result.base_health().counts_size(), 10);
  ASSERT_EQ(result.points_size(), 2);
  EXPECT_EQ(result.points(0).record_count(), 100);
  EXPECT_EQ(result.points(0).verdicts_changed() + result.points(1).verdicts_changed(),
            result.verdicts_changed());
  int64_t verdicts = 0, records = 0;
  for (const v1::AssetComparison& asset : result.assets()) {
    EXPECT_TRUE(PointName(0).starts_with(asset.asset() + "/")) << asset.asset();
    verdicts += asset.verdicts_changed();
    records += asset.record_count();
    EXPECT_EQ(asset.candidate_health().counts_size(), 10);
  }
  EXPECT_EQ(verdicts, result.verdicts_changed());
  EXPECT_EQ(records, 200);
  v1::CompareMetadata metadata;
  ASSERT_TRUE(operation.metadata().UnpackTo(&metadata));
  EXPECT_FLOAT_EQ(metadata.progress(), 1);
  EXPECT_EQ(metadata.record_count(), 200);
  EXPECT_EQ(plant_.Everything(), before);

  // One point, a version with itself.
  v1::CompareModelVersionsRequest request = Comparison(ball, PointName(1));
  request.set_base(ball);
  ASSERT_TRUE(Compare(request, operation).ok());
  ASSERT_TRUE(Await(operation).response().UnpackTo(&result));
  EXPECT_EQ(result.record_count(), 100);
  EXPECT_EQ(result.verdicts_changed(), 0);
  EXPECT_EQ(result.points_size(), 0);
  EXPECT_EQ(result.assets_size(), 0);
}

TEST_F(ModelWork, RefusesComparisonsOfNothing) {
  Operation operation;
  ExpectRefused(Compare(Comparison("models/diagnosis/versions/7"), operation),
                grpc::StatusCode::NOT_FOUND, "UNKNOWN_MODEL_VERSION", "candidate");
  ExpectRefused(Compare(Comparison("models/diagnosis/versions/0", "sites/x"), operation),
                grpc::StatusCode::NOT_FOUND, "UNKNOWN_SITE", "scope");
  ExpectRefused(Compare(Comparison("models/diagnosis/versions/0", "x"), operation),
                grpc::StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "scope");
  v1::CompareModelVersionsRequest request = Comparison("models/diagnosis/versions/0");
  *request.mutable_end_time() = request.start_time();
  ExpectRefused(Compare(request, operation), grpc::StatusCode::INVALID_ARGUMENT, "EMPTY_PERIOD",
                "start_time");
}

TEST_F(ModelWork, OperationsAreListedCancelledAndDeleted) {
  // Held by nobody who works, so that it stays.
  const auto held = db::AddOperation(plant_.connection(), "later", "", "");
  ASSERT_TRUE(held.ok());
  const std::string name = "operations/" + std::to_string(held->id);
  google::longrunning::ListOperationsRequest list;
  google::longrunning::ListOperationsResponse listed;
  list.set_filter("done = false");
  ASSERT_TRUE(Call(&Operations::ListOperations, list, listed).ok());
  ASSERT_EQ(listed.operations_size(), 1);
  EXPECT_EQ(listed.operations(0).name(), name);
  google::longrunning::WaitOperationRequest wait;
  wait.set_name(name);
  wait.mutable_timeout()->set_nanos(100'000'000);
  Operation operation;
  ASSERT_TRUE(Call(&Operations::WaitOperation, wait, operation).ok());
  EXPECT_FALSE(operation.done());
  google::longrunning::DeleteOperationRequest remove;
  remove.set_name(name);
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Operations::DeleteOperation, remove, empty),
                grpc::StatusCode::FAILED_PRECONDITION, "OPERATION_RUNNING", "name");
  // A wait without an end sees the cancellation.
  std::thread waiting([&] {
    wait.clear_timeout();
    EXPECT_TRUE(Call(&Operations::WaitOperation, wait, operation).ok());
  });
  google::longrunning::CancelOperationRequest cancel;
  cancel.set_name(name);
  ASSERT_TRUE(Call(&Operations::CancelOperation, cancel, empty).ok());
  waiting.join();
  EXPECT_EQ(operation.error().code(), static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_TRUE(Call(&Operations::DeleteOperation, remove, empty).ok());
  google::longrunning::GetOperationRequest get;
  get.set_name(name);
  ExpectRefused(Call(&Operations::GetOperation, get, operation), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_OPERATION", "name");
  ExpectRefused(Call(&Operations::WaitOperation, wait, operation), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_OPERATION", "name");
  get.set_name("operations/one");
  ExpectRefused(Call(&Operations::GetOperation, get, operation), grpc::StatusCode::INVALID_ARGUMENT,
                "MALFORMED_NAME", "name");
  list.set_filter("kind = train");
  ExpectRefused(Call(&Operations::ListOperations, list, listed), grpc::StatusCode::INVALID_ARGUMENT,
                "BAD_FILTER", "filter");
}

}  // namespace
}  // namespace auscult::server
