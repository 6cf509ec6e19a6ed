#include "server/limit_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/health_plant.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

class LimitCalls : public HealthPlant {
 protected:
  grpc::Status Set(const std::string& limits, const std::string& point = kPoint) {
    v1::SetPointLimitsRequest request;
    *request.mutable_limits() = Parsed<v1::PointLimits>(limits);
    request.mutable_limits()->set_name(point + "/limits");
    return Call(&HealthStub::SetPointLimits, request, limits_);
  }
  v1::PointLimits Get(const std::string& point = kPoint) {
    v1::GetPointLimitsRequest request;
    request.set_name(point + "/limits");
    v1::PointLimits limits;
    const grpc::Status status = Call(&HealthStub::GetPointLimits, request, limits);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return limits;
  }

  v1::PointLimits limits_;
};

TEST_F(LimitCalls, RefuseWhatIsNoLimit) {
  struct Case {
    const char *limits, *reason, *field;
  };
  const Case cases[] = {
      {"limits { feature: 'kurtosi' alarm: 5 }", "UNKNOWN_FEATURE", "limits.limits[0].feature"},
      {"limits { feature: 'V/kurtosis' alarm: 5 }", "UNKNOWN_FEATURE", "limits.limits[0].feature"},
      {"limits { feature: 'kurtosis' }", "MISSING_FIELD", "limits.limits[0]"},
      {"limits { feature: 'kurtosis' alarm: nan }", "NOT_FINITE", "limits.limits[0].alarm"},
      {"limits { feature: 'kurtosis' alert: inf }", "NOT_FINITE", "limits.limits[0].alert"},
      {"limits { feature: 'kurtosis' alert: 6 alarm: 5 }", "LIMIT_ORDER", "limits.limits[0]"},
      {"limits { feature: 'kurtosis' alarm: 5 } limits { feature: 'kurtosis' alert: 4 }",
       "DUPLICATE_LIMIT", "limits.limits[1].feature"},
      {"limits { feature: 'kurtosis' alarm: 5 note: 'two\\nlines' }", "CONTROL_CHARACTER",
       "limits.limits[0].note"}};
  for (const Case& refused : cases) {
    SCOPED_TRACE(refused.limits);
    ExpectRefused(Set(refused.limits), StatusCode::INVALID_ARGUMENT, refused.reason, refused.field);
  }
  EXPECT_THAT(RefusalOf(Set("limits { feature: 'kurtosi' alarm: 5 }")).remedy,
              HasSubstr("kurtosis"));
  ExpectRefused(Set("", "sites/a/assets/pump/points/motor"), StatusCode::NOT_FOUND, "UNKNOWN_POINT",
                "limits.name");
  ExpectRefused(Set("", "sites/a/assets/pump"), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME",
                "limits.name");
  EXPECT_EQ(Get().limits_size(), 0);
}

TEST_F(LimitCalls, ReplaceThoseThatWereSetBeforeUnlessSomebodyWasFaster) {
  const v1::PointLimits none = Get();
  EXPECT_EQ(none.name(), std::string(kPoint) + "/limits");
  EXPECT_FALSE(none.has_update_time());
  ASSERT_TRUE(Set("limits { feature: 'kurtosis' alert: 5.5 alarm: 8 note: 'maker' }").ok());
  EXPECT_EQ(limits_.limits(0).alert(), 5.5f);
  EXPECT_EQ(limits_.limits(0).note(), "maker");
  EXPECT_TRUE(limits_.has_update_time());
  EXPECT_EQ(Get().etag(), limits_.etag());
  ExpectRefused(Set("etag: '" + none.etag() + "'"), StatusCode::ABORTED, "ETAG_MISMATCH",
                "limits.etag");
  ASSERT_TRUE(Set("etag: '" + limits_.etag() + "'").ok());
  EXPECT_EQ(Get().limits_size(), 0) << "an empty set takes them away";
}

TEST_F(LimitCalls, ShowTheZonesOfTheMachineBesideThem) {
  auto update = Parsed<v1::UpdateAssetRequest>(
      "asset { machine { rated_power_kw: 55 foundation: FOUNDATION_RIGID } }");
  update.mutable_asset()->set_name(kAsset);
  v1::Asset asset;
  ASSERT_TRUE(Call(&Stub::UpdateAsset, update, asset).ok());
  const v1::PointLimits limits = Get();
  ASSERT_EQ(limits.zone_limits_mm_s_size(), 3);
  EXPECT_LT(limits.zone_limits_mm_s(0), limits.zone_limits_mm_s(2));
}

TEST_F(LimitCalls, OfAFeatureHoldForEveryChannelUnlessOneIsNamed) {
  CreatePoint(kAsset, "two",
              Parsed<v1::Point>("channels { id: 'H' quantity: QUANTITY_ACCELERATION }"
                                "channels { id: 'V' quantity: QUANTITY_ACCELERATION }"
                                "channels { id: 'T' quantity: QUANTITY_TACHOMETER }"));
  const std::string point = "sites/a/assets/pump/points/two";
  ExpectRefused(
      Set("limits { feature: 'kurtosis' alarm: 5 } limits { feature: 'V/kurtosis' alarm: 4 }",
          point),
      StatusCode::INVALID_ARGUMENT, "DUPLICATE_LIMIT", "limits.limits[1].feature");
  ASSERT_TRUE(
      Set("limits { feature: 'kurtosis' alarm: 5 } limits { feature: 'V/rms' alarm: 4 }", point)
          .ok());
  EXPECT_EQ(directory_.Find(point).value()->limits->size(), 3u);
}

TEST_F(LimitCalls, AskForAConditionOfTheRecordsThatReachThem) {
  ASSERT_TRUE(Set("limits { feature: 'level_db' alert: 10 alarm: 100 }").ok());
  EXPECT_EQ(WriteSeries(kPoint, 0, 10, 5).health.condition, models::Condition::kLearning);
  EXPECT_EQ(WriteSeries(kPoint, 10, 5, 20).health.condition, models::Condition::kAlert);
  const v1::PointHealth health = HealthOf(kPoint);
  EXPECT_EQ(health.condition(), v1::CONDITION_ALERT) << "also while the point learns";
  ASSERT_GE(health.evidence_size(), 1);
  EXPECT_THAT(health.evidence(0).text(), HasSubstr("its alert limit is 10"));
  EXPECT_EQ(health.evidence(0).feature(), "level_db");
  EXPECT_EQ(health.evidence(0).limit(), 10);
  EXPECT_THAT(health.summary(), HasSubstr("its alert limit is 10"));
  EXPECT_THAT(Report().health().summary(), HasSubstr("its alert limit is 10"));
}

}  // namespace
}  // namespace auscult::server
