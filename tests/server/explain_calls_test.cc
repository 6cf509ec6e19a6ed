#include "server/explain_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/health_plant.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;

class ExplainCalls : public HealthPlant {
 protected:
  grpc::Status Ask(int n = -1) {
    v1::ExplainRequest request;
    request.set_point(kPoint);
    if (n >= 0) *request.mutable_measured_at() = Timestamp(n);
    return Call(&HealthStub::Explain, request, answer_);
  }
  const v1::Statistic* Find(const std::string& name) const {
    for (const v1::Statistic& statistic : answer_.statistics()) {
      if (statistic.name() == name) return &statistic;
    }
    return nullptr;
  }

  v1::ExplainResponse answer_;
};

TEST_F(ExplainCalls, RefuseWhatCannotBeExplained) {
  ExpectRefused(Ask(), StatusCode::NOT_FOUND, "UNKNOWN_RECORD", "measured_at");
  WriteSeries(kPoint, 0, 10);
  ExpectRefused(Ask(11), StatusCode::NOT_FOUND, "UNKNOWN_RECORD", "measured_at");
  ExpectRefused(Ask(), StatusCode::FAILED_PRECONDITION, "NOT_EXPLAINED", "point");
  WriteSeries(kPoint, 10, 70);
  ASSERT_TRUE(connection_->Execute("UPDATE baseline SET model = 'rubbish'").ok());
  ExpectRefused(Ask(), StatusCode::FAILED_PRECONDITION, "NOT_EXPLAINED", "point");
}

TEST_F(ExplainCalls, SayWhichFeatureLeftWhatWasLearnt) {
  WriteSeries(kPoint, 0, 80);
  db::Record odd = Make(kPoint, 80);
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  odd.features.values[features::FeatureIndex(set, "peak_db")] += 20;
  Write({odd});
  const grpc::Status status = Ask();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(answer_.baseline(), std::string(kPoint) + "/baselines/1");
  EXPECT_EQ(answer_.measured_at().seconds(), TimeOf(80) / 1'000'000);
  EXPECT_GE(answer_.learnt_record_count(), 50);
  ASSERT_NE(Find("hotelling_t2"), nullptr);
  ASSERT_NE(Find("pca_residual_q"), nullptr);
  ASSERT_NE(Find("nearest_neighbour"), nullptr);
  EXPECT_GT(Find("nearest_neighbour")->value(), Find("nearest_neighbour")->limit());
  ASSERT_GE(answer_.attributions_size(), 1);
  const v1::Attribution& largest = answer_.attributions(0);
  EXPECT_EQ(largest.feature(), "peak_db");
  EXPECT_NEAR(largest.value(), odd.features.Value(0, "peak_db"), 1e-4);
  EXPECT_GT(largest.deviation(), 10);
  EXPECT_EQ(answer_.outside_learnt(), "");
  EXPECT_TRUE(answer_.has_severity());
  ASSERT_TRUE(answer_.has_evidence());
  EXPECT_LT(answer_.evidence(), 1);  // one record

  ASSERT_TRUE(Ask(79).ok());
  EXPECT_LT(Find("nearest_neighbour")->value(), 2 * Find("nearest_neighbour")->limit());
  EXPECT_FALSE(answer_.has_evidence());

  for (int n = 81; n < 120; ++n) {
    odd.measured_at_us = TimeOf(n);
    odd.content_hash[0] = static_cast<char>(n);
    Write({odd});
  }
  ASSERT_TRUE(Ask().ok());
  EXPECT_GE(answer_.evidence(), 1);
}

}  // namespace
}  // namespace auscult::server
