// The unary calls of IngestService, over real sockets into a real database.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "features/feature_set.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/server/ingest_fixture.h"

namespace auscult::server {
namespace {

using Outcome = v1::IngestResult;

constexpr int64_t kHourUs = 3'600'000'000;

std::string ReasonOnWire(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details()) || details.details().empty() ||
      !details.details(0).UnpackTo(&info)) {
    return "";
  }
  return info.reason();
}

grpc::Status Ingest(const IngestServer& server, const v1::Waveform& waveform,
                    v1::IngestWaveformResponse& response, int deadline_ms = 10'000) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(deadline_ms));
  v1::IngestWaveformRequest request;
  *request.mutable_waveform() = waveform;
  return server.NewStub()->IngestWaveform(&context, request, &response);
}

TEST(IngestWaveform, StoresOneRecordAndAnswersItsHealth) {
  IngestServer server;
  const v1::Waveform waveform = TestWaveform(TestPoint(0), NowUs());
  v1::IngestWaveformResponse response;
  ASSERT_TRUE(Ingest(server, waveform, response).ok());
  EXPECT_EQ(response.result().outcome(), Outcome::OUTCOME_ACCEPTED);
  EXPECT_EQ(response.result().health().condition(), v1::CONDITION_LEARNING);
  EXPECT_EQ(server.StoredRecords(), 1);
  ASSERT_TRUE(Ingest(server, waveform, response).ok());
  EXPECT_EQ(response.result().outcome(), Outcome::OUTCOME_DUPLICATE);
}

TEST(IngestWaveform, ARejectionIsTheStatusOfTheCall) {
  IngestServer server;
  v1::Waveform waveform = TestWaveform(TestPoint(0), NowUs());
  waveform.set_sample_rate_hz(100);
  v1::IngestWaveformResponse response;
  const grpc::Status status = Ingest(server, waveform, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOnWire(status), "RATE_MISMATCH");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(details.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "waveform.sample_rate_hz");
  waveform = TestWaveform(TestPoint(99), NowUs());
  EXPECT_EQ(Ingest(server, waveform, response).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(server.StoredRecords(), 0);
}

TEST(IngestWaveform, TheDeadlineOfTheCallerIsKept) {
  IngestServer server;
  CommitBlock block(server);
  v1::IngestWaveformResponse response;
  const auto begin = std::chrono::steady_clock::now();
  const grpc::Status status = Ingest(server, TestWaveform(TestPoint(0), NowUs()), response, 150);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST(ScoringPipeline, DropsARecordWhoseCallerIsGoneBeforeTheWorkIsBegun) {
  IngestServer server;
  std::atomic<bool> answered{false};
  v1::IngestResult result;
  server.pipeline().Submit(
      std::make_unique<v1::Waveform>(TestWaveform(TestPoint(0), NowUs())), Reservation(),
      [] { return true; },
      [&](v1::IngestResult got) {
        result = std::move(got);
        answered = true;
      });
  ASSERT_TRUE(Eventually([&] { return answered.load(); }));
  EXPECT_EQ(result.rejection().code(), static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_EQ(server.StoredRecords(), 0);
}

TEST(ScoringPipeline, TakesNothingMoreOnceItIsDrained) {
  IngestServer server;
  server.pipeline().Drain();
  v1::IngestWaveformResponse response;
  const grpc::Status status = Ingest(server, TestWaveform(TestPoint(0), NowUs()), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOnWire(status), "STOPPING");
}

v1::FeatureRecord TestFeatures(int point, int64_t measured_at_us) {
  v1::FeatureRecord record;
  record.set_point(TestPoint(point));
  SetTimeUs(record.mutable_measured_at(), measured_at_us);
  const features::FeatureSet& set = features::NewestFeatureSet(features::Signal::kVibration);
  record.set_feature_set(std::string(set.name));
  const size_t count = set.features.size();
  for (size_t i = 0; i < count; ++i) record.add_values(1.0f + 0.1f * static_cast<float>(i));
  return record;
}

struct BadFeatures {
  const char* reason;
  std::function<void(v1::FeatureRecord&)> spoil;
};

const BadFeatures kBadFeatures[] = {
    {"FEATURE_SET_MISMATCH", [](v1::FeatureRecord& r) { r.set_feature_set("current/1"); }},
    {"FEATURE_SET_MISMATCH", [](v1::FeatureRecord& r) { r.clear_feature_set(); }},
    {"VALUE_COUNT", [](v1::FeatureRecord& r) { r.add_values(1); }},
    {"NOT_FINITE",
     [](v1::FeatureRecord& r) { r.set_values(3, std::numeric_limits<float>::infinity()); }},
    {"UNKNOWN_QUALITY", [](v1::FeatureRecord& r) { r.add_quality("splendid"); }},
    {"MISSING_TIME", [](v1::FeatureRecord& r) { r.clear_measured_at(); }},
    {"BAD_SPEED", [](v1::FeatureRecord& r) { r.mutable_conditions()->set_speed_rpm(-1); }},
    {"UNKNOWN_POINT", [](v1::FeatureRecord& r) { r.set_point(TestPoint(99)); }},
    {"OTHER_PARENT", [](v1::FeatureRecord& r) { r.set_point("sites/s/assets/other/points/p0"); }},
};

TEST(IngestFeatures, AnswersEveryRecordInItsOrder) {
  IngestServer server;
  v1::IngestFeaturesRequest request;
  request.set_parent(kTestAsset);
  constexpr int kBadCount = std::size(kBadFeatures);
  for (int i = 0; i < kBadCount; ++i) {
    *request.add_records() = TestFeatures(i % 8, NowUs() - kHourUs + i);
    v1::FeatureRecord& bad = *request.add_records();
    bad = TestFeatures(i % 8, NowUs() - 2 * kHourUs + i);
    kBadFeatures[i].spoil(bad);
  }
  request.mutable_records(0)->set_values(5, std::numeric_limits<float>::quiet_NaN());
  grpc::ClientContext context;
  v1::IngestFeaturesResponse response;
  ASSERT_TRUE(server.NewStub()->IngestFeatures(&context, request, &response).ok());
  ASSERT_EQ(response.results_size(), 2 * kBadCount);
  for (int i = 0; i < kBadCount; ++i) {
    SCOPED_TRACE(response.results(2 * i + 1).DebugString());
    EXPECT_EQ(response.results(2 * i).outcome(), Outcome::OUTCOME_ACCEPTED)
        << response.results(2 * i).DebugString();
    EXPECT_EQ(response.results(2 * i + 1).outcome(), Outcome::OUTCOME_REJECTED);
    EXPECT_EQ(response.results(2 * i + 1).rejection().reason(), kBadFeatures[i].reason);
  }
  EXPECT_EQ(server.StoredRecords(), kBadCount);
}

// A device at the edge may be a release behind.
TEST(IngestFeatures, TakesAnOlderFeatureSet) {
  IngestServer server;
  v1::IngestFeaturesRequest request;
  request.set_parent(kTestAsset);
  v1::FeatureRecord& record = *request.add_records();
  record = TestFeatures(0, NowUs());
  record.set_feature_set("vibration/1");
  record.mutable_values()->Truncate(64);
  grpc::ClientContext context;
  v1::IngestFeaturesResponse response;
  ASSERT_TRUE(server.NewStub()->IngestFeatures(&context, request, &response).ok());
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).outcome(), Outcome::OUTCOME_ACCEPTED)
      << response.results(0).DebugString();
  EXPECT_EQ(server.StoredRecords(), 1);
}

TEST(IngestFeatures, TheRawRecordOfTheSameKeyMayFollow) {
  IngestServer server;
  const int64_t time_us = NowUs();
  v1::IngestFeaturesRequest request;
  request.set_parent(kTestAsset);
  *request.add_records() = TestFeatures(0, time_us);
  grpc::ClientContext context;
  v1::IngestFeaturesResponse response;
  ASSERT_TRUE(server.NewStub()->IngestFeatures(&context, request, &response).ok());
  ASSERT_EQ(response.results(0).outcome(), Outcome::OUTCOME_ACCEPTED);
  v1::IngestWaveformResponse attached;
  const grpc::Status status = Ingest(server, TestWaveform(TestPoint(0), time_us), attached);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(server.StoredRecords(), 1);
  EXPECT_EQ(server.Count("SELECT count(*) FROM waveform", {}), 1);
}

TEST(IngestFeatures, RefusesTooManyAndNone) {
  IngestServer server;
  v1::IngestFeaturesRequest request;
  request.set_parent(kTestAsset);
  v1::IngestFeaturesResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(ReasonOnWire(server.NewStub()->IngestFeatures(&context, request, &response)),
            "MISSING_FIELD");
  for (int i = 0; i < 1001; ++i) request.add_records();
  grpc::ClientContext again;
  EXPECT_EQ(ReasonOnWire(server.NewStub()->IngestFeatures(&again, request, &response)),
            "TOO_MANY_RECORDS");
}

grpc::Status SendReadings(const IngestServer& server, const v1::IngestReadingsRequest& request,
                          v1::IngestReadingsResponse& response) {
  grpc::ClientContext context;
  return server.NewStub()->IngestReadings(&context, request, &response);
}

v1::IngestReadingsRequest TestReadings(int count, int64_t first_us) {
  v1::IngestReadingsRequest request;
  request.set_parent(kTestAsset);
  for (int i = 0; i < count; ++i) {
    v1::Reading& reading = *request.add_readings();
    reading.set_quantity("temperature_c");
    SetTimeUs(reading.mutable_measured_at(), first_us + i);
    reading.set_value(20 + i);
  }
  return request;
}

TEST(IngestReadings, StoresAllAndCountsDuplicates) {
  IngestServer server;
  const int64_t time_us = NowUs() - kHourUs;
  v1::IngestReadingsResponse response;
  grpc::Status status = SendReadings(server, TestReadings(5, time_us), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.accepted_count(), 5);
  status = SendReadings(server, TestReadings(7, time_us), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.accepted_count(), 2);
  EXPECT_EQ(response.duplicate_count(), 5);
  v1::IngestReadingsRequest other = TestReadings(1, time_us);
  other.mutable_readings(0)->set_value(99);
  EXPECT_EQ(ReasonOnWire(SendReadings(server, other, response)), "OTHER_CONTENT");
}

TEST(IngestReadings, RefusesAllOfThemForOneThatIsBad) {
  struct Case {
    const char* reason;
    std::function<void(v1::IngestReadingsRequest&)> spoil;
  };
  const Case cases[] = {
      {"BAD_QUANTITY", [](auto& r) { r.mutable_readings(2)->set_quantity("Temp"); }},
      {"BAD_QUANTITY", [](auto& r) { r.mutable_readings(2)->set_quantity(std::string(64, 'a')); }},
      {"NOT_FINITE",
       [](auto& r) { r.mutable_readings(2)->set_value(std::numeric_limits<double>::quiet_NaN()); }},
      {"FUTURE_TIME",
       [](auto& r) { SetTimeUs(r.mutable_readings(2)->mutable_measured_at(), NowUs() + kHourUs); }},
      {"UNKNOWN_ASSET", [](auto& r) { r.set_parent("sites/s/assets/nothing"); }},
      {"MALFORMED_NAME", [](auto& r) { r.set_parent("assets/a"); }},
      {"TOO_MANY_READINGS", [](auto& r) { r = TestReadings(10'001, NowUs() - kHourUs); }},
      {"MISSING_FIELD", [](auto& r) { r.clear_readings(); }},
  };
  IngestServer server;
  for (const Case& bad : cases) {
    v1::IngestReadingsRequest request = TestReadings(4, NowUs() - kHourUs);
    bad.spoil(request);
    v1::IngestReadingsResponse response;
    const grpc::Status status = SendReadings(server, request, response);
    EXPECT_EQ(ReasonOnWire(status), bad.reason) << status.error_message();
  }
  EXPECT_EQ(server.Count("SELECT count(*) FROM reading", {}), 0);
}

}  // namespace
}  // namespace auscult::server
