#include "server/export_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/stored_samples.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;

class ExportedRecords : public StoredSamples {
 protected:
  grpc::Status Export(const std::string& more, std::vector<v1::ExportRecordsResponse>& messages) {
    grpc::ClientContext context;
    const auto stream =
        trends_->ExportRecords(&context, Parsed<v1::ExportRecordsRequest>(OfPoint(more)));
    v1::ExportRecordsResponse message;
    messages.clear();
    while (stream->Read(&message)) messages.push_back(message);
    return stream->Finish();
  }
};

TEST_F(ExportedRecords, ComeInTimeOrderWithNamesAndSamples) {
  for (const int i : {2, 0, 1}) Store(Sent(kStartUs + i * kMinuteUs, Sine(120, 1 + i)));
  ASSERT_TRUE(connection_
                  ->ExecuteScript("DELETE FROM waveform WHERE measured_at ="
                                  " (SELECT min(measured_at) FROM waveform)")
                  .ok());
  std::vector<v1::ExportRecordsResponse> messages;
  ASSERT_TRUE(Export("samples: true", messages).ok());
  ASSERT_EQ(messages.size(), 1u);
  const v1::ExportRecordsResponse& message = messages[0];
  ASSERT_EQ(message.records_size(), 3);
  EXPECT_EQ(message.names_size(), message.records(0).features_size());
  EXPECT_EQ(message.names_size(), message.units_size());
  EXPECT_EQ(message.names(0).substr(0, 2), "H/");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(message.records(i).measured_at().seconds(), kStartUs / 1'000'000 + 60 * i);
    EXPECT_EQ(message.records(i).has_waveform(), i > 0);
  }
  EXPECT_EQ(Store(message.records(2).waveform()), db::Outcome::Kind::kDuplicate);
  ASSERT_TRUE(Export("only_samples: true", messages).ok());
  ASSERT_EQ(messages[0].records_size(), 2);
  ASSERT_TRUE(
      Export("start_time { seconds: 1790000060 } end_time { seconds: 1790000120 }", messages).ok());
  ASSERT_EQ(messages[0].records_size(), 1);
  EXPECT_FALSE(messages[0].records(0).has_waveform());
}

TEST_F(ExportedRecords, SayWhichSamplesAreDamaged) {
  for (int i = 0; i < 2; ++i) Store(Sent(kStartUs + i * kMinuteUs, Sine(120, 1 + i)));
  ASSERT_TRUE(connection_
                  ->ExecuteScript("UPDATE waveform SET samples = 'x' WHERE measured_at ="
                                  " (SELECT min(measured_at) FROM waveform)")
                  .ok());
  std::vector<v1::ExportRecordsResponse> messages;
  ASSERT_TRUE(Export("samples: true", messages).ok());
  ASSERT_EQ(messages[0].records_size(), 2);
  EXPECT_THAT(messages[0].records(0).quality(), ::testing::Contains("samples_damaged"));
  EXPECT_FALSE(messages[0].records(0).has_waveform());
  EXPECT_TRUE(messages[0].records(1).has_waveform());
}

TEST_F(ExportedRecords, OfAnUnknownPointAreRefused) {
  grpc::ClientContext context;
  v1::ExportRecordsRequest request;
  request.set_point("sites/a/assets/pump/points/x");
  const auto stream = trends_->ExportRecords(&context, request);
  v1::ExportRecordsResponse message;
  EXPECT_FALSE(stream->Read(&message));
  ExpectRefused(stream->Finish(), StatusCode::NOT_FOUND, "UNKNOWN_POINT", "point");
  std::vector<v1::ExportRecordsResponse> messages;
  EXPECT_TRUE(Export("", messages).ok());
  EXPECT_TRUE(messages.empty());
}

}  // namespace
}  // namespace auscult::server
