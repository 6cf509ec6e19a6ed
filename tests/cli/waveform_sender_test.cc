#include "cli/waveform_sender.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "cli/ingest_tally.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

using testing::HasSubstr;

// A server with faults on demand: a real one is neither overloaded nor cut off at will.
class FaultyIngest : public v1::IngestService::Service {
 public:
  std::atomic<int> cut_after{-1};  // end the stream after so many answers, once
  std::atomic<int> overloaded{0};  // so many records are refused for now
  std::atomic<bool> refuse_all{false};
  std::atomic<int> streams{0};
  grpc::Status end_with = grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");

  std::map<int64_t, int> stored() {
    const std::scoped_lock lock(mutex_);
    return stored_;
  }

  grpc::Status StreamWaveforms(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::StreamWaveformsResponse, v1::StreamWaveformsRequest>* stream)
      override {
    ++streams;
    v1::StreamWaveformsRequest request;
    int answers = 0;
    while (stream->Read(&request)) {
      v1::StreamWaveformsResponse response;
      response.set_sequence(request.sequence());
      *response.mutable_result() = Take(request.waveform());
      if (cut_after >= 0 && answers >= cut_after) {
        cut_after = -1;  // stored, but the answer is lost
        return end_with;
      }
      stream->Write(response);
      ++answers;
    }
    return grpc::Status::OK;
  }

 private:
  v1::IngestResult Take(const v1::Waveform& waveform) {
    v1::IngestResult result;
    if (refuse_all || overloaded > 0) {
      --overloaded;
      result.set_outcome(v1::IngestResult::OUTCOME_REJECTED);
      result.mutable_rejection()->set_reason("OVERLOADED");
      result.mutable_rejection()->set_message("too much at once");
      result.mutable_rejection()->mutable_retry_after()->set_nanos(20'000'000);
      return result;
    }
    const std::scoped_lock lock(mutex_);
    const bool again = stored_[waveform.measured_at().seconds()]++ > 0;
    result.set_outcome(again ? v1::IngestResult::OUTCOME_DUPLICATE
                             : v1::IngestResult::OUTCOME_ACCEPTED);
    return result;
  }

  std::mutex mutex_;
  std::map<int64_t, int> stored_;
};

class WaveformSenderTest : public testing::Test {
 protected:
  WaveformSenderTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    options_.address = "127.0.0.1:" + std::to_string(port);
  }

  absl::Status SendMany(int count) {
    sender_ = std::make_unique<WaveformSender>(
        OpenChannel(options_), options_, limits_,
        [this](uint64_t /*key*/, const std::string& point, const v1::IngestResult& result) {
          tally_.Add(point, result);
        });
    for (int i = 0; i < count; ++i) {
      v1::Waveform waveform;
      waveform.set_point("sites/a/assets/b/points/c");
      waveform.mutable_measured_at()->set_seconds(i);
      waveform.add_channels()->mutable_encoded()->set_octets(std::string(1000, 'x'));
      if (absl::Status status = sender_->Send(std::move(waveform)); !status.ok()) return status;
    }
    return sender_->Finish();
  }

  std::string Summary() { return tally_.Json({}); }

  FaultyIngest service_;
  std::unique_ptr<grpc::Server> server_;
  ServerOptions options_;
  WaveformSender::Limits limits_;
  IngestTally tally_;
  std::unique_ptr<WaveformSender> sender_;
};

TEST_F(WaveformSenderTest, GetsAnAnswerForEveryRecord) {
  limits_.records = 8;
  ASSERT_TRUE(SendMany(500).ok());
  EXPECT_EQ(tally_.answered(), 500);
  EXPECT_EQ(service_.stored().size(), 500u);
  EXPECT_EQ(sender_->resends(), 0);
}

TEST_F(WaveformSenderTest, SendsAgainWhatAnOverloadedServerRefused) {
  service_.overloaded = 30;
  ASSERT_TRUE(SendMany(100).ok());
  EXPECT_EQ(tally_.answered(), 100);
  EXPECT_EQ(tally_.failed(), 0);
  EXPECT_EQ(service_.stored().size(), 100u);
  EXPECT_GE(sender_->resends(), 30);
}

TEST_F(WaveformSenderTest, OpensABrokenStreamAnewAndLosesNothing) {
  service_.cut_after = 40;
  ASSERT_TRUE(SendMany(200).ok());
  EXPECT_EQ(tally_.answered(), 200);
  EXPECT_EQ(service_.stored().size(), 200u);
  EXPECT_EQ(sender_->reconnects(), 1);
  EXPECT_EQ(service_.streams, 2);
  // The record whose answer was lost is known to the server when it comes again.
  EXPECT_THAT(Summary(), HasSubstr("\"duplicate\": 1"));
}

TEST_F(WaveformSenderTest, DoesNotTryAgainWhatCannotGetBetter) {
  service_.cut_after = 5;
  service_.end_with = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "not like this");
  const absl::Status status = SendMany(200);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("not like this"));
  EXPECT_EQ(service_.streams, 1);
}

TEST_F(WaveformSenderTest, GivesUpOnAServerThatRefusesForEver) {
  service_.refuse_all = true;
  limits_.give_up_after_s = 0.5;
  const absl::Status status = SendMany(10);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("too much at once"));
}

TEST_F(WaveformSenderTest, SaysThatNobodyIsThere) {
  server_->Shutdown();
  server_.reset();
  const absl::Status status = SendMany(1);
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("is auscultd running?"));
}

}  // namespace
}  // namespace auscult::cli
