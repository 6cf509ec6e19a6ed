// An export of one site shows nothing of another, whatever its query forgets to ask.

#include <gtest/gtest.h>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "tests/server/access/access_server.h"
#include "tests/server/waveforms.h"

namespace auscult::server {
namespace {

constexpr char kPoint[] = "sites/own/assets/pump/points/de";
constexpr int64_t kStartUs = 1'790'000'000'000'000, kMinuteUs = 60'000'000;

class ExportOfSites : public AccessServer {
 protected:
  void Send(const std::string& secret, int64_t at_us) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + secret);
    const auto stream = v1::IngestService::NewStub(channel_)->StreamWaveforms(&context);
    v1::StreamWaveformsRequest request;
    *request.mutable_waveform() = TestWaveform(kPoint, at_us);
    stream->Write(request);
    v1::StreamWaveformsResponse ack;
    ASSERT_TRUE(stream->Read(&ack));
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  int Exported(const std::string& secret) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + secret);
    v1::ExportRecordsRequest request;
    request.set_point(kPoint);
    const auto stream = v1::TrendService::NewStub(channel_)->ExportRecords(&context, request);
    int records = 0;
    for (v1::ExportRecordsResponse part; stream->Read(&part);) records += part.records_size();
    EXPECT_TRUE(stream->Finish().ok());
    return records;
  }
};

TEST_F(ExportOfSites, ShowsWhatTheCallersSitesHave) {
  const std::string line = StoreKey("line", {{v1::ROLE_VIEWER, "own"}, {v1::ROLE_INGEST, "own"}});
  const std::string office = StoreKey("office", {{v1::ROLE_ADMIN, ""}});
  ASSERT_NO_FATAL_FAILURE(Start());
  for (int i = 0; i < 3; ++i) ASSERT_NO_FATAL_FAILURE(Send(line, kStartUs + i * kMinuteUs));
  EXPECT_EQ(Exported(line), 3);
  // A row that lies where the query looks, and belongs to somebody else.
  ASSERT_TRUE(connection_
                  ->Execute("UPDATE trend SET site_id = (SELECT site_id FROM site WHERE"
                            " slug = 'other') WHERE measured_at = (SELECT min(measured_at)"
                            " FROM trend)")
                  .ok());
  EXPECT_EQ(Exported(line), 2);
  EXPECT_EQ(Exported(office), 3);
}

}  // namespace
}  // namespace auscult::server
