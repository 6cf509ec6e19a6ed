#pragma once

#include <google/protobuf/text_format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/health_service.grpc.pb.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "db/active_classifier.h"
#include "db/postgres.h"
#include "server/asset_service.h"
#include "server/health_service.h"
#include "server/plant_directory.h"
#include "server/trend_service.h"
#include "tests/server/open_gate.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {

// What a refused call says to programs.
struct Refusal {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string reason, field, remedy, message;
  bool asks_to_retry = false;
};

inline Refusal RefusalOf(const grpc::Status& status) {
  Refusal refusal;
  refusal.code = status.error_code();
  refusal.message = status.error_message();
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) {
      refusal.reason = info.reason();
      EXPECT_EQ(info.domain(), "auscult.dev");
      const auto remedy = info.metadata().find("remedy");
      if (remedy != info.metadata().end()) refusal.remedy = remedy->second;
    } else if (detail.UnpackTo(&bad) && bad.field_violations_size() > 0) {
      refusal.field = bad.field_violations(0).field();
    } else if (detail.Is<google::rpc::RetryInfo>()) {
      refusal.asks_to_retry = true;
    }
  }
  return refusal;
}

// That the call was refused with this code, reason and field, and that the person is told what to
// do.
inline void ExpectRefused(const grpc::Status& status, grpc::StatusCode code,
                          const std::string& reason, const std::string& field = "") {
  const Refusal refusal = RefusalOf(status);
  EXPECT_EQ(refusal.code, code) << refusal.message;
  EXPECT_EQ(refusal.reason, reason) << refusal.message;
  EXPECT_EQ(refusal.field, field) << refusal.message;
  EXPECT_NE(refusal.remedy, "") << refusal.message;
}

template <typename Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Asset, trend and health services over loopback, on a database of their own.
class PlantServer : public ::testing::Test {
 protected:
  PlantServer() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&assets_service_);
    builder.RegisterService(&trends_service_);
    builder.RegisterService(&health_service_);
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
    assets_ = v1::AssetService::NewStub(channel_);
    trends_ = v1::TrendService::NewStub(channel_);
    health_ = v1::HealthService::NewStub(channel_);
    connection_ = database_.Connect();
  }
  ~PlantServer() override { server_->Shutdown(); }

  // Calls a method of the asset service: Call(&Stub::GetSite, request, response).
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::AssetService::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return ((*assets_).*method)(&context, request, &response);
  }

  // The same of the health service.
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::HealthService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return ((*health_).*method)(&context, request, &response);
  }

  void CreateSite(const std::string& id) {
    v1::CreateSiteRequest request;
    request.set_site_id(id);
    v1::Site site;
    const grpc::Status status = Call(&Stub::CreateSite, request, site);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  v1::Asset CreateAsset(const std::string& site, const std::string& id,
                        const std::string& parent = "") {
    v1::CreateAssetRequest request;
    request.set_parent("sites/" + site);
    request.set_asset_id(id);
    if (!parent.empty()) request.mutable_asset()->set_parent_asset(parent);
    v1::Asset asset;
    const grpc::Status status = Call(&Stub::CreateAsset, request, asset);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return asset;
  }

  static v1::Point AccelerationPoint() {
    v1::Point point;
    v1::Channel& channel = *point.add_channels();
    channel.set_quantity(v1::QUANTITY_ACCELERATION);
    channel.set_unit("g");
    return point;
  }

  v1::Point CreatePoint(const std::string& asset, const std::string& id,
                        const v1::Point& wanted = AccelerationPoint()) {
    v1::CreatePointRequest request;
    request.set_parent(asset);
    request.set_point_id(id);
    *request.mutable_point() = wanted;
    v1::Point point;
    const grpc::Status status = Call(&Stub::CreatePoint, request, point);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return point;
  }

  // As if a record of the point had been stored and scored at `measured_at_us`.
  void StoreRecord(const std::string& asset, const std::string& point, int64_t measured_at_us,
                   int condition, double health, const std::string& detail = "{}") {
    const db::Param at[] = {db::TimeUs(measured_at_us)};
    ASSERT_TRUE(connection_->Execute("SELECT make_partition('trend', $1)", at).ok());
    const db::Param values[] = {db::Text(asset),    db::Text(point),  db::TimeUs(measured_at_us),
                                db::Int(condition), db::Real(health), db::Text(detail)};
    const absl::Status status = connection_->Execute(
        "WITH place AS (SELECT p.* FROM point p JOIN asset a USING (asset_id)"
        "  WHERE a.slug = $1 AND p.slug = $2),"
        " record AS (INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set,"
        "  source, quality, content_hash, features)"
        "  SELECT asset_id, point_id, $3, site_id, 1, 1, 0, '\\x00', '{1,2,3}' FROM place)"
        " UPDATE point_state SET record_count = record_count + 1, last_measured_at = $3,"
        "  since = $3, condition = $4, health = $5, zone = 0, verdict = 1, confidence = 0.9,"
        "  detail = $6::jsonb"
        " FROM place WHERE point_state.point_id = place.point_id",
        values);
    ASSERT_TRUE(status.ok()) << status;
  }

  using Stub = v1::AssetService::Stub;
  const support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_;
  db::Pool pool_{database_.conninfo(), 4};
  PlantDirectory directory_{&pool_, 1000};
  AssetService assets_service_{&OpenGate(), &pool_, &directory_};
  TrendService trends_service_{&OpenGate(),
                               &pool_,
                               &directory_,
                               {std::chrono::milliseconds(20), std::chrono::milliseconds(100)}};
  db::BaselineCache baselines_{100};
  db::ActiveClassifier classifier_;
  HealthService health_service_{Config(),    &OpenGate(), &pool_,
                                &directory_, &baselines_, &classifier_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AssetService::Stub> assets_;
  std::unique_ptr<v1::TrendService::Stub> trends_;
  std::unique_ptr<v1::HealthService::Stub> health_;
};

}  // namespace auscult::server
