#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "auscult/v1/model_service.grpc.pb.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "server/model_calls.h"
#include "server/model_comparison.h"
#include "server/model_service.h"
#include "server/model_training.h"
#include "server/model_view.h"
#include "server/operation_runner.h"
#include "server/operations_service.h"
#include "tests/db/plant_of_points.h"
#include "tests/models/made_classifier.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/plant_server.h"

namespace auscult::server {

// Model and operations services over loopback, with a runner, on a database of their own with the
// points of db::PlantOfPoints.
class ModelServer : public ::testing::Test {
 protected:
  using Operation = google::longrunning::Operation;

  explicit ModelServer(int point_count = 2) : plant_(point_count) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.SetMaxReceiveMessageSize(32 << 20);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&models_service_);
    builder.RegisterService(&operations_service_);
    server_ = builder.BuildAndStart();
    const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                             grpc::InsecureChannelCredentials());
    models_ = v1::ModelService::NewStub(channel);
    operations_ = google::longrunning::Operations::NewStub(channel);
  }
  ~ModelServer() override {
    runner_.AskToStop();
    operations_service_.StopWaiting();
    server_->Shutdown();
  }

  template <typename Stub, typename Request, typename Response>
  static grpc::Status CallOn(Stub& stub,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Response*),
                             const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return (stub.*method)(&context, request, &response);
  }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::ModelService::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response& response) {
    return CallOn(*models_, method, request, response);
  }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (google::longrunning::Operations::Stub::*method)(
                        grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response) {
    return CallOn(*operations_, method, request, response);
  }

  grpc::Status Import(const std::string& file, v1::ModelVersion& version) {
    v1::ImportModelVersionRequest request;
    request.set_parent("models/diagnosis");
    request.set_description("made");
    request.set_file(file);
    return Call(&v1::ModelService::Stub::ImportModelVersion, request, version);
  }
  std::string Imported(const models::Classifier& classifier) {
    v1::ModelVersion version;
    const grpc::Status status = Import(classifier.Serialize(), version);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return version.name();
  }
  grpc::Status Activate(const std::string& name, v1::ModelVersion& version) {
    v1::ActivateModelVersionRequest request;
    request.set_name(name);
    return Call(&v1::ModelService::Stub::ActivateModelVersion, request, version);
  }

  // The operation once it is done, as WaitOperation answers it.
  Operation Await(const Operation& begun) {
    google::longrunning::WaitOperationRequest request;
    request.set_name(begun.name());
    request.mutable_timeout()->set_seconds(30);
    Operation operation;
    const grpc::Status status =
        Call(&google::longrunning::Operations::Stub::WaitOperation, request, operation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(operation.done());
    return operation;
  }

  static std::string PointName(int index) {
    return "sites/s/assets/a/points/p" + std::to_string(index);
  }

  db::PlantOfPoints plant_;
  db::Pool pool_{plant_.conninfo(), 4};
  PlantDirectory directory_{&pool_, 1000};
  db::ActiveClassifier active_;
  OperationRunner runner_{plant_.conninfo(),
                          {{kTrainKind, TrainingHandler(&directory_, &active_)},
                           {kCompareKind, ComparisonHandler(&directory_)}}};
  ModelService models_service_{&OpenGate(), &pool_, &active_, &runner_};
  OperationsService operations_service_{&OpenGate(), &pool_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::ModelService::Stub> models_;
  std::unique_ptr<google::longrunning::Operations::Stub> operations_;
};

}  // namespace auscult::server
