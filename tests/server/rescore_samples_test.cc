// History judged again from the samples that were kept.
#include <gtest/gtest.h>

#include "db/stale_store.h"
#include "server/record_extraction.h"
#include "tests/server/rescore_server.h"
#include "tests/server/waveforms.h"

namespace auscult::server {
namespace {

constexpr int kRecords = 20;

class RescoreFromSamples : public RescoreServer {
 protected:
  // Every other record keeps its samples.
  RescoreFromSamples() : RescoreServer(1) {
    EXPECT_TRUE(plant_.connection()
                    .Execute("UPDATE point SET definition = '{\"channels\":[{\"quantity\":"
                             "\"QUANTITY_ACCELERATION\",\"unit\":\"m/s2\"}],\"keepRawEvery\":2}'")
                    .ok());
    const auto entry = directory_.Find(PointName(0));
    EXPECT_TRUE(entry.ok()) << entry.status();
    RecordExtraction extraction;
    std::vector<db::Record> records;
    for (int n = 0; n < kRecords; ++n) {
      const int64_t at_us = db::PlantOfPoints::kStartUs + n * db::PlantOfPoints::kHourUs;
      v1::Waveform waveform = TestWaveform(PointName(0), at_us, 8192, n);
      auto record = extraction.Extract(waveform, **entry, at_us);
      EXPECT_TRUE(record.ok()) << record.status();
      records.push_back(*std::move(record));
    }
    Store(records);
    kept_ = plant_.Count("SELECT count(*) FROM waveform");
  }

  v1::Rescore DoneFrom(v1::RescorePlan::Source source) {
    v1::StartRescoreRequest request = Everything();
    request.mutable_plan()->set_source(source);
    return Done(request);
  }
  int64_t Differing() {
    return plant_.Count(
        "SELECT count(*) FROM extraction e JOIN trend USING (point_id, measured_at)"
        " WHERE e.features <> trend.features OR e.quality <> trend.quality");
  }

  int64_t kept_ = 0;
};

TEST_F(RescoreFromSamples, LeavesOutRecordsWithoutThem) {
  ASSERT_GE(kept_, kRecords / 2);
  ASSERT_LT(kept_, kRecords);
  jobs_.Start(1);
  const v1::Rescore rescore = DoneFrom(v1::RescorePlan::SOURCE_SAMPLES);
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE) << rescore.problem();
  EXPECT_EQ(rescore.progress().records_done(), kept_);
  EXPECT_EQ(rescore.records_left_out(), kRecords - kept_);
  EXPECT_EQ(rescore.progress().progress(), 1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM extraction"), kept_);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run > 0"), kept_);
  // Nothing has changed since.
  EXPECT_EQ(Differing(), 0);
}

TEST_F(RescoreFromSamples, ReadsThemWhereTheMachineHasChangedAndTheyAreKept) {
  jobs_.Start(1);
  EXPECT_EQ(DoneFrom(v1::RescorePlan::SOURCE_UNSPECIFIED).progress().records_done(), kRecords);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM extraction"), 0);
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE asset SET machine = '{\"bearings\":[{\"position\":\"drive end\","
                           "\"orders\":{\"bpfo\":3.58,\"bpfi\":5.42,\"bsf\":2.36,\"ftf\":0.4}}]}'")
                  .ok());
  const db::StaleChange change{.point = {plant_.point(0).asset_id, plant_.point(0).point_id},
                               .before = "none",
                               .now = "drive end"};
  ASSERT_TRUE(db::MarkStale(plant_.connection(), db::StaleReason::kMachine, std::span(&change, 1),
                            "bearing")
                  .ok());
  directory_.Invalidate();
  const v1::Rescore rescore = DoneFrom(v1::RescorePlan::SOURCE_UNSPECIFIED);
  EXPECT_EQ(rescore.progress().records_done(), kRecords);
  EXPECT_EQ(rescore.records_left_out(), 0);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM extraction"), kept_);
  EXPECT_EQ(Differing(), kept_);
}

}  // namespace
}  // namespace auscult::server
