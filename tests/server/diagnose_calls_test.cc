#include "server/diagnose_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/health_plant.h"
#include "tests/server/waveforms.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;

class DiagnoseCalls : public HealthPlant {
 protected:
  grpc::Status Ask(const v1::DiagnoseRequest& request) {
    return Call(&HealthStub::Diagnose, request, answer_);
  }
  float ValueOf(const std::string& name) const {
    for (const v1::FeatureValue& feature : answer_.features()) {
      if (feature.feature() == name && feature.has_value()) return feature.value();
    }
    return features::kNotKnown;
  }

  v1::DiagnoseResponse answer_;
};

TEST_F(DiagnoseCalls, RefuseWhatCannotBeJudged) {
  v1::DiagnoseRequest request;
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "point");
  request.set_point("sites/a/assets/pump/points/motor");
  ExpectRefused(Ask(request), StatusCode::NOT_FOUND, "UNKNOWN_POINT", "point");
  request.set_point(kPoint);
  ExpectRefused(Ask(request), StatusCode::NOT_FOUND, "UNKNOWN_RECORD", "measured_at");
  WriteSeries(kPoint, 0, 1);
  *request.mutable_measured_at() = Timestamp(1);
  ExpectRefused(Ask(request), StatusCode::NOT_FOUND, "UNKNOWN_RECORD", "measured_at");
  request.mutable_measured_at()->set_nanos(-5);
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "BAD_TIME", "measured_at");
  request.clear_measured_at();
  request.mutable_machine()->set_rated_power_kw(5);
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "MISSING_WAVEFORM", "waveform");

  request.Clear();
  *request.mutable_waveform() = TestWaveform("", NowUs());
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "MISSING_FIELD", "channels");
  request.add_channels();
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "UNKNOWN_QUANTITY",
                "channels[0].quantity");
  request.mutable_channels(0)->set_quantity(v1::QUANTITY_ACCELERATION);
  request.mutable_machine()->set_rated_power_kw(-5);
  ExpectRefused(Ask(request), StatusCode::INVALID_ARGUMENT, "OUT_OF_RANGE",
                "machine.rated_power_kw");
  request.mutable_machine()->Clear();
  request.mutable_machine()->add_bearings()->set_bearing("sites/a/bearings/mine");
  const Refusal refusal = RefusalOf(Ask(request));
  EXPECT_EQ(refusal.code, StatusCode::INVALID_ARGUMENT) << refusal.message;
}

TEST_F(DiagnoseCalls, SayOfAStoredRecordWhatItHolds) {
  WriteSeries(kPoint, 0, 3, 2);
  v1::DiagnoseRequest request;
  request.set_point(kPoint);
  ASSERT_TRUE(Ask(request).ok());
  const db::Record stored = Make(kPoint, 2, 2);
  EXPECT_FLOAT_EQ(ValueOf("level_db"), stored.features.Value(0, "level_db"));
  EXPECT_EQ(answer_.feature_set(), features::FindFeatureSet(features::kVibrationSet)->name);
  EXPECT_EQ(answer_.model(), "physics");
  EXPECT_NE(answer_.diagnosis().verdict(), v1::FAULT_UNSPECIFIED);
  *request.mutable_measured_at() = Timestamp(0);
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_FLOAT_EQ(ValueOf("level_db"), Make(kPoint, 0, 2).features.Value(0, "level_db"));
}

TEST_F(DiagnoseCalls, JudgeAWaveformAndStoreNothing) {
  v1::DiagnoseRequest request;
  request.set_point(kPoint);
  *request.mutable_waveform() = TestWaveform(kPoint, NowUs());
  request.mutable_waveform()->clear_measured_at();
  const grpc::Status status = Ask(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const float rms = ValueOf("rms");
  EXPECT_GT(rms, 0);
  EXPECT_EQ(Text("SELECT count(*) FROM trend"), "0");
  EXPECT_EQ(Text("SELECT sum(record_count) FROM point_state"), "0");

  request.clear_point();
  request.mutable_waveform()->clear_point();
  v1::Channel& channel = *request.add_channels();
  channel.set_quantity(v1::QUANTITY_ACCELERATION);
  channel.set_unit("mg");
  request.mutable_waveform()->mutable_channels(0)->clear_unit();
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_NEAR(ValueOf("rms"), rms / 1000, rms / 1e5) << "the channel says mg, not g";
}

TEST_F(DiagnoseCalls, DoWithoutABaselineThatIsDamaged) {
  WriteSeries(kPoint, 0, 80);
  ASSERT_TRUE(connection_->Execute("UPDATE baseline SET model = 'rubbish'").ok());
  v1::DiagnoseRequest request;
  request.set_point(kPoint);
  const grpc::Status status = Ask(request);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace auscult::server
