// Quotas as people set them, and what a sender does under one that it far exceeds.
#include <gmock/gmock.h>

#include <chrono>

#include "absl/time/clock.h"
#include "cli/ingest_tally.h"
#include "cli/server_channel.h"
#include "cli/waveform_sender.h"
#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class QuotaCommands : public ServedPlant {
 protected:
  QuotaCommands() {
    EXPECT_EQ(Run({"apply", "-f", folder_.Write("plant.yaml", kPlant)}).exit_code, 0);
  }
};

TEST_F(QuotaCommands, SetListAndDelete) {
  EXPECT_THAT(Run({"quotas", "list"}).out, HasSubstr("No quotas"));
  EXPECT_THAT(
      Run({"quotas", "set", "made", "--records-per-second", "50", "--stream-count", "3"}).out,
      AllOf(HasSubstr("sites/made"), HasSubstr("of 50"), HasSubstr("of 3")));
  const Json changed = RunJson({"quotas", "set", "sites/made", "--stream-count", "none", "--json"});
  EXPECT_EQ(changed["records_per_second"], 50);
  EXPECT_EQ(changed.value("stream_count", 0), 0);
  EXPECT_EQ(RunJson({"quotas", "list", "--json"})["quotas"].size(), 1u);
  EXPECT_EQ(Run({"quotas", "set", "made"}).exit_code, 2);
  EXPECT_EQ(Run({"quotas", "set", "made", "--stream-count", "many"}).exit_code, 2);
  EXPECT_THAT(Run({"quotas", "set", "keys/nobody", "--calls-per-second", "1"}).err,
              HasSubstr("UNKNOWN_KEY"));
  EXPECT_THAT(Run({"quotas", "delete", "made"}).out, HasSubstr("is gone"));
  EXPECT_THAT(Run({"quotas", "delete", "made"}).err, HasSubstr("NO_QUOTA"));
}

TEST_F(QuotaCommands, ASenderFarBeyondItsQuotaLosesNothing) {
  constexpr int kRecords = 160;
  ASSERT_EQ(Run({"quotas", "set", "made", "--records-per-second", "20"}).exit_code, 0);
  ServerOptions server;
  server.address = server_->address();
  IngestTally tally;
  WaveformSender sender(OpenChannel(server), server, {},
                        [&tally](uint64_t, const std::string& point,
                                 const v1::IngestResult& result) { tally.Add(point, result); });
  const auto begin = std::chrono::steady_clock::now();
  const int64_t now_s = absl::ToUnixSeconds(absl::Now());
  for (int i = 0; i < kRecords; ++i) {
    v1::Waveform waveform;
    waveform.set_point("sites/made/assets/pump/points/de");
    waveform.mutable_measured_at()->set_seconds(now_s - kRecords + i);
    waveform.set_sample_rate_hz(12800);
    v1::EncodedSamples& encoded = *waveform.add_channels()->mutable_encoded();
    encoded.set_encoding(v1::SAMPLE_ENCODING_FLOAT32_LE);
    std::vector<float> samples(1024);
    for (size_t s = 0; s < samples.size(); ++s) samples[s] = static_cast<float>((s * 7 + i) % 13);
    encoded.set_octets(
        std::string(reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(float)));
    ASSERT_TRUE(sender.Send(std::move(waveform)).ok());
  }
  const absl::Status finished = sender.Finish();
  ASSERT_TRUE(finished.ok()) << finished;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(tally.answered(), kRecords);
  EXPECT_EQ(tally.failed(), 0);
  EXPECT_GT(sender.resends(), 0);
  EXPECT_GT(took.count(), (kRecords - 40) / 20.0 - 0.5) << "the quota holds";
  const Json quota = RunJson({"quotas", "list", "--json"})["quotas"][0];
  EXPECT_GT(std::stoll(quota["use"]["refused_count"].get<std::string>()), 0);
}

}  // namespace
}  // namespace auscult::cli
