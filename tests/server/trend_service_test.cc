#include "server/trend_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/errors.h"
#include "server/trend_calls.h"
#include "server/trend_series.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kStartUs = 1'790'000'000'000'000;

// A point with two channels and `kRecords` hourly records: value k of record i is 1000 k + i, the
// health 100 - i.
class QueryTrend : public PlantServer {
 protected:
  static constexpr int kRecords = 24;

  void SetUp() override {
    CreateSite("a");
    CreateAsset("a", "pump");
    CreatePoint(
        "sites/a/assets/pump", "de",
        Parsed<v1::Point>("channels { id: 'H' quantity: QUANTITY_ACCELERATION unit: 'g' }"
                          "channels { id: 'V' quantity: QUANTITY_ACCELERATION unit: 'g' }"));
    for (const char* table : {"trend", "score", "event", "reading"}) {
      const db::Param values[] = {db::Text(table), db::TimeUs(kStartUs)};
      ASSERT_TRUE(connection_->Execute("SELECT make_partition($1, $2)", values).ok());
    }
    const db::Param values[] = {db::TimeUs(kStartUs), db::Int(kRecords)};
    for (const db::Sql sql :
         {db::Sql(
              "INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set,"
              " source, quality, content_hash, features)"
              " SELECT asset_id, point_id, $1::timestamptz + i * '1 hour'::interval, site_id, 3,"
              " 1, 0, '\\x00', (SELECT array_agg(1000 * k + i) FROM generate_series(0, 199) k)"
              " FROM point, generate_series(0, $2::int - 1) i"),
          db::Sql(
              "INSERT INTO score (asset_id, point_id, measured_at, site_id, model_version,"
              " condition, zone, verdict, health, confidence)"
              " SELECT asset_id, point_id, $1::timestamptz + i * '1 hour'::interval, site_id, 1,"
              " 1, 0, 0, 100 - i, 1 FROM point, generate_series(0, $2::int - 1) i"),
          db::Sql("INSERT INTO event SELECT asset_id, point_id, $1::timestamptz + i * '1"
                  " hour'::interval, site_id, i, i + 1, 1, 'change ' || i"
                  " FROM point, generate_series(0, least(3, $2::int)) i"),
          db::Sql(
              "INSERT INTO reading SELECT asset_id, 'temperature_c', $1::timestamptz + i * '1"
              " hour'::interval, site_id, 40 + i FROM point, generate_series(0, $2::int - 1) i"),
          db::Sql("INSERT INTO process_state (asset_id, site_id, last_measured_at)"
                  " SELECT asset_id, site_id, $1::timestamptz + ($2::int - 1) * '1"
                  " hour'::interval FROM asset"),
          db::Sql("UPDATE point_state SET record_count = $2::int,"
                  " last_measured_at = $1::timestamptz + ($2::int - 1) * '1 hour'::interval")}) {
      const absl::Status status = connection_->Execute(sql, values);
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  // All that was stored, unless `text` says otherwise.
  static v1::QueryTrendRequest Request(const std::string& text = "") {
    auto request = Parsed<v1::QueryTrendRequest>(text);
    if (request.name().empty()) request.set_name("sites/a/assets/pump/points/de");
    if (!request.has_start_time()) request.mutable_start_time()->set_seconds(kStartUs / 1'000'000);
    if (!request.has_end_time()) {
      request.mutable_end_time()->set_seconds((kStartUs + kRecords * kHourUs) / 1'000'000);
    }
    return request;
  }

  grpc::Status Query(const v1::QueryTrendRequest& request, v1::QueryTrendResponse& response) {
    grpc::ClientContext context;
    response.Clear();
    return trends_->QueryTrend(&context, request, &response);
  }
};

TEST_F(QueryTrend, ShowsHealthAndChangesByDefault) {
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request(), response).ok());
  ASSERT_EQ(response.series_size(), 1);
  const v1::Series& health = response.series(0);
  EXPECT_EQ(health.name(), "health");
  EXPECT_EQ(health.record_count(), kRecords);
  ASSERT_THAT(health.value(), SizeIs(kRecords));
  EXPECT_EQ(health.value(3), 97);
  EXPECT_EQ(health.time_us(3), kStartUs + 3 * kHourUs);
  EXPECT_TRUE(health.min().empty());
  ASSERT_EQ(response.changes_size(), 4);
  EXPECT_EQ(response.changes(0).summary(), "change 0") << "oldest first";
  EXPECT_EQ(response.changes(3).from(), v1::CONDITION_ALERT);
  EXPECT_EQ(response.changes(3).to(), v1::CONDITION_ALARM);
  EXPECT_EQ(response.changes(3).verdict(), v1::FAULT_INNER_RACE);
}

TEST_F(QueryTrend, ReadsAFeatureOfTheChannelThatIsNamed) {
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  const auto count = static_cast<int>(set.features.size());
  const int index = features::FeatureIndex(set, "kurtosis");
  ASSERT_GE(index, 0);
  v1::QueryTrendResponse response;
  const grpc::Status status =
      Query(Request("series: 'kurtosis' series: 'H/kurtosis' series: 'V/kurtosis'"
                    " series: 'velocity_rms_mm_s' series: 'severity' series: 'rms'"),
            response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.series_size(), 6);
  EXPECT_EQ(response.series(0).value(5), static_cast<float>(1000 * index + 5));
  EXPECT_EQ(response.series(1).value(5), response.series(0).value(5));
  ASSERT_LT(count + index, 200) << "the records of this test are too short";
  EXPECT_EQ(response.series(2).value(5), static_cast<float>(1000 * (count + index) + 5));
  EXPECT_EQ(response.series(2).name(), "V/kurtosis");
  EXPECT_EQ(response.series(3).unit(), "mm/s");
  EXPECT_TRUE(response.series(4).value().empty()) << "no severity was stored";
  EXPECT_EQ(response.series(5).unit(), "m/s2");
}

TEST_F(QueryTrend, DecimatesToTheLimitAndKeepsTheExtremes) {
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request("max_points: 5"), response).ok());
  const v1::Series& health = response.series(0);
  EXPECT_LE(health.value_size(), 5);
  EXPECT_GE(health.value_size(), 4);
  EXPECT_EQ(health.record_count(), kRecords);
  ASSERT_EQ(health.min_size(), health.value_size());
  EXPECT_EQ(*std::max_element(health.max().begin(), health.max().end()), 100);
  EXPECT_EQ(*std::min_element(health.min().begin(), health.min().end()), 100 - (kRecords - 1));
}

TEST_F(QueryTrend, TakesThePeriodFromStartUpToButNotAtEnd) {
  v1::QueryTrendRequest request = Request();
  request.mutable_start_time()->set_seconds((kStartUs + kHourUs) / 1'000'000);
  request.mutable_end_time()->set_seconds((kStartUs + 3 * kHourUs) / 1'000'000);
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(request, response).ok());
  EXPECT_THAT(response.series(0).value(), ElementsAre(99, 98));
  EXPECT_EQ(response.changes_size(), 2);
}

TEST_F(QueryTrend, ShowsTheReadingsOfAnAsset) {
  v1::QueryTrendResponse response;
  for (const char* series : {"", "series: 'temperature_c'"}) {
    const auto request = Request(std::string("name: 'sites/a/assets/pump' ") + series);
    ASSERT_TRUE(Query(request, response).ok());
    ASSERT_EQ(response.series_size(), 1);
    EXPECT_EQ(response.series(0).name(), "temperature_c");
    EXPECT_EQ(response.series(0).unit(), "°C");
    EXPECT_EQ(response.series(0).value(2), 42);
  }
}

TEST_F(QueryTrend, ShowsEveryPointOfASiteOrAnAssetPageByPage) {
  CreateAsset("a", "fan");
  const auto de = Parsed<v1::Point>("channels { id: 'H' quantity: QUANTITY_ACCELERATION }");
  CreatePoint("sites/a/assets/fan", "de", de);
  CreatePoint("sites/a/assets/pump", "nde", de);
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request("name: 'sites/a/assets/-/points/-'"), response).ok());
  ASSERT_EQ(response.series_size(), 3);
  EXPECT_EQ(response.series(0).source(), "sites/a/assets/fan/points/de");
  EXPECT_EQ(response.series(1).source(), "sites/a/assets/pump/points/de");
  EXPECT_EQ(response.series(1).record_count(), kRecords);
  EXPECT_EQ(response.changes(0).point(), "sites/a/assets/pump/points/de");
  EXPECT_TRUE(response.next_page_token().empty());

  auto request = Request("name: 'sites/a/assets/pump/points/-' page_size: 1");
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.series_size(), 1);
  EXPECT_EQ(response.series(0).source(), "sites/a/assets/pump/points/de");
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.series_size(), 1);
  EXPECT_EQ(response.series(0).source(), "sites/a/assets/pump/points/nde");
  EXPECT_TRUE(response.next_page_token().empty());
}

TEST_F(QueryTrend, ShowsThePointsThatAreNamed) {
  v1::QueryTrendResponse response;
  const auto request = Request(
      "name: 'sites/a' names: 'sites/a/assets/pump/points/de' names: 'sites/a/assets/pump'"
      " series: 'health' series: 'temperature_c'");
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.series_size(), 2);
  EXPECT_EQ(response.series(0).name(), "temperature_c");
  EXPECT_EQ(response.series(0).source(), "sites/a/assets/pump");
  EXPECT_EQ(response.series(1).name(), "health");
}

TEST_F(QueryTrend, ShowsEverySeriesWithAStar) {
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request("series: '*' max_points: 10"), response).ok());
  const size_t features = features::FindFeatureSet(features::kVibrationSet)->features.size();
  ASSERT_EQ(response.series_size(), static_cast<int>(2 + 2 * features));
  EXPECT_EQ(response.series(0).name(), "health");
  const v1::Series& first = response.series(2);
  EXPECT_TRUE(first.name().starts_with("H/"));
  EXPECT_EQ(first.record_count(), kRecords);
  v1::QueryTrendResponse one;
  auto request = Request("max_points: 10");
  request.add_series(first.name());
  ASSERT_TRUE(Query(request, one).ok());
  EXPECT_EQ(one.series(0).SerializeAsString(), first.SerializeAsString());
}

TEST_F(QueryTrend, SendsOctetsAndStatistics) {
  v1::QueryTrendResponse plain, octets;
  ASSERT_TRUE(Query(Request("max_points: 5 statistics: true"), plain).ok());
  ASSERT_TRUE(Query(Request("max_points: 5 format: NUMBER_FORMAT_OCTETS"), octets).ok());
  const v1::Series& shown = plain.series(0);
  const v1::Series& packed = octets.series(0);
  EXPECT_TRUE(packed.value().empty());
  EXPECT_EQ(packed.value_octets(),
            std::string(reinterpret_cast<const char*>(shown.value().data()),
                        sizeof(float) * static_cast<size_t>(shown.value_size())));
  EXPECT_EQ(packed.time_octets(),
            std::string(reinterpret_cast<const char*>(shown.time_us().data()),
                        sizeof(int64_t) * static_cast<size_t>(shown.time_us_size())));
  ASSERT_EQ(shown.count_size(), shown.value_size());
  int64_t count = 0;
  for (int i = 0; i < shown.count_size(); ++i) {
    count += shown.count(i);
    EXPECT_EQ(shown.last(i), shown.min(i)) << "health only falls";
  }
  EXPECT_EQ(count, kRecords);
}

TEST_F(QueryTrend, ShowsTheCasesThatWereOpenWithinThePeriod) {
  const auto open = [&](int kind, int64_t hour, int closed_hour) {
    const db::Param values[] = {
        db::Int(kind), db::TimeUs(kStartUs + hour * kHourUs),
        closed_hour == 0 ? db::Null() : db::TimeUs(kStartUs + closed_hour * kHourUs)};
    const absl::Status status = connection_->Execute(
        "INSERT INTO alarm (asset_id, site_id, kind, fault, condition, worst_condition, opened_at,"
        " updated_at, closed_at) SELECT asset_id, site_id, $1::smallint, 2, 3, 3,"
        " $2::timestamptz, $2::timestamptz, $3::timestamptz FROM asset",
        values);
    ASSERT_TRUE(status.ok()) << status;
  };
  open(1, -20, -10);  // over before
  open(1, -20, 3);
  open(2, 5, 0);
  open(3, 100, 0);  // opened after
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request("alarms: true"), response).ok());
  EXPECT_EQ(response.alarms_size(), 2);
  ASSERT_TRUE(Query(Request(), response).ok());
  EXPECT_EQ(response.alarms_size(), 0);
}

TEST_F(QueryTrend, ShowsWhatAReScoringFound) {
  ASSERT_TRUE(connection_
                  ->ExecuteScript(
                      "INSERT INTO rescore (operation_id, scope, start_time, end_time, plan,"
                      " classifier_version) VALUES (7, '', now(), now(), '{}', 0);"
                      "INSERT INTO score (asset_id, point_id, measured_at, site_id, model_version,"
                      " condition, zone, verdict, health, confidence, run) SELECT asset_id,"
                      " point_id, measured_at, site_id, 1, 1, 0, 0, 55, 1, 7 FROM score")
                  .ok());
  v1::QueryTrendResponse response;
  ASSERT_TRUE(Query(Request(), response).ok());
  EXPECT_EQ(response.series(0).value(3), 97);
  ASSERT_TRUE(Query(Request("rescore: 'rescores/7'"), response).ok());
  ASSERT_THAT(response.series(0).value(), SizeIs(kRecords));
  EXPECT_EQ(response.series(0).value(3), 55);
}

TEST_F(QueryTrend, RefusesWithTheFieldToBlame) {
  struct Case {
    const char* request;
    StatusCode code;
    const char* reason;
    const char* field;
  };
  std::string many;
  for (int i = 0; i < 65; ++i) many += "series: 'health' ";
  for (const auto& [text, code, reason, field] :
       {Case{"name: 'sites/a'", StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name"},
        Case{"name: 'sites/a/assets/pump/points/x'", StatusCode::NOT_FOUND, "UNKNOWN_POINT",
             "name"},
        Case{"name: 'sites/a/assets/x'", StatusCode::NOT_FOUND, "UNKNOWN_ASSET", "name"},
        Case{"series: 'health' series: 'curtosis'", StatusCode::INVALID_ARGUMENT, "UNKNOWN_SERIES",
             "series[1]"},
        Case{"series: 'X/kurtosis'", StatusCode::INVALID_ARGUMENT, "UNKNOWN_SERIES", "series[0]"},
        Case{"name: 'sites/a/assets/pump' series: 'health'", StatusCode::INVALID_ARGUMENT,
             "UNKNOWN_SERIES", "series[0]"},
        Case{"name: 'sites/a' names: 'sites/b/assets/pump'", StatusCode::INVALID_ARGUMENT,
             "OTHER_SITE", "names[0]"},
        Case{"name: 'sites/a' names: 'sites/a/assets/x/points/-'", StatusCode::NOT_FOUND,
             "UNKNOWN_ASSET", "names[0]"},
        Case{"name: 'sites/a' names: 'sites/a/assets/pump' names: 'sites/a/assets/pump/points/de'"
             " series: 'nothing'",
             StatusCode::INVALID_ARGUMENT, "UNKNOWN_SERIES", "series[0]"},
        Case{"rescore: '7'", StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "rescore"},
        Case{"rescore: 'rescores/7'", StatusCode::NOT_FOUND, "UNKNOWN_RESCORE", "rescore"},
        Case{"resolution: 9", StatusCode::INVALID_ARGUMENT, "UNKNOWN_RESOLUTION", "resolution"},
        Case{"decimation: 9", StatusCode::INVALID_ARGUMENT, "UNKNOWN_DECIMATION", "decimation"},
        Case{"page_size: -1", StatusCode::INVALID_ARGUMENT, "BAD_PAGE_SIZE", "page_size"},
        Case{"max_points: -1", StatusCode::INVALID_ARGUMENT, "BAD_MAX_POINTS", "max_points"},
        Case{"max_points: 100000 series: 'health' series: 'health' series: 'health' series: "
             "'health' series: 'health' series: 'health' series: 'health' series: 'health' "
             "series: 'health'",
             StatusCode::INVALID_ARGUMENT, "TOO_MANY_POINTS", "max_points"},
        Case{many.c_str(), StatusCode::INVALID_ARGUMENT, "TOO_MANY_SERIES", "series"},
        Case{"start_time { seconds: 5 } end_time { seconds: 5 }", StatusCode::INVALID_ARGUMENT,
             "EMPTY_PERIOD", "start_time"},
        Case{"start_time { nanos: -1 }", StatusCode::INVALID_ARGUMENT, "BAD_TIME", "start_time"},
        Case{"end_time { seconds: 253402300800 }", StatusCode::INVALID_ARGUMENT, "BAD_TIME",
             "end_time"}}) {
    SCOPED_TRACE(text);
    v1::QueryTrendResponse response;
    ExpectRefused(Query(Request(text), response), code, reason, field);
  }
}

TEST_F(QueryTrend, NamesWhatTheCallerMayHaveMeant) {
  v1::QueryTrendResponse response;
  EXPECT_THAT(RefusalOf(Query(Request("series: 'kurtosys'"), response)).remedy,
              HasSubstr("kurtosis"));
  EXPECT_THAT(RefusalOf(Query(Request("series: 'velocity'"), response)).remedy,
              HasSubstr("velocity_rms_mm_s"));
  EXPECT_THAT(
      RefusalOf(Query(Request("name: 'sites/a/assets/pump' series: 'temp'"), response)).remedy,
      HasSubstr("temperature_c"));
}

TEST_F(QueryTrend, OfAFreshPointIsEmpty) {
  CreatePoint("sites/a/assets/pump", "new");
  v1::QueryTrendResponse response;
  const auto request =
      Request("name: 'sites/a/assets/pump/points/new' series: 'health' series: 'kurtosis'");
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.series_size(), 2);
  EXPECT_TRUE(response.series(1).value().empty());
  EXPECT_EQ(response.changes_size(), 0);
}

TEST(PeriodOf, IsTheThirtyDaysBeforeTheEndUnlessSaid) {
  constexpr int64_t kThirtyDaysUs = 30 * 24 * kHourUs;
  v1::QueryTrendRequest request;
  const db::Period now = PeriodOf(request, kStartUs).value();
  EXPECT_EQ(now.end_us, kStartUs);
  EXPECT_EQ(now.start_us, kStartUs - kThirtyDaysUs);
  request.mutable_end_time()->set_seconds(kStartUs / 1'000'000 - 60);
  EXPECT_EQ(PeriodOf(request, kStartUs).value().start_us, kStartUs - 60'000'000 - kThirtyDaysUs);
  request.mutable_start_time()->set_seconds(kStartUs / 1'000'000 - 61);
  request.mutable_start_time()->set_nanos(1999);
  EXPECT_EQ(PeriodOf(request, kStartUs).value().start_us, kStartUs - 61'000'000 + 1);
}

TEST(ReadingUnit, IsWhatTheNameEndsIn) {
  for (const auto& [name, unit] : {std::pair("temperature_c", "°C"),
                                   {"load_percent", "%"},
                                   {"flow_m3_h", "m³/h"},
                                   {"velocity_mm_s", "mm/s"},
                                   {"pressure_mbar", "mbar"},
                                   {"power_kw", "kW"},
                                   {"level_mm", "mm"},
                                   {"count", ""},
                                   {"c", ""}}) {
    EXPECT_EQ(ReadingUnit(name), unit) << name;
  }
}

TEST(ClosestNames, AreThoseWithTheFewestChanges) {
  EXPECT_THAT(ClosestNames("peek", {"peak", "rms", "crest", "pee"}, 2), ElementsAre("peak", "pee"));
  EXPECT_THAT(ClosestNames("rms", {"speed", "velocity_rms_mm_s"}, 1),
              ElementsAre("velocity_rms_mm_s"));
  EXPECT_TRUE(ClosestNames("x", {}, 3).empty());
}

}  // namespace
}  // namespace auscult::server
