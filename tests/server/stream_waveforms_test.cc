#include "server/stream_waveforms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/server/ingest_fixture.h"

namespace auscult::server {
namespace {

using Outcome = v1::IngestResult;

constexpr int64_t kSecondUs = 1'000'000;

// Times that never repeat within a test program and lie in the past.
int64_t NextTimeUs() {
  static std::atomic<int64_t> next{NowUs() - 3600 * kSecondUs};
  return next += 1000;
}

// Small and quick to score.
v1::Waveform SmallWaveform(int point) { return TestWaveform(TestPoint(point), NextTimeUs(), 256); }

TEST(StreamWaveforms, AcknowledgesEveryMessageOnceAndOnlyWhenItIsStored) {
  IngestServer server;
  Sender sender(server);
  std::map<uint64_t, int64_t> times;
  for (uint64_t sequence = 100; sequence < 130; ++sequence) {
    times[sequence] = NextTimeUs();
    ASSERT_TRUE(sender.Send(
        sequence, TestWaveform(TestPoint(static_cast<int>(sequence % 3)), times[sequence])));
  }
  sender.CloseHalf();
  while (const auto ack = sender.ReadAck()) {
    SCOPED_TRACE(ack->DebugString());
    EXPECT_EQ(ack->result().outcome(), Outcome::OUTCOME_ACCEPTED);
    EXPECT_EQ(ack->result().health().condition(), v1::CONDITION_LEARNING);
    ASSERT_EQ(times.count(ack->sequence()), 1u) << "of no message, or twice";
    EXPECT_TRUE(server.IsStored(times[ack->sequence()]));
    times.erase(ack->sequence());
  }
  EXPECT_TRUE(sender.Finish().ok());
  EXPECT_TRUE(times.empty());
  EXPECT_EQ(server.StoredRecords(), 30);
}

TEST(StreamWaveforms, KeepsTheOrderOfAPointSoThatNothingIsLate) {
  Config config;
  config.workers = 4;
  IngestServer server(config);
  Sender sender(server);
  for (int i = 0; i < 120; ++i) {
    // Long and short ones, so that workers overtake each other.
    ASSERT_TRUE(sender.Send(i, TestWaveform(TestPoint(0), NextTimeUs(), i % 2 ? 256 : 8192)));
  }
  sender.CloseHalf();
  uint64_t expected = 0;
  for (const auto& ack : sender.ReadAllAcks()) {
    EXPECT_EQ(ack.sequence(), expected++);
    for (const std::string& flag : ack.result().quality()) EXPECT_NE(flag, "late");
  }
  EXPECT_EQ(expected, 120u);
}

struct BadInput {
  const char* reason;
  int code;
  std::function<void(v1::Waveform&)> spoil;
};

void SetSamples(v1::Waveform& waveform, const std::vector<float>& samples) {
  waveform.mutable_channels(0)->mutable_encoded()->set_octets(Octets(samples));
}

void SetSample(v1::Waveform& waveform, float value) {
  std::vector<float> samples = SineSamples(256);
  samples[77] = value;
  SetSamples(waveform, samples);
}

const BadInput kBadInputs[] = {
    {"NOT_FINITE", 3,
     [](v1::Waveform& w) { SetSample(w, std::numeric_limits<float>::quiet_NaN()); }},
    {"NOT_FINITE", 3,
     [](v1::Waveform& w) { SetSample(w, -std::numeric_limits<float>::infinity()); }},
    {"NO_SAMPLES", 3, [](v1::Waveform& w) { SetSamples(w, {}); }},
    {"TOO_FEW_SAMPLES", 3, [](v1::Waveform& w) { SetSamples(w, {1.0f}); }},
    {"RATE_MISMATCH", 3, [](v1::Waveform& w) { w.set_sample_rate_hz(12000); }},
    {"UNIT_MISMATCH", 3, [](v1::Waveform& w) { w.mutable_channels(0)->set_unit("V"); }},
    {"UNKNOWN_UNIT", 3, [](v1::Waveform& w) { w.mutable_channels(0)->set_unit("bananas"); }},
    {"UNKNOWN_POINT", 5, [](v1::Waveform& w) { w.set_point(TestPoint(99)); }},
    {"MALFORMED_NAME", 3, [](v1::Waveform& w) { w.set_point("'; DROP TABLE trend; --"); }},
    {"MALFORMED_NAME", 3, [](v1::Waveform& w) { w.clear_point(); }},
    {"FUTURE_TIME", 3,
     [](v1::Waveform& w) {
       SetTimeUs(w.mutable_measured_at(), NowUs() + int64_t{400 * 86400} * kSecondUs);
     }},
    {"MISSING_TIME", 3, [](v1::Waveform& w) { w.clear_measured_at(); }},
};

TEST(StreamWaveforms, RejectsBadRecordsWithAReasonAndTakesTheirNeighbours) {
  IngestServer server;
  Sender sender(server);
  constexpr int kBadCount = std::size(kBadInputs);
  for (int i = 0; i < kBadCount; ++i) {
    ASSERT_TRUE(sender.Send(2 * i, SmallWaveform(0)));
    v1::Waveform bad = SmallWaveform(0);
    kBadInputs[i].spoil(bad);
    ASSERT_TRUE(sender.Send(2 * i + 1, std::move(bad)));
  }
  sender.CloseHalf();
  const auto acks = sender.ReadAllAcks();
  EXPECT_TRUE(sender.Finish().ok());
  EXPECT_EQ(acks.size(), 2u * kBadCount);
  for (const auto& ack : acks) {
    SCOPED_TRACE(ack.DebugString());
    if (ack.sequence() % 2 == 0) {
      EXPECT_EQ(ack.result().outcome(), Outcome::OUTCOME_ACCEPTED);
      continue;
    }
    const BadInput& bad = kBadInputs[ack.sequence() / 2];
    const v1::Rejection& rejection = ack.result().rejection();
    EXPECT_EQ(ack.result().outcome(), Outcome::OUTCOME_REJECTED);
    EXPECT_EQ(rejection.reason(), bad.reason);
    EXPECT_EQ(rejection.code(), bad.code);
    EXPECT_FALSE(rejection.message().empty());
    EXPECT_FALSE(rejection.remedy().empty());
  }
  EXPECT_EQ(server.StoredRecords(), kBadCount);
}

TEST(StreamWaveforms, AMessageWithoutAWaveformIsRejectedToo) {
  IngestServer server;
  Sender sender(server);
  const auto stub = server.NewStub();
  grpc::ClientContext context;
  const auto stream = stub->StreamWaveforms(&context);
  v1::StreamWaveformsRequest request;
  request.set_sequence(7);
  ASSERT_TRUE(stream->Write(request));
  v1::StreamWaveformsResponse ack;
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 7u);
  EXPECT_EQ(ack.result().rejection().reason(), "MISSING_WAVEFORM");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(StreamWaveforms, StoresAndFlagsWhatMustNotBeJudged) {
  IngestServer server;
  Sender sender(server);
  v1::Waveform constant = SmallWaveform(0), clipped = SmallWaveform(1);
  SetSamples(constant, std::vector<float>(256, 0.5f));
  std::vector<float> samples = SineSamples(256);
  for (float& sample : samples) sample = std::clamp(sample, -0.3f, 0.3f);
  SetSamples(clipped, samples);
  ASSERT_TRUE(sender.Send(0, constant));
  ASSERT_TRUE(sender.Send(1, clipped));
  sender.CloseHalf();
  for (const auto& ack : sender.ReadAllAcks()) {
    SCOPED_TRACE(ack.DebugString());
    EXPECT_EQ(ack.result().outcome(), Outcome::OUTCOME_ACCEPTED);
    EXPECT_EQ(ack.result().health().condition(), v1::CONDITION_UNSCORABLE);
    const auto& quality = ack.result().quality();
    EXPECT_NE(std::find(quality.begin(), quality.end(), ack.sequence() ? "clipped" : "constant"),
              quality.end());
  }
  EXPECT_EQ(server.StoredRecords(), 2);
}

TEST(StreamWaveforms, TheSameAgainIsADuplicateAndOtherContentIsRefused) {
  IngestServer server;
  const v1::Waveform record = SmallWaveform(0);
  v1::Waveform other = record;
  other.mutable_conditions()->set_speed_rpm(2960);
  Sender sender(server);
  const auto send_and_read = [&sender](const v1::Waveform& waveform) {
    EXPECT_TRUE(sender.Send(1, waveform));
    return sender.ReadAck().value().result();
  };
  EXPECT_EQ(send_and_read(record).outcome(), Outcome::OUTCOME_ACCEPTED);
  EXPECT_EQ(send_and_read(record).outcome(), Outcome::OUTCOME_DUPLICATE);
  const v1::IngestResult refused = send_and_read(other);
  EXPECT_EQ(refused.outcome(), Outcome::OUTCOME_REJECTED);
  EXPECT_EQ(refused.rejection().code(), static_cast<int>(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(refused.rejection().reason(), "OTHER_CONTENT");
  EXPECT_EQ(send_and_read(record).outcome(), Outcome::OUTCOME_DUPLICATE);
  EXPECT_EQ(server.StoredRecords(), 1);
  // All in one batch.
  const v1::Waveform fresh = SmallWaveform(1);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sender.Send(i, fresh));
  std::multiset<int> outcomes;
  for (int i = 0; i < 4; ++i) outcomes.insert(sender.ReadAck().value().result().outcome());
  EXPECT_EQ(outcomes, (std::multiset<int>{Outcome::OUTCOME_ACCEPTED, Outcome::OUTCOME_DUPLICATE,
                                          Outcome::OUTCOME_DUPLICATE, Outcome::OUTCOME_DUPLICATE}));
  EXPECT_EQ(server.StoredRecords(), 2);
}

TEST(StreamWaveforms, AMessageBeyondTheLimitEndsItsOwnStreamOnly) {
  IngestServer server;
  Sender neighbour(server), sender(server);
  ASSERT_TRUE(neighbour.Send(1, SmallWaveform(0)));
  ASSERT_TRUE(neighbour.ReadAck());
  v1::Waveform huge = SmallWaveform(1);
  huge.mutable_channels(0)->mutable_encoded()->set_octets(std::string(100 << 20, '\0'));
  sender.Send(1, std::move(huge));
  EXPECT_FALSE(sender.ReadAck());
  EXPECT_EQ(sender.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  ASSERT_TRUE(neighbour.Send(2, SmallWaveform(0)));
  EXPECT_EQ(neighbour.ReadAck().value().result().outcome(), Outcome::OUTCOME_ACCEPTED);
}

}  // namespace
}  // namespace auscult::server
