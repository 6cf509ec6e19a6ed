// Which partitions the questions of a dashboard read: those of their period alone, and none of them
// from end to end. Read from what PostgreSQL logs of the plans that ran (auto_explain), so that
// every query of a call is seen.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "db/rollup.h"
#include "tests/server/stored_samples.h"

namespace auscult::server {
namespace {

using Trends = v1::TrendService::Stub;

constexpr int kRecords = 6;
constexpr int64_t kStepUs = int64_t{30} * 86400 * 1'000'000;
// From the second to the fourth record: 2026-10-21 to 2026-12-20.
constexpr int64_t kFirstUs = kStartUs + kStepUs, kEndUs = kStartUs + 3 * kStepUs;

class QueryPlans : public StoredSamples {
 protected:
  void SetUp() override {
    StoredSamples::SetUp();
    for (int i = 0; i < kRecords; ++i) {
      ASSERT_EQ(Store(Sent(kStartUs + i * kStepUs, Sine(120, 1))), db::Outcome::Kind::kAccepted);
    }
    const auto keys = db::ListPointsToRoll(*connection_, 10);
    ASSERT_TRUE(keys.ok()) << keys.status();
    db::RollupPartitions partitions;
    for (const db::PointKey& key : *keys) {
      for (auto more = db::RollPortion(*connection_, partitions, key); more.value_or(false);) {
        more = db::RollPortion(*connection_, partitions, key);
      }
    }
    // Tables as small as these would be read from end to end whatever the query.
    for (const db::Sql sql :
         {db::Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_preload_libraries"
                  " = auto_explain', current_database()); END $$"),
          db::Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET auto_explain.log_min_duration"
                  " = 0', current_database()); END $$"),
          db::Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET auto_explain.log_analyze"
                  " = on', current_database()); END $$"),
          db::Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
                  " auto_explain.log_nested_statements = on', current_database()); END $$"),
          db::Sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan"
                  " = off', current_database()); END $$"),
          db::Sql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                  " WHERE datname = current_database() AND pid <> pg_backend_pid()")}) {
      const absl::Status status = connection_->Execute(sql);
      ASSERT_TRUE(status.ok()) << status;
    }
    const auto rows = connection_->Query(
        "SELECT child::text, unix_us(first), unix_us(until) FROM unnest(ARRAY['trend', 'score',"
        " 'event', 'waveform', 'rollup_hour', 'rollup_day']) AS parent, partitions_of(parent)");
    ASSERT_TRUE(rows.ok()) << rows.status();
    for (int i = 0; i < rows->count(); ++i) {
      partitions_[std::string(rows->Text(i, 0))] = {rows->Int(i, 1), rows->Int(i, 2)};
    }
  }

  static std::string Log() {
    std::ifstream file(support::PostgresCluster::Shared().socket_dir() + "/log");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // The scans of partitions that ran within `log`: table and kind of scan.
  std::multimap<std::string, std::string> Scans(const std::string& log) const {
    static const std::regex scan(
        R"((\w[\w ]*Scan)(?: Backward)?(?: using \w+)? on (\w+)[^\n]*\(actual )");
    std::multimap<std::string, std::string> scans;
    for (auto it = std::sregex_iterator(log.begin(), log.end(), scan); it != std::sregex_iterator();
         ++it) {
      if (partitions_.count((*it)[2]) > 0) scans.emplace((*it)[2], (*it)[1]);
    }
    return scans;
  }

  // That the call read partitions of `tables`, of its period alone and by their keys.
  template <typename Call>
  void ExpectOfPeriodAlone(const std::set<std::string>& tables, const Call& call) {
    const size_t before = Log().size();
    call();
    std::set<std::string> seen;
    for (const auto& [partition, kind] : Scans(Log().substr(before))) {
      EXPECT_NE(kind, "Seq Scan") << partition;
      const auto [first, until] = partitions_.at(partition);
      EXPECT_LT(first, kEndUs) << partition;
      EXPECT_GT(until, kFirstUs) << partition;
      seen.insert(partition.substr(0, partition.find("_2")));
    }
    for (const std::string& table : tables) {
      EXPECT_EQ(seen.count(table), 1u) << table << " was not read";
    }
  }

  static std::string Period() {
    return "start_time { seconds: " + std::to_string(kFirstUs / 1'000'000) +
           " } end_time { seconds: " + std::to_string(kEndUs / 1'000'000) + " } ";
  }

  std::map<std::string, std::pair<int64_t, int64_t>> partitions_;
};

TEST_F(QueryPlans, OfTrendsReadTheirPeriodAlone) {
  const std::map<std::string, std::set<std::string>> resolutions = {
      {"RESOLUTION_RECORDS", {"trend", "score"}},
      {"RESOLUTION_HOURS", {"rollup_hour"}},
      {"RESOLUTION_DAYS", {"rollup_day"}}};
  for (const auto& [resolution, tables] : resolutions) {
    SCOPED_TRACE(resolution);
    ExpectOfPeriodAlone(tables, [&, &resolution = resolution] {
      v1::QueryTrendResponse response;
      const grpc::Status status = Ask(&Trends::QueryTrend,
                                      "name: '" + std::string(kPoint) +
                                          "' series: 'health' series: 'kurtosis' alarms: true"
                                          " resolution: " +
                                          resolution + " " + Period(),
                                      response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(response.series(1).record_count(), 2) << "of kurtosis";
    });
  }
}

TEST_F(QueryPlans, OfStoredRecordsReadTheirPeriodAlone) {
  ExpectOfPeriodAlone({"waveform"}, [&] {
    v1::ListWaveformsResponse list;
    ASSERT_TRUE(
        Ask(&Trends::ListWaveforms, "parent: '" + std::string(kPoint) + "' " + Period(), list)
            .ok());
    EXPECT_EQ(list.waveforms_size(), 2);
  });
  ExpectOfPeriodAlone({"waveform"}, [&] {
    v1::Waterfall waterfall;
    ASSERT_TRUE(Ask(&Trends::GetWaterfall, OfPoint(Period()), waterfall).ok());
    EXPECT_EQ(waterfall.time_us_size(), 2);
  });
  const std::string at =
      "measured_at { seconds: " + std::to_string((kStartUs + kStepUs) / 1'000'000) + " }";
  ExpectOfPeriodAlone({"waveform"}, [&] {
    v1::Spectrum spectrum;
    ASSERT_TRUE(Ask(&Trends::GetSpectrum, OfPoint(at), spectrum).ok());
    ASSERT_TRUE(Ask(&Trends::GetEnvelopeSpectrum, OfPoint(at), spectrum).ok());
    v1::GetWaveformResponse waveform;
    ASSERT_TRUE(Ask(&Trends::GetWaveform, OfPoint(at), waveform).ok());
  });
  ExpectOfPeriodAlone({"trend", "score", "waveform"}, [&] {
    grpc::ClientContext context;
    const auto reader = trends_->ExportRecords(
        &context, Parsed<v1::ExportRecordsRequest>(OfPoint("samples: true " + Period())));
    int records = 0;
    for (v1::ExportRecordsResponse part; reader->Read(&part);) records += part.records_size();
    ASSERT_TRUE(reader->Finish().ok());
    EXPECT_EQ(records, 2);
  });
}

}  // namespace
}  // namespace auscult::server
