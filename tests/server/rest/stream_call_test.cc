#include "server/rest/stream_call.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "auscult/v1/alarm_service.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "google/protobuf/util/time_util.h"
#include "server/rest/event_stream.h"
#include "tests/server/rest/plant_stub.h"

namespace auscult::rest {
namespace {

using google::protobuf::util::TimeUtil;
using Json = nlohmann::json;

// "sites/a/assets/<what it does>".
class TrendStub : public v1::TrendService::Service {
 public:
  grpc::Status WatchTrend(grpc::ServerContext* context, const v1::WatchTrendRequest* request,
                          grpc::ServerWriter<v1::WatchTrendResponse>* writer) override {
    const std::string& name = request->name();
    if (name.ends_with("refused"))
      return ErrorWith(grpc::StatusCode::NOT_FOUND, "UNKNOWN_POINT", 0);
    v1::WatchTrendResponse response;
    if (!name.ends_with("silent")) {
      writer->Write(response);
      v1::Series& series = *response.add_series();
      series.set_name(TimeUtil::ToString(request->after_time()));
      for (const int64_t time_us : {1'700'000'000'000'001, 1'700'000'000'250'000}) {
        series.add_time_us(time_us);
        series.add_value(1);
      }
      writer->Write(response);
    }
    if (name.ends_with("broken")) return grpc::Status(grpc::StatusCode::DATA_LOSS, "broken");
    if (name.ends_with("short")) return grpc::Status::OK;
    if (name.ends_with("flood")) {
      while (writer->Write(response)) ++written_;
      return grpc::Status::CANCELLED;
    }
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++cancelled_;
    return grpc::Status::CANCELLED;
  }

  grpc::Status ExportRecords(grpc::ServerContext*, const v1::ExportRecordsRequest* request,
                             grpc::ServerWriter<v1::ExportRecordsResponse>* writer) override {
    v1::ExportRecordsResponse response;
    response.add_names(TimeUtil::ToString(request->start_time()));
    *response.add_records()->mutable_measured_at() = TimeUtil::SecondsToTimestamp(1'700'000'000);
    writer->Write(response);
    return grpc::Status::OK;
  }

  std::atomic<int> cancelled_{0};
  std::atomic<int> written_{0};
};

class IngestStub : public v1::IngestService::Service {
 public:
  grpc::Status StreamWaveforms(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::StreamWaveformsResponse, v1::StreamWaveformsRequest>* stream)
      override {
    v1::StreamWaveformsRequest request;
    while (stream->Read(&request)) {
      v1::StreamWaveformsResponse response;
      response.set_sequence(request.sequence());
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

const HeaderFields kAsEvents = {{"Accept", "text/event-stream"}};

class StreamCalls : public testing::Test {
 protected:
  TrendStub trends_;
  PlantStub plant_{trends_};
};

bool Becomes(const std::atomic<int>& count, int wanted) {
  for (int i = 0; i < 1000 && count != wanted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return count == wanted;
}

TEST_F(StreamCalls, RefuseWithAStatusWhatFailsAtOnce) {
  for (const HeaderFields& headers : {HeaderFields{}, kAsEvents}) {
    const auto exchange = plant_.Begin("GET /v1/sites/a/assets/refused:watchTrend", "", headers);
    const HttpResponse response = exchange->Wait();
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(exchange->answers(), 1);
    EXPECT_EQ(Json::parse(response.body)["error"]["status"], "NOT_FOUND");
  }
  EXPECT_EQ(plant_.Call("GET /v1/sites/a/assets/b:watchTrend?afterTime=x").status, 400);
  EXPECT_EQ(plant_.Call("GET /v1/sites/a/assets/b:watchTrend", "", {{"Last-Event-ID", "x"}}).status,
            400);
  EXPECT_EQ(plant_.Call("GET /v1/sites/a/assets/b:watchTrend", "", {{"Accept", "text/csv"}}).status,
            406);
}

TEST_F(StreamCalls, TellInALineWhatFailsLater) {
  const HttpResponse lines = plant_.Call("GET /v1/sites/a/assets/broken:watchTrend");
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(HeaderOf(lines, "Content-Type"), "application/x-ndjson");
  EXPECT_TRUE(lines.body.starts_with("{}\n{\"series\":")) << lines.body;
  const std::string last = lines.body.substr(lines.body.rfind('\n', lines.body.size() - 2) + 1);
  EXPECT_EQ(Json::parse(last)["error"]["code"], 500);
  const HttpResponse events =
      plant_.Call("GET /v1/sites/a/assets/broken:watchTrend", "", kAsEvents);
  EXPECT_NE(events.body.find("event: error\ndata: {\"error\":"), std::string::npos);
}

TEST_F(StreamCalls, ComeAsEventsWithIdsToGoOnFrom) {
  const HttpResponse events =
      plant_.Call("GET /v1/sites/a/assets/short:watchTrend", "",
                  {{"Accept", "text/event-stream"}, {"Last-Event-ID", "2026-01-01T00:00:00Z"}});
  EXPECT_EQ(HeaderOf(events, "Content-Type"), "text/event-stream");
  EXPECT_TRUE(events.body.starts_with(
      ": alive\n\nid: 2023-11-14T22:13:20.250Z\ndata: {\"series\":[{\"name\":"
      "\"2026-01-01T00:00:00Z\""))
      << events.body;
  const HttpResponse stored =
      plant_.Call("GET /v1/sites/a/assets/b/points/c:export", "", kAsEvents);
  EXPECT_TRUE(stored.body.starts_with("id: 2023-11-14T22:13:20.000001Z\n")) << stored.body;
}

TEST(EventText, HasTheTokenOfAnEventAsItsId) {
  v1::WatchAlarmsResponse event;
  const auto& request = *v1::WatchAlarmsRequest::descriptor();
  EXPECT_EQ(EventText(EventId(request, event), event), ": alive\n\n");
  event.set_resume_token("731");
  EXPECT_EQ(EventText(EventId(request, event), event), "id: 731\n: alive\n\n");
  event.mutable_alarm()->set_name("sites/a/alarms/1");
  EXPECT_EQ(
      EventText(EventId(request, event), event),
      "id: 731\ndata: {\"alarm\":{\"name\":\"sites/a/alarms/1\"},\"resumeToken\":\"731\"}\n\n");
  v1::WatchAlarmsRequest resumed;
  EXPECT_TRUE(ResumeFrom("731", resumed).ok());
  EXPECT_EQ(resumed.resume_token(), "731");
}

TEST_F(StreamCalls, OpenBeforeTheFirstMessage) {
  const auto exchange = plant_.Begin("GET /v1/sites/a/assets/silent:watchTrend", "", kAsEvents);
  EXPECT_EQ(exchange->WaitForHead().status, 200);
  EXPECT_TRUE(exchange->pieces().empty());
  exchange->Leave();
  EXPECT_TRUE(Becomes(trends_.cancelled_, 1));
}

TEST_F(StreamCalls, WaitForASlowClient) {
  const auto exchange = plant_.Begin("GET /v1/sites/a/assets/flood:watchTrend");
  exchange->WaitForText("{}\n");
  exchange->Hold();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const size_t pieces = exchange->pieces().size();
  const int written = trends_.written_;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(exchange->pieces().size(), pieces);
  EXPECT_LE(trends_.written_, written + 2000);
  exchange->Release();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GT(exchange->pieces().size(), pieces);
  exchange->Leave();
  exchange->Wait();
}

TEST_F(StreamCalls, EndWithTheTranscoder) {
  const auto exchange = plant_.Begin("GET /v1/sites/a/assets/watched:watchTrend");
  exchange->WaitForText("series");
  plant_.Stop();
  EXPECT_NE(exchange->Wait().body.find("CANCELLED"), std::string::npos);
}

TEST(StreamUp, TakesLinesAndAnswersLines) {
  IngestStub ingest;
  PlantStub plant(ingest);
  const HeaderFields ndjson = {{"Content-Type", "application/x-ndjson"}};
  EXPECT_EQ(plant.Call("POST /v1/waveforms:stream", "", ndjson).status, 400);
  EXPECT_EQ(plant.Call("POST /v1/waveforms:stream", "\n \n", ndjson).status, 400);
  EXPECT_EQ(plant.Call("POST /v1/waveforms:stream", "{\"sequence\":-1}\n", ndjson).status, 400);
  EXPECT_EQ(plant.Call("POST /v1/waveforms:stream", "{}", {{"Content-Type", "text/plain"}}).status,
            415);
  const HttpResponse acks =
      plant.Call("POST /v1/waveforms:stream", "{\"sequence\":1}\r\n\n{\"sequence\":\"2\"}", ndjson);
  EXPECT_EQ(acks.body, "{\"sequence\":\"1\"}\n{\"sequence\":\"2\"}\n");
  const HttpResponse broken = plant.Call(
      "POST /v1/waveforms:stream", "{\"sequence\":1}\n{\"sequence\":}\n{\"sequence\":3}\n", ndjson);
  EXPECT_TRUE(broken.body.starts_with("{\"sequence\":\"1\"}\n{\"error\":{\"code\":400,"))
      << broken.body;
  EXPECT_NE(broken.body.find("line 2: "), std::string::npos);
  EXPECT_EQ(broken.body.find("\"3\""), std::string::npos);
  EXPECT_EQ(plant.Call("POST /v1/waveforms:stream", "{\n\"sequence\":5}").body,
            "{\"sequence\":\"5\"}\n");
}

}  // namespace
}  // namespace auscult::rest
